"""Another server at the address of a configured one: it is named, it changes nothing here, and it is shown no credential."""

import importlib

import pytest

from framewright.chassis.testing.http import serving
from framewright.vendors.simulation.disk import Shelf

pytestmark = pytest.mark.integration

VENDORS = ["plex", "emby", "jellyfin"]
TOKEN = "only-for-my-server"
FILM = "Film (2024)/Film (2024).mkv"
OURS = [{"id": "9", "name": "Ours", "kind": "movie", "remote_paths": ["/data/films"], "enabled": True}]
WHO = {"/identity", "/System/Info/Public"}
ANOTHER = "another server answers at this address"


@pytest.fixture(params=VENDORS)
async def stranger(ui, tmp_path, request):
    """The calls that reach a real server of the same kind, which would take the token, where server `sv` was configured."""
    vendor, film = request.param, tmp_path / "films" / FILM
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film" * 100)
    simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
    shelves = [Shelf("Theirs", "movie", "/data/films", str(tmp_path / "films"))]
    state = getattr(simulator, f"{vendor.title()}State")(shelves=shelves, token=TOKEN)
    async with serving(simulator.create_app(state)) as url:
        mappings = [{"remote_prefix": "/data", "local_prefix": str(tmp_path)}]
        body = {"id": "sv", "type": vendor, "url": url, "auth": {"token": TOKEN}, "path_mappings": mappings}
        added = await ui.http.post("/api/servers", json={**body, "libraries": OURS, "server_identity": "mine"})
        assert added.status_code == 201, added.text
        yield state.instruments.calls


def learnt_nothing(calls) -> bool:
    """Whether the stranger was asked who it is, and nothing else, and saw no credential."""
    return {call.path for call in calls} <= WHO and TOKEN not in repr(list(calls))


SPOKEN = {
    "refresh-libraries": ("POST", "/api/servers/sv/refresh-libraries", {}),
    "path-doctor": ("POST", "/api/servers/sv/path-doctor", {}),
    "output-status": ("GET", f"/api/servers/sv/output-status?item_id=1&path=/data/films/{FILM}", {}),
    "sessions": ("GET", "/api/players/sv/sessions", {}),
}


@pytest.mark.parametrize("way", SPOKEN)
async def test_what_needs_the_server_ends_with_the_reason(ui, stranger, way):
    method, url, body = SPOKEN[way]

    answered = await ui.http.request(method, url, json=body)

    said = answered.json()
    assert (answered.status_code, said["code"], said["reason"]) == (502, "UPSTREAM_ERROR", "wrong_server")
    assert ANOTHER in said["error"]
    assert stranger
    assert learnt_nothing(stranger)
    assert (await ui.json("/api/servers/sv"))["libraries"] == OURS


async def test_a_connection_that_is_tried_says_that_it_is_another_server(ui, stranger):
    for url in ("/api/servers/sv/test-connection", "/api/players/sv/test"):
        tried = (await ui.http.post(url)).json()

        assert tried["success"] is False
        assert ANOTHER in tried["error"]
    assert learnt_nothing(stranger)


async def test_the_check_list_has_another_server_for_a_row_and_mends_nothing_there(ui, stranger):
    checked = await ui.json("/api/servers/sv/health-check")
    sections = await ui.json("/api/servers/sv/previews-readiness")
    applied = await ui.http.post("/api/servers/sv/health-check/apply")

    connection = next(one for one in checked["issues"] if one["flag"] == "connection")
    assert ANOTHER in connection["current"]
    assert (connection["severity"], sections["overall_ok"]) == ("critical", False)
    assert (applied.status_code, ANOTHER in applied.text) == (502, True)
    assert learnt_nothing(stranger)


async def test_a_group_asks_another_server_neither_who_watches_nor_to_look(ui, stranger, tmp_path):
    group = {"name": "Rooms", "members": ["sv"], "skip_active": True, "sync_strategy": "item"}
    made = (await ui.http.post("/api/groups", json=group)).json()

    begun = await ui.http.post(f"/api/groups/{made['id']}/sync", json={"path": f"{tmp_path}/films/{FILM}"})

    (member,) = begun.json()["members"]
    assert ANOTHER in str(member)
    assert stranger
    assert learnt_nothing(stranger)
