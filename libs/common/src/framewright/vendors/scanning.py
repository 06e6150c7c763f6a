"""How a server is made to look at what changed, and how one sees that it did: the words that all vendors share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from framewright.contracts.publish import ChangedPath

ABOVE = 1
"""The level at which the folder above is looked at."""

ROOT = 2
"""The level at which a whole library is looked at, and the last one."""


@dataclass(frozen=True, slots=True)
class ScanWish:
    """What a server shall look at, in its own spelling; no `library_ids` means every library that holds a path.

    `folders` names for each path the folder that stands for it: the nearest one that exists. `level` is the step of the ladder.
    """

    changed: tuple[ChangedPath, ...]
    library_ids: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict[str, str])
    level: int = 0


@dataclass(frozen=True, slots=True)
class ScanStep:
    """One call to make: scan a folder, report files, or refresh an item.

    `updates` are paths, each with the server's word for what happened to it. `path` is the file of the item to refresh. `is_root` marks a step that has a whole
    library looked at: such steps are rare by rule.
    """

    library_id: str = ""
    folder: str = ""
    updates: tuple[tuple[str, str], ...] = ()
    item_id: str = ""
    is_root: bool = False
    path: str = ""


class Scanner(Protocol):
    """One server as it is made to look; calls raise `Retry` and `Reject` as the exchange does."""

    @property
    def first_look(self) -> float:
        """Seconds after the telling before which it is useless to ask whether a file is known."""
        ...

    @property
    def one_by_one(self) -> bool:
        """Whether a library must be idle before it is told the next thing."""
        ...

    async def steps(self, wish: ScanWish) -> tuple[ScanStep, ...]:
        """What the server is to be told; nothing is told yet."""
        ...

    async def is_busy(self, library_id: str) -> bool:
        """Whether the server is looking at this library now."""
        ...

    async def tell(self, step: ScanStep) -> str:
        """Make the call; in words, without secrets. An answer only means that it was heard."""
        ...

    async def knows(self, path: str, library_ids: tuple[str, ...]) -> bool:
        """Whether the server lists a file of this path."""
        ...

    async def empty_trash(self, library_id: str) -> str:
        """Have the server forget what is gone from a library, where that is safe; in words what was done, or why not."""
        ...
