"""Work in a process that is killed just before one of its steps on the disk: a crash at a chosen moment, and a real one."""

import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

STEPS = {
    "open": None,
    "os.mkdir": 2,
    "os.rename": 2,
    "os.chmod": 2,
    "os.chown": 3,
    "os.remove": 1,
    "os.rmdir": 1,
    "shutil.rmtree": None,
}
"""What Python tells of before it does it, and which argument is the folder that a relative name is meant in.

Folders are opened to be flushed, so before and after a flush too there is a step. The exchange of two folders, of which
Python does not know, lies between two of these.
"""


def survives(step: int, work: Callable[[], object], *folders: Path) -> bool:
    """Do the work in a process that is killed just before its n-th step below the folders; whether it came to its end."""
    child = _forked()
    if not child:
        _work_until(step, work, folders)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the work failed before it was killed"
    return os.WIFEXITED(status)


def _forked() -> int:
    """Fork, of which Python 3.12 warns beside other threads: the child touches the disk and nothing that they may hold."""
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return os.fork()


def _work_until(step: int, work: Callable[[], object], folders: tuple[Path, ...]) -> None:
    left, code = step, 1

    def count(event: str, arguments: tuple) -> None:
        nonlocal left
        if event in STEPS and any(_place(event, arguments).is_relative_to(folder) for folder in folders):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(count)
        work()
        code = 0
    finally:
        os._exit(code)


def _place(event: str, arguments: tuple) -> Path:
    place, which = arguments[0], STEPS[event]
    if isinstance(place, int):
        return _opened(place)
    folder = -1 if which is None else arguments[which]
    return Path(os.fsdecode(place)) if folder < 0 else _opened(folder) / os.fsdecode(place)


def _opened(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}").readlink()
