"""What users of Plex Autoscan have: an address and a token in the environment, and one webhook that scans the right section."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.broker import free_port
from framewright.chassis.testing.media import MediaSpec, make_video

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(180)]

PLEX_TOKEN = "an-autoscan-token"
PASS = "0123456789abcdef"


@pytest.fixture
def plex(tmp_path: Path) -> Iterator[str]:
    """A simulated Plex with a section for films and one for anime, both in the media folder; its address."""
    media, port = tmp_path / "media", free_port()
    shelves = [f"Films=movie={media}/films={media}/films", f"Anime=show={media}/anime={media}/anime"]
    for name in ("films", "anime"):
        (media / name).mkdir(parents=True)
    command = [sys.executable, "-m", "framewright.vendors.plex.simulator", "--port", str(port), "--token", PLEX_TOKEN]
    process = subprocess.Popen([*command, *(part for shelf in shelves for part in ("--library", shelf))])
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


def test_an_address_and_a_token_suffice_to_scan_the_right_section(make_system: Any, plex: str) -> None:
    named = {"PLEX_LOCAL_URL": plex, "PLEX_TOKEN": PLEX_TOKEN, "SERVER_PASS": PASS}
    system = make_system(**named, WEBHOOK_QUIET_SECONDS="2")
    system.start()
    system.request("POST", "/api/settings", {"refresh": {"quiet_seconds": 0}})
    server = system.until(lambda: known(system), 30)
    season = system.media / "anime" / "Show" / "Season 1"
    season.mkdir(parents=True)
    make_video(season / "Show S01E01.mkv", MediaSpec(seconds=2))

    manual = {"eventType": "Manual", "filepath": f"{system.media}/anime/"}
    status, _ = system.request("POST", f"/{PASS}", manual, {"X-Auth-Token": ""})
    scans = system.until(lambda: scanned(system, plex), 60)

    assert status in {200, 202}
    assert (server["url"], server["auth"]["token"]) == (plex, "***REDACTED***")
    assert [(one["path"], one["query"]["path"]) for one in scans] == [
        ("/library/sections/2/refresh", f"{system.media}/anime")
    ]


def known(system: Any) -> dict[str, Any] | None:
    """The seeded server once its libraries are known."""
    server = system.get("/api/servers/plex")
    return server if server and server["libraries"] else None


def scanned(system: Any, plex: str) -> list[dict[str, Any]]:
    _, calls = system.request("GET", f"{plex}/_simulator/calls")
    return [call for call in calls if call["path"].endswith("/refresh")]
