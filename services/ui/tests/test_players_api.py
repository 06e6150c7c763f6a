"""`/api/players` and `/api/groups` over real HTTP and a real broker, with simulated media servers as players."""

import asyncio
import importlib
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from framewright.chassis.testing.http import serving
from framewright.contracts.base import decode
from framewright.contracts.catalogue import PUBLISH
from framewright.contracts.publish import RefreshWantedV1
from framewright.contracts.settings import REDACTED
from framewright.vendors.simulation.disk import Shelf
from framewright.vendors.simulation.instruments import Watched

pytestmark = pytest.mark.integration

TOKEN = "players-secret-token"
FILM = "/data/films/The Matrix (1999)/The Matrix.mkv"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    film = tmp_path / "films/The Matrix (1999)/The Matrix.mkv"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film" * 100)
    return tmp_path


@pytest.fixture
def player(ui, library: Path):
    """`async with player("plex") as (state, shown)`: a simulated server, added as a player."""

    @asynccontextmanager
    async def run(vendor: str = "plex", **more: Any):
        simulator = importlib.import_module(f"framewright.vendors.{vendor}.simulator")
        shelves = [Shelf("Films", "movie", "/data/films", str(library / "films"))]
        state = getattr(simulator, f"{vendor.title()}State")(shelves=shelves, token=TOKEN)
        async with serving(simulator.create_app(state)) as url:
            secret = {"plex_token": TOKEN} if vendor == "plex" else {"api_key": TOKEN}
            rows = [{"metarr_path": f"{library}/films", "player_path": "/data/films"}]
            body = {**address(url), **secret, "type": vendor, "name": vendor, "path_mappings": rows, **more}
            added = await ui.http.post("/api/players", json=body)
            assert added.status_code == 201, added.text
            yield state, added.json()

    return run


