"""A line on the terminal that fills up; without a terminal nothing is shown, so that logs stay clean."""

import os
import time
from typing import TextIO

REDRAW_SECONDS = 0.1
"""At most this often the line is drawn again."""

SURE_ENOUGH = 0.05
"""Share that must be done before the time left can be guessed."""

_LABEL, _BAR, _REST = 24, 40, 23
_USUAL_COLUMNS = 80
_ERASE = "\r\x1b[K"


class ProgressBar:
    """Shows how far a job is on `stream`, when that is a terminal and `wanted`."""

    def __init__(self, stream: TextIO, label: str, *, wanted: bool = True) -> None:
        self._stream = stream
        self._label = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
        self._live = wanted and stream.isatty()
        self._began = time.monotonic()
        self._drawn: float | None = None

    def show(self, share: float) -> None:
        """Draw the bar for a share of 0 to 1, unless it was drawn just now."""
        now = time.monotonic()
        if not self._live or (self._drawn is not None and now - self._drawn < REDRAW_SECONDS):
            return
        self._drawn = now
        room = _columns(self._stream) - len(self._label) - _REST
        width = max(4, min(_BAR, room))
        full = round(width * share)
        bar = "#" * full + "." * (width - full)
        self._write(f"{_ERASE}{self._label} [{bar}] {share:4.0%}{self._left(now - self._began, share)}")

    def clear(self) -> None:
        """Take the line away; what is printed next begins where it was."""
        if self._drawn is not None:
            self._write(_ERASE)
            self._drawn = None

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    @staticmethod
    def _left(elapsed: float, share: float) -> str:
        if share < SURE_ENOUGH:
            return ""
        seconds = round(elapsed * (1 - share) / share)
        return f"  {seconds // 60}:{seconds % 60:02d} left"


def _columns(stream: TextIO) -> int:
    """Width of the terminal behind the stream; of the usual one when it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS
