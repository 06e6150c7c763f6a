"""The main job, for real: a webhook about a real film becomes right previews on every server that owns it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.testing.media import MediaSpec, make_video, read_timecode
from framewright.contracts.facts import FramesExtractedV1
from framewright.formats.bif import read_bif
from framewright.formats.trickplay import thumbnail_at
from framewright.formats.webvtt import read_vtt
from framewright.standalone.demo import TOKEN

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(180)]

SECONDS = 47
FPS = 24
TILES = 100
ADOPTED = {"plex": "adopted", "emby": "adopted", "jellyfin": "adopted", "folder": "published"}


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_webhook_puts_right_pictures_on_every_owning_server(make_system: Any, suffix: str) -> None:
    system = make_system("--demo", SCAN_ON_START="false")
    system.start()
    film = system.media / "Movies" / "Thé Film (2024)" / f"Thé Film (2024){suffix}"
    film.parent.mkdir()
    make_video(film, MediaSpec(seconds=SECONDS, fps=FPS, width=640, height=360, gop=60, b_frames=2))

    system.download(f"/data/Movies/Thé Film (2024)/{film.name}", "Thé Film")

    job = system.until(lambda: system.finished("Thé Film"), 90)
    row = system.get(f"/api/jobs/{job['id']}/files")["files"][0]
    assert job["status"] == "completed", json.dumps(row, indent=1)
    ended = {server["server_type"]: server["outcome"] for server in row["servers"]}
    assert ended == ADOPTED
    proofs = [server["reason"] for server in row["servers"] if server["server_type"] != "folder"]
    assert all("read back as" in proof for proof in proofs), proofs
    for interval, pictures in shown(system.home, film, row):
        assert len(pictures) == -(-SECONDS * 1000 // interval)
        for slot, picture in enumerate(pictures):
            moment = read_timecode(picture) * 1000 / FPS
            assert slot * interval - 1000 / FPS <= moment < (slot + 1) * interval, (slot, interval, moment)


def test_one_decode_of_each_version_of_a_film_serves_every_server_and_each_is_told(make_system: Any) -> None:
    system = make_system("--demo", SCAN_ON_START="false")
    system.start()
    film = _place(system.media, "Pair (2024)")
    for label, width in (("1080p", 320), ("4K", 480)):
        version = film.with_stem(f"{film.stem} - {label}")
        system.download(str(make_video(version, MediaSpec(seconds=20, width=width, height=180))), label)

    jobs = [system.until(lambda title=title: system.finished(title), 90) for title in ("1080p", "4K")]

    rows = [row for job in jobs for row in system.get(f"/api/jobs/{job['id']}/files")["files"][0]["servers"]]
    assert sorted((row["server_type"], row["outcome"]) for row in rows) == sorted([*ADOPTED.items()] * 2), rows
    assert len({row["outputs"][0] for row in rows}) == len(rows)
    assert (decodes(system), files_on_plex(system, "Pair")) == (2, [2])
    told = {server["type"]: calls(system, server["url"]) for server in servers(system)}
    assert any("/analyze" in call for call in told["plex"])
    assert all(any("/Library/Media/Updated" in call for call in told[vendor]) for vendor in ("emby", "jellyfin"))


def test_the_same_file_again_costs_no_second_decode(make_system: Any) -> None:
    system = make_system(SCAN_ON_START="false")
    system.start()
    film = make_video(_place(system.media, "Twice (2024)"), MediaSpec(seconds=12, width=320, height=180))

    system.download(str(film), "first")
    system.until(lambda: system.finished("first"), 60)
    system.download(str(film), "second")
    again = system.until(lambda: system.finished("second"), 60)

    files = system.get(f"/api/jobs/{again['id']}/files")["files"]
    assert [server["outcome"] for server in files[0]["servers"]] == ["up_to_date"]
    assert decodes(system) == 1


def shown(home: Path, film: Path, row: dict[str, Any]) -> Iterator[tuple[int, list[bytes]]]:
    """Every server's pictures in slot order with the interval in milliseconds, read back from what was written."""
    outputs = {server["server_type"]: Path(server["outputs"][0]) for server in row["servers"]}
    for vendor in ("plex", "emby"):
        bif = read_bif(outputs[vendor].read_bytes())
        yield bif.interval_ms, [bytes(frame) for frame in bif.frames]
    sheet = (outputs["jellyfin"] / "0.jpg").read_bytes()
    interval = 10_000
    yield interval, [thumbnail_at(sheet, index, 10, 10) for index in range(-(-SECONDS * 1000 // interval))]
    cues = read_vtt((outputs["folder"] / "thumbnails.vtt").read_text())
    sprite = (outputs["folder"] / "sprite-0.jpg").read_bytes()
    yield 5000, [thumbnail_at(sprite, index, 10, 10) for index in range(len(cues))]


def decodes(system: Any) -> int:
    """How often a file was decoded."""
    return sum(not (fact.reused or fact.shares_decode) for fact in system.facts(FramesExtractedV1))


def calls(system: Any, url: str) -> list[str]:
    _, answer = system.request("GET", f"{url}/_simulator/calls")
    return re.findall(r"/[A-Za-z0-9_/:.-]+", json.dumps(answer))


def servers(system: Any) -> list[dict[str, Any]]:
    """Every server that can be spoken to."""
    return [server for server in system.get("/api/servers")["servers"] if server["url"]]


def files_on_plex(system: Any, title: str) -> list[int]:
    """How many files each item of that title has."""
    url = next(server["url"] for server in servers(system) if server["type"] == "plex")
    headers = {"X-Plex-Token": TOKEN, "Accept": "application/json"}
    _, answer = system.request("GET", f"{url}/library/all?type=1&title={title}", headers=headers)
    return [len(item["Media"]) for item in answer["MediaContainer"]["Metadata"]]


def _place(media: Path, name: str) -> Path:
    film = media / "Movies" / name / f"{name}.mkv"
    film.parent.mkdir(parents=True)
    return film
