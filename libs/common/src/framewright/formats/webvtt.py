"""`thumbnails.vtt`: WebVTT cues that point into sprite sheets, as web players (Video.js, JW, Plyr, Shaka) read them.

    WEBVTT

    00:00:00.000 --> 00:00:10.000
    sprite-0.jpg#xywh=0,0,320,180

The sheets are those of `trickplay.write_sheets`. Sources: W3C WebVTT; W3C Media Fragments URI 1.0 (`xywh` in pixels).
"""

import re
from dataclasses import dataclass

from framewright.domain.errors import Reject

_TIME = r"([0-9]{2,6}):([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_CUE = re.compile(
    rf"{_TIME} --> {_TIME}\n"
    r"([^\s/\\#]{1,255})#xywh=([0-9]{1,5}),([0-9]{1,5}),([0-9]{1,5}),([0-9]{1,5})"
)


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How sprites lie on a sheet: cells per row and per column, size of a cell in pixels."""

    columns: int
    rows: int
    thumb_width: int
    thumb_height: int

    def sheet_name(self, number: int) -> str:
        """File name of a sheet, counted from 0."""
        return f"sprite-{number}.jpg"


@dataclass(frozen=True, slots=True)
class Cue:
    """From when to when, in milliseconds, which rectangle of which sheet is shown."""

    start_ms: int
    end_ms: int
    sheet: str
    x: int
    y: int
    width: int
    height: int


def write_vtt(count: int, interval_ms: int, duration_ms: float, sheet: SheetLayout) -> str:
    """The whole file for `count` slots of `interval_ms`; the cue in which the film ends, ends with it.

    Cues never reach past their own slot, so a film whose tail could not be read has no cue there.
    """
    blocks = ["WEBVTT"]
    for index in range(count):
        start = index * interval_ms
        end = start + interval_ms
        if start < int(duration_ms) < end:
            end = int(duration_ms)
        blocks.append(f"{_clock(start)} --> {_clock(end)}\n{_target(index, sheet)}")
    return "\n\n".join(blocks) + "\n"


def read_vtt(text: str) -> list[Cue]:
    """Parse what `write_vtt` writes; line ends may be CRLF and a byte order mark may lead.

    Raises:
        Reject: another header, a block that is no cue, a target outside the folder, cues out of order (`BAD_VTT`).
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").strip("\n")
    header, *blocks = re.split(r"\n{2,}", plain)
    if header != "WEBVTT":
        raise _bad("it does not start with WEBVTT")
    cues = [_read_cue(number, block) for number, block in enumerate(blocks)]
    shown_until = 0
    for number, cue in enumerate(cues):
        if cue.start_ms < shown_until or cue.end_ms <= cue.start_ms:
            raise _bad(f"cue {number} is not after the one before it, or is empty")
        shown_until = cue.end_ms
    return cues


def _target(index: int, sheet: SheetLayout) -> str:
    number, cell = divmod(index, sheet.columns * sheet.rows)
    row, column = divmod(cell, sheet.columns)
    x, y = column * sheet.thumb_width, row * sheet.thumb_height
    return f"{sheet.sheet_name(number)}#xywh={x},{y},{sheet.thumb_width},{sheet.thumb_height}"


def _clock(time_ms: int) -> str:
    seconds, millis = divmod(time_ms, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}.{millis:03}"


def _read_cue(number: int, block: str) -> Cue:
    match = _CUE.fullmatch(block)
    if match is None:
        raise _bad(f"block {number} is no cue with a sprite")
    fields = match.groups()
    x, y, width, height = map(int, fields[9:])
    if not width or not height:
        raise _bad(f"cue {number} shows an empty rectangle")
    return Cue(_milliseconds(*fields[:4]), _milliseconds(*fields[4:8]), fields[8], x, y, width, height)


def _milliseconds(hours: str, minutes: str, seconds: str, millis: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(millis)


def _bad(reason: str) -> Reject:
    return Reject(f"not a good thumbnails.vtt: {reason}", code="BAD_VTT")
