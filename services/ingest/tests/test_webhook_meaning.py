"""What follows from an event on a real broker: one change per delivery, nudges, playback, items looked up by their ids."""

import asyncio

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from framewright.chassis.bus import Bucket
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.base import decode
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1, NudgeV1
from framewright.contracts.playback import PlaybackHintV1
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.outcome import ChangeKind
from framewright.ingest.adapters.memory import Memory

pytestmark = pytest.mark.integration

FILM = "/movies/Demo (2020)/Demo.mkv"
FOLDER = {"title": "Demo", "folderPath": "/movies/Demo (2020)"}
DOWNLOAD = {
    "eventType": "Download",
    "instanceName": "Radarr",
    "downloadId": "ABC",
    "movie": FOLDER,
    "movieFile": {"path": FILM},
}
HALF = {"eventType": "MovieFileDelete", "movie": FOLDER, "movieFile": {"path": FILM}, "deleteReason": "upgrade"}
ITEM_ADDED = {"NotificationType": "ItemAdded", "ServerId": "jf1", "ItemId": "9f", "ItemType": "Movie", "Name": "Demo"}


async def _rows(stored, count):
    async def there():
        return len(await stored(EventClassifiedV1)) >= count

    await until(there)
    return await stored(EventClassifiedV1)


async def _changes(stored, count, wait=10.0):
    async def there():
        return len(await stored(MediaChangedV1)) >= count

    await until(there, wait)
    return await stored(MediaChangedV1)


def _jellyfin(url, **changes):
    fields = {"id": "jf", "type": "jellyfin", "url": url, "auth": ServerAuth(api_key="k"), "server_identity": "jf1"}
    return Server(**{**fields, **changes})


async def test_a_delivery_that_comes_again_is_a_duplicate_and_another_one_is_not(ingest, stored):
    async with ingest() as desk:
        first = await desk.post("radarr", DOWNLOAD)
        await _rows(stored, 1)
        await desk.post("radarr", DOWNLOAD)
        await desk.post("radarr", {**DOWNLOAD, "downloadId": "DEF"})

        rows = await _rows(stored, 3)
        assert sorted(row.status for row in rows) == ["duplicate", "queued", "queued"]
        (duplicate,) = [row for row in rows if row.status == "duplicate"]
        assert first.json()["event_id"] in duplicate.reason
        assert len(await _changes(stored, 2)) == 2


async def test_a_mark_lets_its_own_event_pass_again(bus):
    memory = Memory(Bucket(bus, LOCKS.name))

    told = [await memory.first_event("Radarr|ABC", "key", event) for event in ("e1", "e2", "e1")]

    assert told == ["e1", "e1", "e1"]
    assert await memory.first_event("Radarr|DEF", "key", "e2") == "e2"


async def test_the_halves_of_an_upgrade_meet_across_a_kill_of_the_broker(ingest, stored, server, bus):
    async with ingest(webhook_quiet_seconds=2) as desk:
        await desk.post("radarr", HALF)
        await _rows(stored, 1)
        server.kill()
        server.start()
        await until(lambda: _connected(bus))
        await desk.post("radarr", {**DOWNLOAD, "isUpgrade": True})

        (change,) = await _changes(stored, 1)
        assert (change.kind, change.path) == (ChangeKind.UPGRADED, FILM)
        assert len(change.merged) == 1, "the parked half survived"
        await asyncio.sleep(1)
        assert len(await stored(MediaChangedV1)) == 1


async def test_servers_are_nudged_at_once_but_not_between_the_halves_of_an_upgrade(ingest, stored):
    async with ingest(webhook_quiet_seconds=30) as desk:
        await desk.post("radarr", HALF)
        await desk.post("custom", {"file_path": "/movies/other.mkv"})
        await _rows(stored, 2)

        (nudge,) = await stored(NudgeV1)
        assert nudge.path == "/movies/other.mkv"
        assert await stored(MediaChangedV1) == []


async def test_a_rename_ends_what_waited_for_the_old_name(ingest, stored, bus):
    renamed = {"eventType": "Rename", "movie": FOLDER}
    renamed["renamedMovieFiles"] = [{"path": "/movies/Demo (2020)/B.mkv", "previousPath": FILM}]

    async with ingest(webhook_quiet_seconds=1) as desk:
        await desk.post("radarr", DOWNLOAD)
        await _rows(stored, 1)
        await desk.post("radarr", renamed)

        changes = {one.path: one for one in await _changes(stored, 2)}
        assert changes[FILM].kind is ChangeKind.DELETED
        assert changes["/movies/Demo (2020)/B.mkv"].previous_path == FILM


