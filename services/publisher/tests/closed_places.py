"""Places that take nothing for a while: seen through a read-only mount, or folders that belong to somebody else.

Root may write anywhere and would hide it. So all work on the disk is done by a thread that has given up what only root may do; a
mount is made in a name space of that thread alone, so that nobody else sees it and nothing is left of it. Both ways are the kernel's
own, in one process with the test, which needs neither a second user nor a disk.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

STRANGER = 1234, 4321
"""User and group of somebody else."""

READ_ONLY = "Read-only file system"
NOT_ALLOWED = "Permission denied"

_OF_ROOT = 0b1111
"""CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_FOWNER: owners and modes mean nothing to whoever has these."""

_CAPABILITIES_3 = 0x20080522
_OWN_MOUNTS = 0x20000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def anybody() -> Generator[None]:
    """The disk is touched as anybody would, root or not, by whatever the running loop puts into threads."""
    with _working(_give_up_root):
        yield


@contextmanager
def read_only(place: Path) -> Generator[str]:
    """Nothing below the place can be written; answers the reason that the system gives.

    Who may not mount closes the folders to everybody instead.
    """
    mounted = partial(_mount_read_only, str(place))
    if _possible(mounted):
        with _working(mounted, _give_up_root):
            yield READ_ONLY
    else:
        with _modes(place, 0o555):
            yield NOT_ALLOWED


@contextmanager
def of_somebody_else(place: Path) -> Generator[str]:
    """The place and all below it belongs to another user; answers the reason that the system gives.

    Who may not give things away closes the folders to everybody instead.
    """
    if os.geteuid() != 0:
        with _modes(place, 0o555):
            yield NOT_ALLOWED
        return
    ours = os.geteuid(), os.getegid()
    _give(place, *STRANGER)
    try:
        yield NOT_ALLOWED
    finally:
        _give(place, *ours)


def require_modes(place: Path) -> None:
    """Skip, and say so, where not even a mode keeps anybody out: then neither way exists here."""

    def attempt() -> bool:
        _give_up_root()
        return os.access(place, os.W_OK, effective_ids=True)

    with _modes(place, 0o555), ThreadPoolExecutor(1) as one:
        if one.submit(attempt).result():
            pytest.skip(f"places that take nothing are not tried: the file system of {place} knows no modes")


@contextmanager
def _working(as_who: Callable[[], None], afterwards: Callable[[], None] | None = None) -> Generator[None]:
    """Have the running loop's threads be one that starts so; afterwards there are new ones."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, initializer=as_who) as worker:
        loop.set_default_executor(worker)
        try:
            yield
        finally:
            loop.set_default_executor(ThreadPoolExecutor(initializer=afterwards))


@contextmanager
def _modes(place: Path, mode: int) -> Generator[None]:
    folders = (place, *(path for path in place.rglob("*") if path.is_dir()))
    before = {folder: folder.stat().st_mode for folder in folders}
    for folder in before:
        folder.chmod(mode)
    try:
        yield
    finally:
        for folder, was in before.items():
            folder.chmod(was)


def _give(place: Path, user: int, group: int) -> None:
    for path in (place, *place.rglob("*")):
        os.chown(path, user, group)


def _possible(as_who: Callable[[], None]) -> bool:
    """Whether a thread may become so."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(as_who).exception() is None


def _mount_read_only(place: str) -> None:
    _done(_libc.unshare(_OWN_MOUNTS))
    _mount(None, "/", _MS_REC | _MS_PRIVATE)
    _mount(place, place, _MS_BIND)
    _mount(None, place, _MS_REMOUNT | _MS_BIND | _MS_RDONLY)
    _give_up_root()


def _mount(source: str | None, target: str, flags: int) -> None:
    _done(_libc.mount(source and source.encode(), target.encode(), None, ctypes.c_ulong(flags), None))


def _give_up_root() -> None:
    """For this thread alone; nothing to give up is no failure."""
    header, sets = (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)()
    _done(_libc.capget(header, sets))
    sets[0] &= ~_OF_ROOT
    _done(_libc.capset(header, sets))


def _done(answer: int) -> None:
    if answer:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
