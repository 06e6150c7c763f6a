"""The judge of the chaos run: it must see what is wrong."""

import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw

from framewright.chassis.testing.media import CELLS, STRIP_SHARE, strip_cells
from framewright.contracts.facts import FileSettledV1
from framewright.domain.outcome import Outcome
from framewright.formats.bif import write_bif

ROOT = Path(__file__).resolve().parents[2]
# The benchmark is a folder of the checkout, not a distribution.
sys.path.append(str(ROOT))

from bench.chaos.films import FPS, Film  # noqa: E402
from bench.chaos.report import felt  # noqa: E402
from bench.chaos.truth import objections  # noqa: E402

SECONDS = 12
INTERVAL_MS = 5000


def picture(second: float) -> bytes:
    """A thumbnail that says from which moment it is."""
    image = Image.new("L", (320, 180), 128)
    draw, width = ImageDraw.Draw(image), 320 / CELLS
    for cell, white in enumerate(strip_cells(int(second * FPS))):
        box = (cell * width, 180 - 180 // STRIP_SHARE, (cell + 1) * width, 180)
        draw.rectangle(box, fill=255 if white else 0)
    target = io.BytesIO()
    image.convert("RGB").save(target, "JPEG", quality=90)
    return target.getvalue()


def wrong_with(bif: Path) -> list[str]:
    """What the judge says of the film beside which the BIF lies."""
    film = Film(bif.with_suffix(".mkv"), SECONDS)
    ending = FileSettledV1(
        job_ids=("j",),
        path_id="p",
        path=str(film.path),
        at=datetime.now(UTC),
        outcome=Outcome.ADOPTED,
        server_id="demo-plex",
        outputs=(str(bif),),
    )
    return objections([film], {(str(film.path), "demo-plex"): ending})


def written(folder: Path, *seconds: float) -> Path:
    """A BIF with pictures of these moments."""
    bif = folder / "Film.bif"
    bif.write_bytes(b"".join(write_bif([picture(second) for second in seconds], INTERVAL_MS)))
    return bif


def test_right_pictures_are_not_objected_to(tmp_path: Path) -> None:
    assert wrong_with(written(tmp_path, 0, 5.5, 10)) == []


def test_a_picture_of_another_slot_is_seen(tmp_path: Path) -> None:
    assert wrong_with(written(tmp_path, 0, 4.5, 10)) == ["Film on demo-plex: slot 1 shows 4.50 s"]


def test_a_missing_picture_is_seen(tmp_path: Path) -> None:
    assert wrong_with(written(tmp_path, 0, 5)) == ["Film on demo-plex: 2 pictures instead of 3"]


def test_half_a_file_is_seen(tmp_path: Path) -> None:
    bif = written(tmp_path, 0, 5, 10)
    bif.write_bytes(bif.read_bytes()[:1000])

    found = wrong_with(bif)

    assert [line.partition(":")[2][:15] for line in found] == [" cannot be read"]


def shown(film: Film, sent: datetime, seconds: float) -> FileSettledV1:
    """That the film was shown so many seconds after it was sent."""
    about = {"job_ids": ("j",), "path_id": "p", "path": str(film.path), "server_id": "demo-emby"}
    return FileSettledV1(at=sent + timedelta(seconds=seconds), outcome=Outcome.ADOPTED, **about)


def what_is_felt(calm: float, sick: float) -> list[str]:
    """What is said of a healthy server with these delays in the two phases."""
    shares = {phase: [Film(Path(f"/films/{phase}.mkv"), SECONDS)] for phase in ("calm", "sick")}
    sent = {str(film.path): datetime.now(UTC) for films in shares.values() for film in films}
    delays = {"calm": calm, "sick": sick}
    endings = {
        (str(film.path), "demo-emby"): shown(film, sent[str(film.path)], delays[phase])
        for phase, films in shares.items()
        for film in films
    }
    return felt(shares, endings, sent, ["demo-emby"])


def test_a_healthy_server_that_is_much_slower_beside_a_sick_one_is_seen() -> None:
    assert what_is_felt(0.4, 0.5) == []
    assert what_is_felt(0.4, 9.0) == ["demo-emby: median 9.0 s while another server was sick, 0.4 s before"]