async def test_playback_is_told_live_and_queues_nothing(ingest, stored, bus):
    event = {"event": "media.play", "owner": True, "Server": {"uuid": "abc"}, "Metadata": {"title": "Demo"}}

    async with ingest() as desk, bus.listening("live.v1.playback.>") as hints:
        await desk.post("plex", event)
        hint = decode(PlaybackHintV1, await asyncio.wait_for(anext(hints), 5))

        assert (hint.server_type, hint.server_identity) == ("plex", "abc")
        assert [row.status for row in await _rows(stored, 1)] == ["playback"]


async def test_an_item_without_a_path_is_looked_up_on_its_server(ingest, stored):
    async with serving(_items("/data/a.mkv", "/data/b.mkv")) as url, ingest(servers=[_jellyfin(url)]) as desk:
        answer = await desk.post("jellyfin", ITEM_ADDED)

        changes = await _changes(stored, 2)
        assert answer.json()["status"] == "queued"
        assert sorted(one.path for one in changes) == ["/data/a.mkv", "/data/b.mkv"]
        assert {one.event_id for one in changes} == {answer.json()["event_id"]}


async def test_an_item_of_a_server_that_is_away_waits_for_it(ingest, stored, bus):
    async with ingest(servers=[_jellyfin("http://127.0.0.1:9")]) as desk:
        await desk.post("jellyfin", ITEM_ADDED)
        await _rows(stored, 1)

        async def waits():
            return bool(await bus.subjects("DUE", "wait.item.>"))

        await until(waits)
        assert await stored(MediaChangedV1) == []


NOBODYS = (
    ({**ITEM_ADDED, "ServerId": "other"}, "not configured"),
    ({"NotificationType": "ItemDeleted", "ServerId": "jf1", "ItemId": "9f", "Name": "Demo"}, "knows the path"),
)


@pytest.mark.parametrize(("payload", "reason"), NOBODYS)
async def test_an_item_that_nobody_can_name_is_ignored_with_the_reason(ingest, stored, payload, reason):
    async with ingest(servers=[_jellyfin("http://127.0.0.1:9")]) as desk:
        answer = await desk.post("jellyfin", payload)

        assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
        assert reason in (await _rows(stored, 1))[0].reason
        assert await stored(ItemChangedV1) == []


def _plex(identity, **changes):
    return Server(id="px", type="plex", url="http://127.0.0.1:9", server_identity=identity, **changes)


def _library_new(**metadata):
    return {"event": "library.new", "owner": True, "Server": {"uuid": "theirs"}, "Metadata": {"title": "D", **metadata}}


WITH_FILE = _library_new(Media=[{"Part": [{"file": FILM}]}])


@pytest.mark.parametrize("route", ["plex", "server/px"])
@pytest.mark.parametrize("payload", [WITH_FILE, _library_new(ratingKey="7")])
async def test_what_another_server_of_the_account_says_is_ignored(ingest, stored, route, payload):
    async with ingest(servers=[_plex("ours")]) as desk:
        answer = await desk.post(route, payload)

        assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
        assert "not configured" in (await _rows(stored, 1))[0].reason
        assert await stored(MediaChangedV1) == []


@pytest.mark.parametrize("servers", [[], [_plex("")], [_plex("ours"), Server(id="p2", type="plex")], [_plex("theirs")]])
async def test_a_server_that_may_be_ours_is_heard(ingest, stored, servers):
    async with ingest(servers=servers) as desk:
        answer = await desk.post("plex", WITH_FILE)

        assert answer.json()["status"] == "queued"
        assert [one.path for one in await _changes(stored, 1)] == [FILM]


async def test_an_event_for_a_disabled_server_is_taken_and_ignored(ingest, stored, folder_server):
    disabled = msgspec.structs.replace(folder_server("/media"), enabled=False)

    async with ingest(servers=[disabled]) as desk:
        answer = await desk.post("server/disk", {"file_path": "/media/a.mkv"})

        assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
        assert "disabled" in answer.json()["message"]
        assert await stored(MediaChangedV1) == []


async def _connected(bus):
    return bus.connected


def _items(*paths):
    async def answer(_request):
        sources = [{"Path": path} for path in paths]
        item = {"Id": "9f", "Type": "Movie", "Path": paths[0], "MediaSources": sources}
        return JSONResponse({"Items": [item], "TotalRecordCount": 1})

    async def who(_request):
        return JSONResponse({"Id": "jf1", "ServerName": "Cabin", "Version": "10.11.0"})

    routes = [Route("/Items", answer), Route("/System/Info", who), Route("/System/Info/Public", who)]
    return Starlette(routes=routes)


async def test_the_deletion_half_of_an_upgrade_may_come_long_after_the_import(ingest, stored):
    async with ingest(webhook_quiet_seconds=1) as desk:
        upgrade = await desk.post("radarr", {**DOWNLOAD, "isUpgrade": True})
        await _changes(stored, 1)
        await desk.post("radarr", HALF)

        row = (await _rows(stored, 2))[1]
        assert (row.status, upgrade.json()["event_id"] in row.reason) == ("duplicate", True)
        assert len(await stored(MediaChangedV1)) == 1
