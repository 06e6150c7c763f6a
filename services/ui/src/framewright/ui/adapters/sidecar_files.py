"""Files beside media on disk: bounded, only below the libraries' roots, and no link leads out of them.

A path is looked at when a library's root stands above it as it is written and as the disk resolves it; what is then opened is
the resolved path, whose last name must be no link.
"""

import asyncio
import os
import stat
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from framewright.domain.errors import Reject
from framewright.domain.media import folder, is_under, shorten, suffix
from framewright.formats.nfo import MOST_BYTES, Nfo, parse_nfo
from framewright.ui.domain.sidecars import FILM_NFO, PICTURES, SHOW_NFO, Stamp, is_nfo
from framewright.ui.domain.surveys import Noted, Survey, noted, survey_of

MOST_PICTURE_BYTES = 20 * 2**20
MOST_NAMES = 50_000
MOST_NFOS = 10_000
MOST_SECONDS = 60.0
"""For one survey; a server waits 90 seconds for an answer."""
DEEPEST = 3
"""Folders below a show's own that a survey enters."""

FRESH = 20.0
"""Seconds for which a survey holds: a server asks for every season and episode of a show one after another."""

_KEPT_SURVEYS = 8
_KEPT_NOTES = 20_000
_REMEMBERED = 1000
_AT_ONCE = 4
"""Pictures in memory at the same time."""

_SIGNATURES = ((b"\xff\xd8\xff", 0, "image/jpeg"), (b"\x89PNG\r\n\x1a\n", 0, "image/png"), (b"WEBP", 8, "image/webp"))
_HEAD = 16

log = structlog.get_logger("sidecars")


