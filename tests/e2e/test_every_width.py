"""A Jellyfin server that is set to several widths, for real: one decode fills all of them, and the server shows each."""

import json
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.testing.media import MediaSpec, make_video, read_timecode
from framewright.contracts.facts import FramesExtractedV1
from framewright.formats.trickplay import thumbnail_at
from framewright.standalone.demo import TOKEN

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(180)]

INTERVAL, FPS, SECONDS = 10, 24, 47


def test_every_width_of_a_jellyfin_comes_from_the_one_decode(make_system: Any) -> None:
    system = make_system("--demo", SCAN_ON_START="false")
    system.start()
    set_widths(system, 640, 320, 480)
    film = system.media / "Movies" / "Wide (2024)" / "Wide (2024).mkv"
    film.parent.mkdir()
    make_video(film, MediaSpec(seconds=SECONDS, fps=FPS, width=640, height=360, gop=60))

    system.download(str(film), "Wide")

    job = system.until(lambda: system.finished("Wide"), 90)
    servers = system.get(f"/api/jobs/{job['id']}/files")["files"][0]["servers"]
    row = next(one for one in servers if one["server_type"] == "jellyfin")
    assert (job["status"], row["outcome"]) == ("completed", "adopted"), json.dumps(servers, indent=1)
    assert [Path(path).name for path in row["outputs"]] == [f"{width} - 10x10" for width in (320, 480, 640)]
    assert all(f"{width} pixels wide" in row["reason"] for width in (320, 480, 640))
    assert all(shows_the_film(Path(path)) for path in row["outputs"])
    assert sum(not (fact.reused or fact.shares_decode) for fact in system.facts(FramesExtractedV1)) == 1


def set_widths(system: Any, *widths: int) -> None:
    """Set the simulated Jellyfin as its administrator would."""
    listed = system.get("/api/servers")["servers"]
    url = next(one["url"] for one in listed if one["type"] == "jellyfin") + "/System/Configuration"
    headers = {"Authorization": f'MediaBrowser Token="{TOKEN}"'}
    _, configuration = system.request("GET", url, headers=headers)
    configuration["TrickplayOptions"] |= {"WidthResolutions": widths, "Interval": INTERVAL * 1000}
    assert system.request("POST", url, configuration, headers)[0] == 204


def shows_the_film(folder: Path) -> bool:
    """Whether each thumbnail of the only sheet comes from inside its slot, one frame of tolerance."""
    sheet = (folder / "0.jpg").read_bytes()
    moments = [read_timecode(thumbnail_at(sheet, slot, 10, 10)) / FPS for slot in range(-(-SECONDS // INTERVAL))]
    return all(-1 / FPS <= moment - slot * INTERVAL < INTERVAL for slot, moment in enumerate(moments))
