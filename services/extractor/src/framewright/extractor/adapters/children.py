"""Child processes: what those that decode find around them, and one that is asked a question and ended for sure."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

FAREWELL_SECONDS = 2.0
"""A killed process that hangs in its driver is not waited for any longer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a process ended: its code (negative: the signal; None: killed after its time), and what it said."""

    code: int | None
    said: str = ""

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.code is None:
            return "no answer in time"
        return signal.Signals(-self.code).name if self.code < 0 else f"exit code {self.code}"


async def ask(command: Sequence[str], wait: float) -> Answer:
    """What a command says on standard output within `wait` seconds; it and all that it started are gone afterwards.

    Raises:
        OSError: there is no such command, or it cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=decoder_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(wait):
            said, _ = await process.communicate()
    except TimeoutError:
        return Answer(None)
    finally:
        await _end(process)
    return Answer(process.returncode, said.decode(errors="replace"))


def decoder_environment() -> dict[str, str]:
    """The environment of a process that decodes."""
    # CUDA counts the fastest card first unless told otherwise; nvidia-smi, which named the devices, counts by bus.
    # libva is to say what went wrong, not what it loads. Matrices of three by three need no threads.
    return {**os.environ, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "LIBVA_MESSAGING_LEVEL": "1", "OPENBLAS_NUM_THREADS": "1"}


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group: what the process started may still be there when it is not."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await process.communicate()
