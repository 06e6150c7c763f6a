"""Whether an output is whole, as a player finds it, and a player that never stops looking."""

import threading
from io import BytesIO
from pathlib import Path

from PIL import Image

from framewright.domain.publishing import OutputKind
from framewright.formats.bif import read_bif
from framewright.formats.webvtt import read_vtt

COUNT = 12
"""Pictures of the film; with two by two in a sheet they make three sheets."""


def check_bif(path):
    assert len(read_bif(path.read_bytes()).frames) == COUNT


def check_sheet(path):
    with Image.open(BytesIO(path.read_bytes())) as sheet:
        sheet.load()
        assert sheet.size == (64, 36)


def check_tiles(path):
    for number in range(COUNT // 4):
        check_sheet(path / f"{number}.jpg")
    assert {sheet.name for sheet in path.iterdir()} <= {"0.jpg", "1.jpg", "2.jpg"}


def check_web(path):
    assert len(read_vtt((path / "thumbnails.vtt").read_text())) == COUNT
    for number in range(COUNT // 4):
        check_sheet(path / f"sprite-{number}.jpg")


CHECKS = {OutputKind.BIF: check_bif, OutputKind.TRICKPLAY: check_tiles, OutputKind.WEBVTT: check_web}


class Reader(threading.Thread):
    """A player that reads the output over and over; `failure` is the first thing that was wrong with it.

    An output that is moved on lies in one of several places. It looks in the order in which the output goes through them, so
    that it cannot miss it.
    """

    def __init__(self, kind, *paths):
        super().__init__(daemon=True)
        self._check, self._paths = CHECKS[kind], [Path(path) for path in paths]
        self.done, self.reads, self.failure = threading.Event(), 0, None

    def run(self):
        while not self.done.is_set():
            self.failure = self._look()
            if self.failure:
                return
            self.reads += 1

    def _look(self):
        for path in self._paths:
            try:
                self._check(path)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shall show it
                failure = error
            else:
                return None
        return failure


def held(path: str) -> dict[str, bytes]:
    """What lies in an output, by name; nothing where there is none."""
    place = Path(path)
    found = [place] if place.is_file() else place.rglob("*")
    return {str(file.relative_to(place)): file.read_bytes() for file in found if file.is_file()}
