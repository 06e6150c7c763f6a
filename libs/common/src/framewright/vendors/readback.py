"""What was written, read from disk again, to be compared with what a server shows of it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from framewright.domain.errors import Reject, Retry
from framewright.formats.bif import Bif, read_bif


async def our_bif(path: str) -> Bif:
    """The BIF file that was written.

    Raises:
        Retry: it is gone, out of reach or damaged (OUTPUT_UNREADABLE).
    """
    try:
        return read_bif(await asyncio.to_thread(Path(path).read_bytes))
    except (OSError, Reject) as error:
        raise _unreadable(path, error) from error


async def our_sheets(folder: str) -> int:
    """How many numbered sheets lie in a width folder."""
    return await asyncio.to_thread(_sheets, Path(folder))


async def has_width(folder: str) -> bool:
    """Whether sheets of the width that the folder's name begins with lie there, in whatever layout."""
    return await asyncio.to_thread(_has_width, Path(folder))


async def our_sheet(folder: str, number: int) -> bytes:
    """One sheet of a width folder.

    Raises:
        Retry: it is gone or out of reach (OUTPUT_UNREADABLE).
    """
    path = Path(folder, f"{number}.jpg")
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise _unreadable(str(path), error) from error


def samples(count: int) -> Sequence[int]:
    """The first, the middle and the last of so many: enough to know one film, and one length, from another."""
    return sorted({0, count // 2, count - 1}) if count > 0 else ()


def clock_text(milliseconds: int) -> str:
    """A time in a film as people read it: `1:02:03`."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def seconds_text(milliseconds: int) -> str:
    """An interval as people say it: `10 s`, `2.5 s`."""
    return f"{milliseconds / 1000:g} s"


def _sheets(folder: Path) -> int:
    try:
        return sum(path.suffix == ".jpg" and path.stem.isdigit() for path in folder.iterdir())
    except OSError:
        return 0


def _has_width(folder: Path) -> bool:
    width = folder.name.partition(" - ")[0]
    try:
        return any(one.name.startswith(f"{width} - ") and _sheets(one) for one in folder.parent.iterdir())
    except OSError:
        return False


def _unreadable(path: str, error: Exception) -> Retry:
    why = getattr(error, "strerror", None) or getattr(error, "reason", "") or type(error).__name__
    return Retry(f"{path} cannot be read back: {why}", code="OUTPUT_UNREADABLE")
