"""Child processes: started in their own session, ended with their parent, started again when they die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framewright.chassis.lifetime import die_with_parent

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 30.0
"""A child that ran this long is started again without a pause."""

MOST_LOG_BYTES = 10 * 1024 * 1024


@dataclass(slots=True)
class Child:
    """One supervised process: what it runs, and how it has fared."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    resume_at: float = 0.0
    restarts: int = field(default=0)

    def start(self) -> None:
        """Start it; its output goes to its log file, or to ours when it has none."""
        sink = None if self.log is None else self.log.open("ab")
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own modules
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops everything in order
                preexec_fn=die_with_parent,  # noqa: PLW1509 - nothing else runs in this process
            )
        finally:
            if sink is not None:
                sink.close()
        self.started = time.monotonic()

    def tend(self, moment: float) -> str:
        """Look after it once; answers a sentence when something happened."""
        if self.process is None:
            if moment < self.resume_at:
                return ""
            self.start()
            self.restarts += 1
            return f"{self.name} started again"
        code = self.process.poll()
        if code is None:
            return ""
        self.process = None
        self.pause = FIRST_PAUSE if moment - self.started > STEADY_SECONDS else min(LONGEST_PAUSE, self.pause * 2)
        self.resume_at = moment + self.pause
        return f"{self.name} ended ({_ending(code)}), starting again in {self.pause:.0f} s"

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def has_ended(self, wait: float) -> bool:
        """Whether it is gone, waiting at most so many seconds."""
        if self.process is None:
            return True
        try:
            self.process.wait(wait)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def module(name: str) -> list[str]:
    """The command that runs one of our modules with this interpreter; the name stands in the process list."""
    return [sys.executable, "-m", name]


def rotated(log: Path) -> Path:
    """The log file to append to, after an old large one was set aside."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MOST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
