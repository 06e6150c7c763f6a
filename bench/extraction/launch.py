"""Runs one command and prints what it cost, as JSON: `python -I -S launch.py COMMAND ARGUMENT…`.

Imports next to nothing: its own memory is the least peak that can be measured.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SAMPLE_SECONDS = 0.05
KEPT = 4_000_000
"""Bytes of output that are handed on."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Run the command in the arguments."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=out, stderr=complaints)
        watch = Watch(process.pid)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - began
        watch.end()
        counted = _io(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said = complaints if process.returncode else out
        said.seek(max(0, said.seek(0, os.SEEK_END) - KEPT))
        found = {
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * 1024,
            "tree": max(watch.most, usage.ru_maxrss * 1024),
            "requested": counted["rchar"],
            "disk": counted["read_bytes"],
            "code": process.returncode,
            "output": said.read().decode(errors="replace"),
        }
    sys.stdout.write(json.dumps(found))


class Watch:
    """Samples the memory of a process and everything below it, in a thread of its own."""

    def __init__(self, pid: int) -> None:
        self.most = 0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop; `most` stands."""
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self.most = max(self.most, tree_memory(self._pid))


def tree_memory(pid: int) -> int:
    """Bytes in memory of a process and its descendants; 0 for one that is gone."""
    try:
        own = int(_read(f"/proc/{pid}/statm").split()[1]) * _PAGE
        tasks = [*Path(f"/proc/{pid}/task").iterdir()]
        children = [child for task in tasks for child in _read(f"{task}/children").split()]
    except (OSError, IndexError):
        return 0
    return own + sum(tree_memory(int(child)) for child in children)


def _io(pid: int) -> dict[str, int]:
    lines = _read(f"/proc/{pid}/io").splitlines()
    return {name: int(value) for name, _, value in (line.partition(":") for line in lines)}


def _read(path: str) -> str:
    return Path(path).read_text(encoding="ascii")


if __name__ == "__main__":
    main()
