"""An ffmpeg process between two pipes, which is never waited for longer than it shows signs of life."""

import contextlib
import io
import os
import re
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO, cast

from framewright.extractor.adapters.walk import DeviceFailedError

LOOK_SECONDS = 0.2
"""How often a waiting thread looks whether the waiting still makes sense."""

ASLEEP_SECONDS = 1.0
"""Between two looks so far apart this very process was stopped; that time says nothing about the child."""

FAREWELL_SECONDS = 5.0
"""How long a process may take to end after its last picture."""

_WRITE_BYTES = 1 << 16
_LINE_BYTES = 500
_ORIGIN = re.compile(r"^(\[[^\]]*\]\s*)+")


class Child:
    """A running process in a group of its own; `wanted` raises when its work is not wanted any more.

    Raises:
        DeviceFailedError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], patience: float, wanted: Callable[[], None]) -> None:
        self._patience = patience
        self._wanted = wanted
        self._heard = self._looked = time.monotonic()
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the program is the operator's choice, the rest is a table
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, process_group=0
            )
        except OSError as error:
            raise DeviceFailedError(f"{command[0]} cannot be started: {error.strerror}") from error
        self._stdin = cast("BinaryIO", self._process.stdin)
        self.stdout = cast("BinaryIO", self._process.stdout)
        os.set_blocking(self._stdin.fileno(), False)
        self._complaint = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """The process id; that of its group as well."""
        return self._process.pid

    def hear(self) -> None:
        """It showed a sign of life."""
        self._heard = self._looked = time.monotonic()

    def check(self) -> None:
        """Go on waiting, or not.

        Raises:
            DeviceFailedError: it has been silent for too long.
        """
        self._wanted()
        now = time.monotonic()
        if now - self._looked > ASLEEP_SECONDS:
            self._heard += now - self._looked
        self._looked = now
        if now - self._heard > self._patience:
            raise DeviceFailedError(self.reason(f"ffmpeg was silent for {self._patience:g} s"))

    def write(self, data: bytes) -> int:
        """Give it all of the data, as it takes it; named as PyAV wants it of a file.

        Raises:
            DeviceFailedError: it is gone, or takes nothing for too long.
        """
        view = memoryview(data)
        self.hear()
        while view:
            self._await_room()
            try:
                view = view[os.write(self._stdin.fileno(), view[:_WRITE_BYTES]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise DeviceFailedError(self.reason("ffmpeg ended early")) from error
            self.hear()
        return len(data)

    def end_input(self) -> None:
        """Tell it that nothing more comes."""
        self._stdin.close()
        self.hear()

    def conclude(self) -> None:
        """Wait for its end, after everything that it wrote has been read.

        Raises:
            DeviceFailedError: it does not end, or ended with a failure.
        """
        code = self._ended(FAREWELL_SECONDS)
        if code is None or code:
            raise DeviceFailedError(self.reason("ffmpeg did not end"))

    def kill(self) -> None:
        """End it with all that it started, and leave nothing behind; what it still says can be read afterwards."""
        if self._process.poll() is None:
            self._end_group()
            self._ended(FAREWELL_SECONDS)
        with contextlib.suppress(OSError):
            self._stdin.close()

    def release(self) -> None:
        """Close what is left of the pipes, after the last reader has gone."""
        self._listener.join(FAREWELL_SECONDS)
        self.stdout.close()

    def reason(self, otherwise: str) -> str:
        """Why it failed, in one line: its first complaint, which later ones only follow from, and how it ended."""
        code = self._ended(LOOK_SECONDS)
        self._listener.join(LOOK_SECONDS)
        ending = _ending(code) if code else otherwise
        return f"{self._complaint} ({ending})" if self._complaint else ending

    def _ended(self, seconds: float) -> int | None:
        """Its exit code, None when it does not end within the time."""
        if self._process.returncode is not None:
            return self._process.returncode
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._end_group()
        return code

    def _end_group(self) -> None:
        """What it started may still be there when it is not."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _await_room(self) -> None:
        poller = select.poll()
        poller.register(self._stdin.fileno(), select.POLLOUT)
        while not poller.poll(LOOK_SECONDS * 1000):
            self.check()

    def _listen(self) -> None:
        """Read all that it says on stderr, so that it never has to wait, and keep the first line with words in it."""
        with io.BufferedReader(cast("io.FileIO", self._process.stderr)) as said:
            for line in iter(lambda: said.readline(_LINE_BYTES), b""):
                words = " ".join(_ORIGIN.sub("", line.decode(errors="replace").strip()).split())
                self._complaint = self._complaint or words


def _ending(code: int) -> str:
    return f"ffmpeg ended with exit code {code}" if code > 0 else f"ffmpeg died of {signal.Signals(-code).name}"
