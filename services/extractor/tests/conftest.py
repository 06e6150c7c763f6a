"""Real films, made once per session, and the question whether their previews are right."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from framewright.chassis.testing.media import MediaSpec, make_video, read_timecode
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.engine import extract
from framewright.extractor.adapters.output import reel_of
from framewright.extractor.domain.request import Extraction, ExtractionRequest

Film = Callable[..., Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Answer the path of a film with this name and `MediaSpec` fields; made on the first request. Read only."""
    made: dict[tuple[str, str], Path] = {}

    def get(name: str = "film.mkv", **fields: object) -> Path:
        spec = MediaSpec(**fields)
        key = (name, repr(spec))
        if key not in made:
            made[key] = make_video(tmp_path_factory.mktemp("film") / name, spec)
        return made[key]

    return get


@pytest.fixture
def pull() -> Callable[..., Extraction]:
    """Extract in this process: a path, intervals, widths and further `ExtractionRequest` fields."""

    def run(
        path: Path, *intervals_ms: int, widths: Sequence[int] = (320,), renditions: Sequence[Rendition] = (), **fields
    ) -> Extraction:
        every = [Rendition(width, interval) for width in widths for interval in intervals_ms or (5000,)]
        request = ExtractionRequest(path=str(path), renditions=tuple(renditions or every), **fields)
        return extract(request, lambda _share: None, lambda: False)

    return run


@pytest.fixture
def misplaced() -> Callable[..., list[tuple[int, int]]]:
    """The (slot, frame number) pairs of an extraction whose picture is not from its slot, give or take one frame."""

    def find(extraction: Extraction, fps: Fraction | int, interval_ms: int = 5000) -> list[tuple[int, int]]:
        frame_ms = 1000 / Fraction(fps)
        wrong: list[tuple[int, int]] = []
        for slot, jpeg in enumerate(reel_of(extraction, "film", interval_ms).frames):
            number = read_timecode(jpeg)
            if not (slot * interval_ms - frame_ms <= number * frame_ms < (slot + 1) * interval_ms + frame_ms):
                wrong.append((slot, number))
        return wrong

    return find
