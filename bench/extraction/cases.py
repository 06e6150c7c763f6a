"""Which film is measured at which interval, in the small set and in the full one. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """Who makes the pictures; a number is that of decoder threads."""

    TOOL = "tool"
    BARE = "bare"
    FAST = "fast x1"
    FAST2 = "fast x2"
    WINDOW = "window x1"
    WINDOW2 = "window x2"
    BOUND = "bound"

    @property
    def ours(self) -> bool:
        """Whether this project answers for it."""
        return self in OURS


OURS = frozenset({Method.FAST, Method.FAST2, Method.WINDOW, Method.WINDOW2})
ALL = tuple(Method)
KEYS_ONLY = (Method.TOOL, Method.BARE, Method.FAST, Method.WINDOW, Method.WINDOW2, Method.BOUND)
"""Where every slot has its own keyframe, fast and window fetch the same pictures: fast with two threads is left out."""


@dataclass(frozen=True, slots=True)
class Case:
    """One film at one interval in seconds; the original is repeated `loops` times, `suffix` changes the container."""

    name: str
    recipe: str
    interval: int
    loops: int = 1
    suffix: str = ""
    methods: tuple[Method, ...] = KEYS_ONLY


SMALL = (
    Case("gop1-n10", "h264-1s", 10, loops=5),
    Case("gop2-n5", "h264-2s", 5, loops=3),
    Case("keyint250-n10", "h264-250", 10, loops=4),
    Case("keyint250-n10-mp4", "h264-250", 10, loops=2, suffix=".mp4"),
    Case("keyint250-n5", "h264-250", 5, methods=ALL),
    Case("hdr10-2160p-n10", "hevc-2160p-hdr10", 10, loops=3),
    Case("mpeg2-ts-n5", "mpeg2-1080i", 5, loops=5),
)
"""About five minutes on two idle cores once the films are made."""

FULL = (
    Case("gop1-n10", "h264-1s", 10, loops=10, methods=ALL),
    Case("gop2-n5", "h264-2s", 5, loops=20, methods=ALL),
    Case("keyint250-n10", "h264-250", 10, loops=10, methods=ALL),
    Case("keyint250-n10-mp4", "h264-250", 10, loops=10, suffix=".mp4", methods=ALL),
    Case("keyint250-n5", "h264-250", 5, methods=ALL),
    Case("keyint250-n10-2h", "h264-250", 10, loops=60),
    Case("gop20-n5", "h264-20s", 5, methods=ALL),
    Case("hdr10-2160p-n10", "hevc-2160p-hdr10", 10, loops=10),
    Case("hlg-1080p-n10", "hevc-1080p-hlg", 10, loops=15),
    Case("mpeg2-ts-n5", "mpeg2-1080i", 5, loops=15, methods=ALL),
    Case("av1-n10", "av1-10s", 10, loops=10, methods=ALL),
    Case("vp9-n10", "vp9-10s", 10, loops=2, methods=ALL),
    Case("xvid-n10", "xvid", 10, loops=10, methods=ALL),
)
"""The long set: longer films, every codec; an hour or so."""
