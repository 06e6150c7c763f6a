"""Outputs follow their film: a rename moves them without a second decode, a deletion removes them and nothing else."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.testing.media import MediaSpec, make_video
from framewright.contracts.facts import FileSettledV1, FramesExtractedV1

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(180)]


def test_outputs_move_with_their_film_and_go_with_it(make_system: Any) -> None:
    system = make_system()
    system.start()
    folder = system.media / "Movies" / "Film (2024)"
    folder.mkdir()
    film = make_video(folder / "film.mkv", MediaSpec(seconds=12, width=320, height=180))
    other = make_video(folder / "other.mkv", MediaSpec(seconds=8, width=320, height=180))
    for path in (film, other):
        system.download(str(path), path.stem)
    first, kept = (outputs(system, path.stem) for path in (film, other))
    pictures = contents(first)

    renamed = film.rename(folder / "Film (2024) 1080p.mkv")
    moved_files = {"previousPath": str(film), "path": str(renamed)}
    tell(system, {"eventType": "Rename", "movie": {"title": "renamed"}, "renamedMovieFiles": [moved_files]})
    second = outputs(system, "renamed")

    assert second != first
    assert not any(path.exists() for path in first)
    assert contents(second) == pictures
    assert decodes(system) == 2

    renamed.unlink()
    gone = {"eventType": "MovieFileDelete", "movie": {"title": "gone"}, "movieFile": {"path": str(renamed)}}
    tell(system, {**gone, "deleteReason": "manual"})
    row = settled(system, "gone")

    assert [server["outcome"] for server in row["servers"]] == ["removed"]
    assert not any(path.exists() for path in second)
    assert all(path.exists() for path in (*kept, other))


def test_a_film_that_is_renamed_while_it_waits_gets_its_outputs_under_the_new_name(make_system: Any) -> None:
    system = make_system(FILE_QUIET_SECONDS="600")
    system.start()
    film = make_video(system.media / "Movies" / "film.mkv", MediaSpec(seconds=8, width=320, height=180))
    system.download(str(film), "waiting")
    system.until(lambda: any(fact.code == "STILL_GROWING" for fact in system.facts(FileSettledV1)), 60)

    renamed = film.rename(film.with_name("renamed.mkv"))
    os.utime(renamed, (time.time() - 3600, time.time() - 3600))
    moved_files = {"previousPath": str(film), "path": str(renamed)}
    tell(system, {"eventType": "Rename", "movie": {"title": "renamed"}, "renamedMovieFiles": [moved_files]})

    assert all(renamed.stem in str(path) for path in outputs(system, "renamed"))
    row = settled(system, "waiting")
    assert {server["outcome"] for server in row["servers"]} == {"coalesced"}
    assert {server["reason"] for server in row["servers"]} == {f"the file was renamed to {renamed}"}
    assert decodes(system) == 1


def tell(system: Any, payload: dict[str, Any]) -> None:
    status, answer = system.request("POST", "/api/webhooks/radarr", payload)
    assert status == 202, answer


def settled(system: Any, title: str) -> dict[str, Any]:
    """The row of the job's only file once the job is over."""
    job = system.until(lambda: system.finished(title), 60)
    assert job["status"] == "completed", job
    (row,) = system.get(f"/api/jobs/{job['id']}/files")["files"]
    return row


def outputs(system: Any, title: str) -> tuple[Path, ...]:
    """What was written for the job's file, by every server."""
    found = tuple(Path(path) for server in settled(system, title)["servers"] for path in server["outputs"])
    assert found
    assert all(path.exists() for path in found)
    return found


def contents(places: tuple[Path, ...]) -> list[bytes]:
    """The bytes of every file there, in name order."""
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    return [file.read_bytes() for file in files if file.is_file()]


def decodes(system: Any) -> int:
    """How often a film was decoded."""
    return sum(not (fact.reused or fact.shares_decode) for fact in system.facts(FramesExtractedV1))