class SidecarFiles:
    """Fulfils `Sidecars`; `roots` answers the libraries' local folders above a path, none where nobody may look."""

    def __init__(self, roots: Callable[[str], tuple[str, ...]], media_root: str, *, fresh: float = FRESH) -> None:
        self._roots = roots
        self._media_root = media_root
        self._fresh = fresh
        self._told: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._surveys: OrderedDict[str, tuple[float, Survey]] = OrderedDict()
        self._notes: OrderedDict[str, tuple[tuple[int, int], Noted]] = OrderedDict()
        self._surveying = asyncio.Lock()
        self._permits = asyncio.Semaphore(_AT_ONCE)

    async def holds(self, path: str) -> bool:
        """See `Sidecars.holds`."""
        return await asyncio.to_thread(self._holds, path)

    async def names(self, folder: str) -> frozenset[str]:
        """See `Sidecars.names`."""
        return await asyncio.to_thread(lambda: frozenset(entry.name for entry in self._entries(folder)))

    async def nfo(self, path: str) -> tuple[Nfo, ...]:
        """See `Sidecars.nfo`."""
        return await asyncio.to_thread(self._nfo, path)

    async def survey(self, folder: str) -> Survey:
        """See `Sidecars.survey`."""
        async with self._surveying:
            until, known = self._surveys.get(folder, (0.0, None))
            if known is None or until < time.monotonic():
                known = await asyncio.to_thread(self._survey, folder)
                self._surveys[folder] = (time.monotonic() + self._fresh, known)
                self._surveys.move_to_end(folder)
                if len(self._surveys) > _KEPT_SURVEYS:
                    self._surveys.popitem(last=False)
            return known

    async def stamp(self, path: str) -> Stamp | None:
        """See `Sidecars.stamp`."""
        found = await asyncio.to_thread(self._picture, path, _HEAD)
        return found[0] if found else None

    async def picture(self, path: str) -> tuple[Stamp, bytes] | None:
        """See `Sidecars.picture`."""
        async with self._permits:
            return await asyncio.to_thread(self._picture, path, MOST_PICTURE_BYTES)

    def _holds(self, path: str) -> bool:
        where = self._resolved(folder(path)) if self._roots(path) else None
        try:
            # The media itself may be a link to anywhere: nothing of it is read.
            return where is not None and not stat.S_ISDIR((where / Path(path).name).lstat().st_mode)
        except OSError:
            return False

    def _entries(self, where: str) -> Iterator[os.DirEntry[str]]:
        """What lies in a folder, hidden things left out; nothing when it may not, or cannot, be read."""
        real = self._resolved(where)
        if real is None:
            return
        try:
            with os.scandir(real) as entries:
                for number, entry in enumerate(entries):
                    if number >= MOST_NAMES:
                        return
                    if not entry.name.startswith(".") and _can_be_named(entry.name):
                        yield entry
        except OSError:
            return

    def _nfo(self, path: str) -> tuple[Nfo, ...]:
        opened = self._opened(path)
        return self._parsed(path, *opened) if opened else ()

    def _parsed(self, path: str, descriptor: int, state: os.stat_result) -> tuple[Nfo, ...]:
        """What the file says; it is closed afterwards."""
        with os.fdopen(descriptor, "rb") as file:
            try:
                return parse_nfo(file.read(MOST_BYTES + 1))
            except Reject as error:
                self._tell(path, state.st_mtime_ns, error)
            except OSError as error:
                self._tell(path, state.st_mtime_ns, Reject(f"it cannot be read: {error.strerror}", code="UNREADABLE"))
        return ()

    def _survey(self, show: str) -> Survey:
        ends = time.monotonic() + MOST_SECONDS
        found: list[Noted] = []
        for path in self._nfos(show, DEEPEST):
            if len(found) >= MOST_NFOS or time.monotonic() > ends:
                log.warning(
                    "a show has too many NFO files; the others are left out", path=shorten(show), read=len(found)
                )
                break
            found.append(self._noted(path))
        return survey_of(show, found)

    def _noted(self, path: str) -> Noted:
        """What a survey keeps of a file; read again only when the file changed."""
        opened = self._opened(path)
        if opened is None:
            return Noted(path, ())
        descriptor, state = opened
        version = (state.st_mtime_ns, state.st_size)
        known = self._notes.get(path)
        if known and known[0] == version:
            os.close(descriptor)
            return known[1]
        note = noted(path, self._parsed(path, descriptor, state))
        self._notes[path] = (version, note)
        if len(self._notes) > _KEPT_NOTES:
            self._notes.popitem(last=False)
        return note

    def _nfos(self, where: str, depth: int) -> Iterator[str]:
        """The NFO files below a folder that may be of seasons and episodes, other shows' folders left out."""
        entries = sorted(self._entries(where), key=lambda entry: entry.name)
        names = {entry.name.lower() for entry in entries}
        if depth < DEEPEST and SHOW_NFO in names:
            return
        for entry in entries:
            path = f"{where}/{entry.name}"
            if is_nfo(entry.name) and entry.name.lower() not in {SHOW_NFO, FILM_NFO}:
                yield path
            elif depth and _is_folder(entry):
                yield from self._nfos(path, depth - 1)

    def _picture(self, path: str, most: int) -> tuple[Stamp, bytes] | None:
        """The picture as it is and its first bytes; None when it is none, or larger than any picture should be."""
        opened = self._opened(path) if suffix(path) in PICTURES else None
        if opened is None:
            return None
        descriptor, state = opened
        with os.fdopen(descriptor, "rb") as file:
            try:
                data = file.read(most) if state.st_size <= MOST_PICTURE_BYTES else b""
            except OSError:
                return None
        media_type = _media_type(data)
        return (Stamp(state.st_size, state.st_mtime_ns, media_type), data) if media_type else None

    def _opened(self, path: str) -> tuple[int, os.stat_result] | None:
        """A plain file below the libraries, opened; None for anything else."""
        real = self._resolved(path)
        if real is None:
            return None
        try:
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        state = os.fstat(descriptor)
        if stat.S_ISREG(state.st_mode):
            return descriptor, state
        os.close(descriptor)
        return None

    def _resolved(self, path: str) -> Path | None:
        """Where the path really is; None when that is not below the same library, or nobody may look there."""
        roots = self._roots(path) if is_under(path, self._media_root) else ()
        if not roots:
            return None
        try:
            real = Path(path).resolve(strict=True)
            inside = any(real.is_relative_to(Path(root).resolve(strict=True)) for root in roots)
        except (OSError, RuntimeError, ValueError):
            return None
        return real if inside else None

    def _tell(self, path: str, mtime_ns: int, error: Reject) -> None:
        """Say once for every state of a file why it is left alone."""
        if (path, mtime_ns) in self._told:
            return
        self._told[path, mtime_ns] = None
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        log.warning("an NFO file is left alone", path=shorten(path), code=error.code, reason=error.reason)


def _can_be_named(name: str) -> bool:
    """Whether a path may hold the name: no control characters, and no bytes that are no text."""
    return not any(unicodedata.category(char) in {"Cc", "Cs"} for char in name)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _media_type(data: bytes) -> str:
    """By the first bytes, whatever the name says; empty for what is none of the three."""
    return next((kind for magic, at, kind in _SIGNATURES if data[at : at + len(magic)] == magic), "")
