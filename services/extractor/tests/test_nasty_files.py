"""Every row of the table of nasty files, made for real and run through the engine; docs/extraction.md shows the same table."""

import os
import resource
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from framewright.chassis.testing.media import read_timecode
from framewright.domain.errors import FramewrightError
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.command import NOTHING, ExtractOptions, extract_command
from framewright.extractor.adapters.engine import extract
from framewright.extractor.adapters.output import Format, reel_of
from framewright.extractor.domain.request import Extraction, ExtractionRequest

from .nasty.films import Studio
from .nasty.row import INTERVAL_MS, Refused, Row, Shown
from .nasty.table import TABLE

ROWS = [row for rows in TABLE.values() for row in rows]
TOLERANCE_MS = 1000 / 24 + 2
NOBODY = 65534


def params(kind: type) -> list:
    return [pytest.param(row, id=row.case) for row in ROWS if isinstance(row.end, kind)]


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def studio(shelf: Path, tmp_path: Path) -> Studio:
    return Studio(shelf, tmp_path)


@contextmanager
def nobody() -> Generator[None]:
    """Without the rights of root, who may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def run(row: Row, studio: Studio) -> Extraction:
    path = row.make(studio)
    harms = [row.harm] if row.harm else []

    def progress(_share: float) -> None:
        while harms:
            harms.pop()(path)

    with ExitStack() as stack:
        if row.as_nobody:
            stack.enter_context(nobody())
        return extract(ExtractionRequest(str(path), (Rendition(320, INTERVAL_MS),)), progress, lambda: False)


@pytest.mark.parametrize("row", params(Refused))
def test_a_file_that_cannot_be_shown_ends_with_its_code_and_a_reason(row: Row, studio: Studio) -> None:
    with pytest.raises(FramewrightError) as caught:
        run(row, studio)

    assert caught.value.code == row.end.code
    assert caught.value.reason


@pytest.mark.parametrize("row", params(Shown))
def test_a_nasty_film_shows_what_it_holds_and_reports_the_rest(row: Row, studio: Studio) -> None:
    extraction = run(row, studio)

    report, strip = extraction.report, extraction.strips[0]
    size = (strip.width, strip.height)
    found = replace(
        row.end, path=report.path, slots=report.slots, holes=report.holes, partial=extraction.partial, size=size
    )
    assert found == row.end
    assert untrue(extraction, row.end) == []
    assert invented(extraction) == []


def untrue(extraction: Extraction, end: Shown) -> list[tuple[int, float]]:
    """(Claimed time, true time) of pictures that do not show when the extraction says they do."""
    if end.clock is None:
        return []
    frames = [(time_ms, number_of(jpeg)) for time_ms, jpeg in extraction.strips[0].frames]
    assert sum(number is None for _, number in frames) == end.guessed
    times = [(time_ms, end.clock(number)) for time_ms, number in frames if number is not None]
    return [(claimed, true) for claimed, true in times if abs(claimed - true) > TOLERANCE_MS]


def number_of(jpeg: bytes) -> int | None:
    """The frame number burnt into a picture; None when it cannot be read."""
    try:
        return read_timecode(jpeg)
    except ValueError:
        return None


def invented(extraction: Extraction) -> list[int]:
    """Slots that are shown although the film has ended before them."""
    last_ms = extraction.strips[0].frames[-1][0]
    slots = len(reel_of(extraction, "film", INTERVAL_MS).frames)
    return [slot for slot in range(slots) if slot * INTERVAL_MS > last_ms + 2 * INTERVAL_MS]


def test_a_disk_that_fills_up_leaves_nothing_behind_and_says_so(studio: Studio, capsys) -> None:
    out = studio.folder / "previews"
    options = ExtractOptions(file=str(studio.film("seed.mkv")), interval=1, out=str(out), format=Format.BIF)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        code = extract_command(options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert code == NOTHING
    assert "cannot be written" in capsys.readouterr().err
    assert list(studio.folder.iterdir()) == []