def address(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {"host": parts.hostname, "port": parts.port}


async def grouped(ui, *players: dict[str, Any], **fields: Any) -> str:
    group = {"name": "Living rooms", "max_members": 5, **fields, "members": [one["id"] for one in players]}
    made = await ui.http.post("/api/groups", json=group)
    assert made.status_code == 201, made.text
    return f"/api/groups/{made.json()['id']}"


async def synced(ui, group: str, path: str = "") -> dict[str, Any]:
    begun = await ui.http.post(f"{group}/sync", json={"path": path} if path else {})
    assert begun.status_code == 202, begun.text
    return begun.json()


async def the_wish(bus) -> RefreshWantedV1:
    """The wish that a publisher would be given now."""
    for _ in range(200):
        if found := await bus.get_matching(PUBLISH.name, "refresh.v1.>"):
            return decode(RefreshWantedV1, found[1])
        await asyncio.sleep(0.02)
    raise AssertionError("nobody wished anything")


async def taken(bus) -> None:
    """As a publisher does when it has told the server."""
    await the_wish(bus)
    await bus.purge(PUBLISH.name, "refresh.v1.>")


async def test_a_player_is_a_server_in_other_words(ui, library, player):
    async with player(use_https=False, timeout_seconds=60) as (_, shown):
        server = await ui.json(f"/api/servers/{shown['id']}")

        assert server["url"] == f"http://{shown['host']}:{shown['port']}"
        assert server["path_mappings"][0]["local_prefix"] == f"{library}/films"
        assert (server["timeout"], [one["name"] for one in server["libraries"]]) == (60, ["Films"])
        assert shown["path_mappings"] == [{"metarr_path": f"{library}/films", "player_path": "/data/films"}]
        assert (shown["plex_token"], shown["use_https"], shown["group_id"]) == (REDACTED, False, None)
        assert TOKEN not in (await ui.http.get("/api/players")).text


async def test_the_body_of_the_document_is_taken_as_it_is_written(ui):
    body = {
        "name": "Plex Server",
        "type": "plex",
        "host": "192.0.2.30",
        "plex_token": "t",
        "use_https": True,
        "timeout_seconds": 1,
        "libraries": [],
        "path_mappings": [],
    }

    added = await ui.http.post("/api/players", json=body)

    assert (added.status_code, added.json()["port"], added.json()["use_https"]) == (201, 32400, True)
    assert added.json()["warning"]


async def test_a_changed_player_keeps_its_secret_and_what_is_not_named(ui, player):
    async with player() as (_, shown):
        url = f"/api/players/{shown['id']}"

        changed = (await ui.http.put(url, json={"name": "Attic", "plex_token": REDACTED})).json()
        tried = (await ui.http.post(f"{url}/test")).json()
        moved = (await ui.http.put(url, json={"host": "192.0.2.1"})).json()

        assert changed == {**shown, "name": "Attic"}
        assert tried["success"] is True
        assert (moved["host"], moved["port"], moved["name"]) == ("192.0.2.1", shown["port"], "Attic")


async def test_a_player_is_tried_before_it_is_stored(ui, player):
    async with player() as (_, shown):
        body = {"type": "plex", "host": shown["host"], "port": shown["port"], "plex_token": TOKEN}

        good = (await ui.http.post("/api/players/test", json=body)).json()
        bad = (await ui.http.post("/api/players/test", json={**body, "plex_token": "wrong"})).json()
        stored = (await ui.http.post("/api/players/test", json={"id": shown["id"], "plex_token": REDACTED})).json()

        assert (good["success"], bad["success"], stored["success"]) == (True, False, True)
        assert len((await ui.json("/api/players"))["players"]) == 1


async def test_a_player_that_is_forgotten_leaves_its_group(ui, player):
    async with player() as (_, shown):
        group = await grouped(ui, shown)

        gone = await ui.http.delete(f"/api/players/{shown['id']}")

        assert gone.json() == {"success": True}
        assert (await ui.json(group))["members"] == []
        assert (await ui.http.get(f"/api/servers/{shown['id']}")).status_code == 404
        assert (await ui.http.get(f"/api/players/{shown['id']}")).status_code == 404


WRONG = [
    ({"type": "kodi", "host": "x"}, "type"),
    ({"type": "plex"}, "host"),
    ({"type": "plex", "host": "x", "group_id": 7}, "group_id"),
    ({"type": "plex", "host": "x", "port": "many"}, "port"),
    ({"type": "plex", "host": "x", "path_mappings": [{"metarr_path": "a", "player_path": "/b"}]}, "path_mappings[0]"),
]


async def test_a_wrong_field_of_a_player_is_named(ui):
    for body, field in WRONG:
        answered = await ui.http.post("/api/players", json=body)

        assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR"), body
        assert answered.json()["error"].startswith(field)


async def test_sessions_of_a_player_are_shown(ui, player):
    async with player() as (state, shown):
        url = f"/api/players/{shown['id']}/sessions"
        idle = await ui.json(url)
        state.instruments.watched = [Watched(FILM, user="anna")]

        busy = await ui.json(url)

        assert idle == {"player_id": shown["id"], "active": False, "sessions": []}
        assert (busy["active"], busy["sessions"][0]["path"], busy["sessions"][0]["user"]) == (True, FILM, "anna")


async def test_a_group_takes_no_more_members_than_it_says(ui, player):
    seed = {"name": "Plex", "type": "plex", "max_members": 1, "skip_active": False, "sync_strategy": "library-level"}
    made = (await ui.http.post("/api/player-groups", json={**seed, "id": 3})).json()
    async with player(group_id=3) as (_, first), player() as (_, second):
        url = f"/api/players/{second['id']}"

        full = await ui.http.put(url, json={"group_id": 3})
        await ui.http.put("/api/groups/3", json={"max_members": 2})
        fits = await ui.http.put(url, json={"group_id": 3})
        shrunk = await ui.http.put("/api/groups/3", json={"max_members": 1})

        assert made == {**seed, "id": "3", "members": []}
        assert (full.status_code, full.json()["code"]) == (409, "CONFLICT")
        assert "at most 1" in full.json()["error"]
        assert (fits.status_code, fits.json()["group_id"], shrunk.status_code) == (200, "3", 409)
        assert (await ui.json("/api/groups/3"))["members"] == [first["id"], second["id"]]


async def test_a_player_is_in_one_group_only_and_of_its_type(ui, player):
    async with player() as (_, plex), player("emby") as (_, emby):
        old = await grouped(ui, plex)
        new = await grouped(ui, plex, type="plex")

        refused = await ui.http.put(new, json={"members": [plex["id"], emby["id"]]})
        wrong = await ui.http.put(new, json={"sync_strategy": "hourly"})
        gone = await ui.http.delete(old)

        assert ((await ui.json(new))["members"], gone.status_code) == ([plex["id"]], 200)
        assert (refused.status_code, wrong.status_code) == (409, 400)
        assert (await ui.http.get(old)).status_code == 404


async def test_a_group_is_added_whole_or_not_at_all(ui, player):
    async with player() as (_, plex), player("emby") as (_, emby):
        old = await grouped(ui, plex)
        both = [plex["id"], emby["id"]]

        answers = {
            "too many": await ui.http.post("/api/groups", json={"name": "A", "members": both}),
            "mixed": await ui.http.post(
                "/api/groups", json={"name": "A", "type": "emby", "max_members": 2, "members": both}
            ),
            "nobody": await ui.http.post("/api/groups", json={"name": "A", "members": ["nobody"]}),
            "kodi": await ui.http.post("/api/groups", json={"name": "A", "type": "kodi"}),
        }

        assert [one.status_code for one in answers.values()] == [409, 409, 400, 400]
        assert answers["nobody"].json()["error"].startswith("members")
        assert answers["kodi"].json()["error"].startswith("type")
        left = (await ui.json("/api/groups"))["groups"]
        assert [(f"/api/groups/{one['id']}", one["members"]) for one in left] == [(old, [plex["id"]])]


HALF_DONE = [
    ({"type": "emby"}, 409),
    ({"type": "kodi"}, 400),
    ({"name": "B", "members": ["nobody"]}, 400),
    ({"name": "B", "members": "all"}, 400),
    ({"name": "B", "members": [{}]}, 400),
    ({"name": "B", "max_members": 0}, 400),
    ({"skip_active": True, "sync_strategy": "hourly"}, 400),
]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_change_of_a_group_is_made_whole_or_not_at_all(ui, player, method):
    async with player() as (_, plex), player("emby") as (_, emby):
        group = await grouped(ui, plex, max_members=1)
        before = await ui.json(group)
        swap = {"type": "emby", "members": [emby["id"]]}

        answers = [await ui.http.request(method, group, json=changes) for changes, _ in HALF_DONE]
        answers.append(await ui.http.request(method, group, json={"name": "B", "members": [plex["id"], emby["id"]]}))
        still = await ui.json(group)
        swapped = await ui.http.request(method, group, json=swap)

        assert [one.status_code for one in answers] == [*(status for _, status in HALF_DONE), 409]
        assert still == before
        assert swapped.json() == {**before, **swap}
        assert (await ui.http.patch("/api/groups/none", json={"name": "B"})).status_code == 404


async def test_a_player_that_is_put_into_a_group_leaves_the_one_it_was_in(ui, player):
    async with player() as (_, plex):
        old = await grouped(ui, plex)
        new = await grouped(ui)

        await ui.http.patch(new, json={"members": [plex["id"]]})

        assert [(await ui.json(one))["members"] for one in (old, new)] == [[], [plex["id"]]]


async def test_a_path_sync_ends_when_the_players_know_the_file(ui, bus, player, library):
    new = library / "films/New (2020)/New.mkv"
    async with player() as (state, shown):
        group = await grouped(ui, shown, sync_strategy="path")
        new.parent.mkdir()
        new.write_bytes(b"new")

        begun = await synced(ui, group, str(new))
        status = f"{group}/sync/{begun['sync_id']}"
        before = await ui.json(status)
        wish = await the_wish(bus)
        state.scan("1", "/data/films/New (2020)")
        await taken(bus)
        scanning = await ui.json(status)
        after = await ui.until(status, lambda one: one["state"] == "completed", 10)

        assert [one.path for one in wish.changed] == ["/data/films/New (2020)/New.mkv"]
        assert (wish.level, wish.climbs, wish.library_ids) == (0, False, ("1",))
        assert [one["members"][0]["state"] for one in (before, scanning, after)] == ["queued", "scanning", "completed"]


async def test_a_path_that_no_player_finds_is_said_to_be_so(ui, bus, player, library):
    async with player() as (_, shown):
        group = await grouped(ui, shown, sync_strategy="path")

        begun = await synced(ui, group, f"{library}/films/Gone/Gone.mkv")
        await taken(bus)
        ended = await ui.until(f"{group}/sync/{begun['sync_id']}", lambda one: one["state"] == "completed", 10)

        assert ended["members"][0]["state"] == "not_found"


async def test_a_library_sync_wishes_each_whole_library_and_ends_when_it_is_at_rest(ui, bus, player):
    async with player() as (state, shown):
        group = await grouped(ui, shown)

        begun = await synced(ui, group)
        wish = await the_wish(bus)
        activity = state.scan("1", "")
        await taken(bus)
        status = f"{group}/sync/{begun['sync_id']}"
        busy = await ui.json(status)
        ended = await ui.until(status, lambda one: one["state"] == "completed", 10)

        assert (wish.level, wish.library_ids, wish.changed[0].path) == (2, ("1",), "/data/films")
        assert busy["members"][0]["state"] == "scanning", activity
        assert ended["members"][0]["state"] == "completed"


@pytest.mark.parametrize(
    ("vendor", "call"),
    [
        ("plex", ("PUT", "/library/metadata/*/refresh")),
        ("emby", ("POST", "/Items/*/Refresh")),
        ("jellyfin", ("POST", "/Items/*/Refresh")),
    ],
)
async def test_an_item_sync_refreshes_the_item_and_nothing_else(ui, player, library, vendor, call):
    async with player(vendor) as (state, shown):
        group = await grouped(ui, shown, sync_strategy="item")

        begun = await synced(ui, group, f"{library}/films/The Matrix (1999)/The Matrix.mkv")
        at_once = begun["members"][0]
        ended = await ui.until(f"{group}/sync/{begun['sync_id']}", lambda one: one["state"] == "completed", 10)
        folder = await ui.http.post(f"{group}/sync", json={"path": f"{library}/films"})

        assert (at_once["state"], bool(at_once["call"])) == ("scanning", True)
        assert ended["members"][0]["state"] == "completed"
        assert len(state.instruments.asked(*call)) == 1
        assert state.instruments.asked("*", "/library/sections/*/refresh") == []
        assert (folder.status_code, folder.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_members_on_which_somebody_watches_are_skipped_and_said_so(ui, bus, player, library):
    async with player() as (watched, first), player() as (_, second):
        group = await grouped(ui, first, second, sync_strategy="path", skip_active=True)
        watched.instruments.watched = [Watched(FILM, user="anna")]

        begun = await synced(ui, group, f"{library}/films/The Matrix (1999)")
        wish = await the_wish(bus)

        states = {one["player_id"]: (one["state"], one["reason"]) for one in begun["members"]}
        assert states[first["id"]][0] == "skipped"
        assert "watches" in states[first["id"]][1]
        assert (states[second["id"]][0], wish.server_id) == ("queued", second["id"])


async def test_a_sync_that_is_not_of_the_group_is_not_shown(ui, player):
    async with player() as (_, shown):
        group = await grouped(ui, shown, sync_strategy="path")

        answers = [await ui.http.get(f"{group}/sync/{one}") for one in ("unknown", "a.b", "%2e%2e")]

        assert {one.status_code for one in answers} == {404}
        assert (await ui.http.post(f"{group}/sync")).status_code == 400


async def test_both_names_of_groups_mean_the_same(ui):
    made = (await ui.http.post("/api/player-groups", json={"name": "Plex"})).json()

    shown = [await ui.json(f"/api/{name}") for name in ("groups", "player-groups")]

    assert shown == [{"groups": [made]}] * 2
    assert (await ui.http.patch(f"/api/player-groups/{made['id']}", json={"name": "Attic"})).json()["name"] == "Attic"
    assert (await ui.http.delete(f"/api/player-groups/{made['id']}")).json() == {"success": True}
