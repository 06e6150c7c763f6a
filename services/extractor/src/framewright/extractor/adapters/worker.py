"""The child process that holds the decoder: `python -m framewright.extractor.adapters.worker PARENT_PID`.

A decoder may crash or hang on a hostile file, so it lives here and not in the service. Requests come on standard input,
messages go out on what was standard output; anything a library prints goes to standard error instead.
"""

import ctypes
import os
import signal
import sys
import time
from typing import BinaryIO

from framewright.domain.errors import FramewrightError
from framewright.extractor.adapters.engine import extract
from framewright.extractor.adapters.wire import PREFIX, Done, Failed, Progress, failure, pack, read_request
from framewright.extractor.domain.request import ExtractionRequest

PROGRESS_SECONDS = 0.2
"""At most this often the parent hears that work goes on."""

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve requests until the parent closes the pipe."""
    _die_with(int(sys.argv[1]))
    # The terminal's Ctrl-C reaches the whole group; the parent decides what happens to its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while request := _next_request(sys.stdin.buffer):
        _write(answers, pack(_answer(request, answers)))
    return 0


def _answer(request: ExtractionRequest, answers: BinaryIO) -> Done | Failed:
    said = 0.0

    def progress(share: float) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= PROGRESS_SECONDS:
            said = now
            _write(answers, pack(Progress(share)))

    try:
        return Done(extract(request, progress, lambda: False))
    except FramewrightError as error:
        return failure(error)


def _next_request(pipe: BinaryIO) -> ExtractionRequest | None:
    prefix = pipe.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    return read_request(pipe.read(PREFIX.unpack(prefix)[0]))


def _write(answers: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[answers.write(view) :]


def _die_with(parent: int) -> None:
    """Have the kernel end this process when its parent does, however that ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
