"""What is written for an output. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image

from framewright.domain.frames import Rendition
from framewright.domain.publishing import Located, Output, OutputKind, Written
from framewright.formats.bif import write_bif
from framewright.formats.framepack import PackManifest, slot_frames
from framewright.formats.trickplay import write_sheets
from framewright.formats.webvtt import SheetLayout, write_vtt

VTT_NAME = "thumbnails.vtt"

NARROWED_QUALITY = 90
"""Pillow's quality for a thumbnail that is made narrower than the frames are."""


@dataclass(frozen=True, slots=True)
class Film:
    """A whole frame pack in memory: its table of contents and its pictures, in the order of time."""

    manifest: PackManifest
    pictures: tuple[bytes, ...]

    def slots(self, interval_ms: int) -> list[bytes]:
        """The picture of every slot."""
        return [self.pictures[index] for index in slot_frames(self.manifest, interval_ms)]


def paths(located: Located) -> tuple[str, ...]:
    """Where the outputs lie."""
    return tuple(output.path for output in located.outputs)


def at(output: Output, path: str) -> Output:
    """The same output in another place."""
    return replace(output, path=path)


def source(output: Output, renditions: Sequence[Rendition]) -> Rendition:
    """The rendition whose frames an output is made of: the narrowest that is not narrower, where a film limits its tiles."""
    wide = [one for one in renditions if one.width >= output.rendition.width]
    return min(wide, default=max(renditions))


def by_source(wanted: Iterable[Output], renditions: Sequence[Rendition]) -> dict[Rendition, tuple[Output, ...]]:
    """The outputs by the rendition whose frames they are made of."""
    found: dict[Rendition, tuple[Output, ...]] = {}
    for output in wanted:
        rendition = source(output, renditions)
        found[rendition] = (*found.get(rendition, ()), output)
    return found


def can_move(old: Sequence[str], located: Located) -> bool:
    """Whether outputs of the same fingerprint at these places are what is wanted now but for their place.

    A folder of tiles says its width and layout in its name, and the fingerprint does not.
    """
    wanted = paths(located)
    return len(old) == len(wanted) and all(_same_form(one, other) for one, other in zip(old, wanted, strict=True))


def _same_form(one: str, other: str) -> bool:
    before, after = one.rpartition("/")[2], other.rpartition("/")[2]
    ending = after.rpartition(".")[2] if "." in after else after
    return before == after or (ending != after and before.endswith(f".{ending}"))


def contents(film: Film, output: Output) -> Written:
    """What lies in an output once it is written."""
    interval = output.rendition.interval_ms
    thumbnails = len(slot_frames(film.manifest, interval))
    sheets = 0 if output.kind is OutputKind.BIF else -(-thumbnails // (output.tile_width * output.tile_height))
    return Written(interval, output.rendition.width, thumbnails, sheets)


def bif_chunks(film: Film, output: Output) -> Iterator[bytes]:
    """The BIF file, piece by piece."""
    return write_bif(film.slots(output.rendition.interval_ms), output.rendition.interval_ms)


def folder_files(film: Film, output: Output) -> Iterator[tuple[str, bytes]]:
    """The files of a folder output, one sheet in memory at a time; nothing but numbered sheets in a trickplay folder."""
    interval = output.rendition.interval_ms
    frames = film.slots(interval)
    if output.kind is OutputKind.TRICKPLAY:
        yield from _trickplay(_fitted(frames, film.manifest.width, output.rendition.width), output)
        return
    manifest = film.manifest
    layout = SheetLayout(output.tile_width, output.tile_height, manifest.width, manifest.height)
    for number, sheet in enumerate(write_sheets(frames, output.tile_width, output.tile_height)):
        yield layout.sheet_name(number), sheet
    yield VTT_NAME, write_vtt(len(frames), interval, manifest.duration_ms, layout).encode()


def _trickplay(frames: list[bytes], output: Output) -> Iterator[tuple[str, bytes]]:
    for number, sheet in enumerate(write_sheets(frames, output.tile_width, output.tile_height)):
        yield f"{number}.jpg", sheet


def _fitted(frames: list[bytes], width: int, wanted: int) -> list[bytes]:
    """The frames for cells that are no wider than the folder says: the first one sets the size of every cell.

    Frames are as wide as the configuration says, also of a film that is narrower; Jellyfin's tiles are not.
    """
    return frames if width <= wanted else [_narrowed(frames[0], wanted), *frames[1:]]


def _narrowed(jpeg: bytes, width: int) -> bytes:
    with Image.open(BytesIO(jpeg)) as image:
        height = max(2, round(image.height * width / image.width / 2) * 2)
        target = BytesIO()
        image.resize((width, height), Image.Resampling.LANCZOS).save(target, "JPEG", quality=NARROWED_QUALITY)
    return target.getvalue()
