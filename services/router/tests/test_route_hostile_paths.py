"""Paths that may not be opened: refused with the reason, and never looked at."""

import pytest

from framewright.contracts.base import encode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1, JobCreatedV1
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import PathMapping

pytestmark = pytest.mark.integration

REFUSED = {
    "": "empty",
    "/media/../etc/passwd": "'..'",
    "/media/films/..": "'..'",
    "..": "'..'",
    "D:\\Media\\..\\..\\secret.mkv": "'..'",
    "/media/nul\x00byte.mkv": "control characters",
    "/media/new\nline.mkv": "control characters",
    "/media/\x1b[31mred.mkv": "control characters",
    "/media/" + "a" * 5000: "longer than 4096 bytes",
    "/media/" + "ä" * 2100: "longer than 4096 bytes",
}

NOT_HERE = (
    "films/relative.mkv",
    "./film.mkv",
    "~/film.mkv",
    "file:///media/film.mkv",
    "C:\\Films\\film.mkv",
    "\\\\nas\\share\\film.mkv",
    "/etc/passwd",
    "/mediafilms/film.mkv",
    "/",
)


async def test_what_no_mapping_makes_safe_is_refused_with_its_reason(desk, stored):
    desk.server("s1", "/media", path_mappings=(PathMapping("/media", str(desk.media)),))

    for number, (path, reason) in enumerate(REFUSED.items()):
        job, fact = await desk.route(path, event_id=f"e{number}")

        assert (fact.outcome, job.job_id) == (Outcome.FAILED, fact.job_id)
        assert fact.reason.startswith("refused: ")
        assert reason in fact.reason
    assert desk.disk.looked_at == []
    assert await stored(ExtractRequestedV1) == []
    assert len(await stored(JobCreatedV1)) == len(REFUSED)


async def test_what_leads_outside_every_root_is_never_looked_at(desk, stored):
    desk.server("s1", "/media", path_mappings=(PathMapping("/media", str(desk.media)),))

    for number, path in enumerate(NOT_HERE):
        _job, fact = await desk.route(path, event_id=f"e{number}")

        assert (fact.outcome, bool(fact.reason)) == (Outcome.NOT_OWNED, True)
    assert desk.disk.looked_at == []
    assert await stored(ExtractRequestedV1) == []


async def test_a_refused_path_is_shown_without_its_control_characters(desk):
    _job, fact = await desk.route("/media/\x1b[31mred\x00.mkv")

    assert fact.path == "/media/�[31mred�.mkv"
    assert encode(fact).isascii() is False


async def test_a_refused_path_of_a_scan_ends_under_the_scans_job(desk):
    (fact,) = await desk.route("/media/../x.mkv", job_id="scan-1")

    assert isinstance(fact, FileRoutedV1)
    assert fact.job_id == "scan-1"


async def test_a_link_inside_the_root_is_followed(desk):
    film = desk.add("real/film.mkv")
    (desk.media / "linked").symlink_to(desk.media / "real")

    assert await desk.disk.first_existing([f"{desk.media}/linked/film.mkv"]) == f"{desk.media}/linked/{film.name}"


async def test_a_link_that_leaves_the_root_shows_nothing(desk, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "film.mkv").touch()
    (desk.media / "folder").symlink_to(tmp_path / "outside")
    (desk.media / "file.mkv").symlink_to(tmp_path / "outside" / "film.mkv")
    (desk.media / "loop.mkv").symlink_to(desk.media / "loop.mkv")
    names = ("folder", "folder/film.mkv", "file.mkv", "loop.mkv")

    assert await desk.disk.first_existing([f"{desk.media}/{name}" for name in names]) is None
    assert await desk.disk.videos(f"{desk.media}/folder") is None


async def test_a_device_is_no_media(desk):
    (desk.media / "null.mkv").symlink_to("/dev/null")

    assert await desk.disk.first_existing([f"{desk.media}/null.mkv"]) is None
