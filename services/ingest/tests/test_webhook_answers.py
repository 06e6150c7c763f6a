"""What is stored of an event, what its sender is told, and what the history shows."""

import json

import pytest

from framewright.chassis.testing.bus import until
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import MediaChangedV1, RawEventV1
from framewright.contracts.settings import Settings, patch_settings
from framewright.domain.outcome import ChangeKind

pytestmark = pytest.mark.integration

DOWNLOAD = {"eventType": "Download", "movie": {"title": "Inception", "folderPath": "/movies/Inception (2010)"}}
PLEX_NEW = {"event": "library.new", "owner": True, "Metadata": {"title": "Some Movie", "ratingKey": "1"}}


async def _history(stored, count=1):
    async def there():
        return len(await stored(EventClassifiedV1)) >= count

    await until(there)
    return await stored(EventClassifiedV1)


async def test_a_download_is_queued_in_the_words_of_the_reference(ingest, stored):
    async with ingest() as desk:
        answer = await desk.post("radarr", DOWNLOAD)

        assert answer.status_code == 202
        assert answer.json()["success"] is True
        assert answer.json()["message"] == "Processing queued for 'Inception'"
        (row,) = await _history(stored)
        assert (row.source, row.event_type, row.status) == ("radarr", "Download", "queued")
        assert (row.event_id, row.paths) == (answer.json()["event_id"], ("/movies/Inception (2010)",))


async def test_a_test_event_is_answered_and_queues_nothing(ingest, stored):
    async with ingest() as desk:
        for name in ("radarr", "sonarr", "custom"):
            answer = await desk.post(name, {"eventType": "Test"})

            assert answer.status_code == 200
            assert answer.json()["message"] == f"{name.capitalize()} webhook configured successfully"
        assert {row.status for row in await _history(stored, 3)} == {"test"}
        assert await stored(MediaChangedV1) == []


async def test_one_file_is_counted_in_the_answer(ingest):
    async with ingest() as desk:
        one = await desk.post("custom", {"file_path": "/a.mkv"})
        two = await desk.post("custom", {"file_paths": ["/a.mkv", "/b.mkv"]})

    assert one.json()["message"] == "Processing queued for 1 file"
    assert two.json()["message"] == "Processing queued for 2 files"


KNOWN = (
    ("radarr", {"eventType": "MovieMoved", "movie": {}}, "ignored"),
    ("incoming", {"NotificationType": "PlaybackStart"}, "playback"),
    ("incoming", {"eventType": "Health", "instanceName": "Sonarr"}, "ignored"),
    ("sonarr", {"eventType": "Download", "series": {}}, "ignored_no_path"),
    ("plex", PLEX_NEW, "ignored"),
    ("radarr", {"eventType": "Download", "movie": {"folderPath": 5, "title": []}}, "quarantined"),
    ("incoming", {"eventType": "Download", "series": "odd"}, "quarantined"),
)


async def test_a_known_sender_is_never_refused(ingest, stored):
    async with ingest() as desk:
        answers = [await desk.post(route, payload) for route, payload, _ in KNOWN]

        assert {answer.status_code for answer in answers} == {202}
        assert [answer.json()["status"] for answer in answers] == [status for _, _, status in KNOWN]
        assert [json.loads(event.body) for event in await stored(RawEventV1)] == [payload for _, payload, _ in KNOWN]
        rows = {row.event_id: row for row in await _history(stored, len(KNOWN))}
        assert [rows[answer.json()["event_id"]].status for answer in answers] == [status for _, _, status in KNOWN]
        assert all(row.reason for row in rows.values())


async def test_a_shape_of_nobody_is_stored_before_it_is_refused(ingest, stored):
    body = b'{"hello":  "world"}'

    async with ingest() as desk:
        answer = await desk.post("incoming", body)

        assert answer.status_code == 400
        assert answer.json()["code"] == "VALIDATION_ERROR"
        (event,) = await stored(RawEventV1)
        assert (event.body, event.route, event.id) == (body, "incoming", answer.json()["event_id"])
        assert (await _history(stored))[0].status == "unrecognised"


@pytest.mark.parametrize("route", ["radarr", "incoming"])
async def test_what_is_not_json_is_refused_but_kept(ingest, stored, route):
    bodies = [b"", b"not json", b'["a"]', b'{"a":', b"\xff\xfe"]

    async with ingest() as desk:
        answers = [await desk.post(route, body) for body in bodies]

        assert {answer.status_code for answer in answers} == {400}
        assert set(answers[0].json()) == {"success", "error", "code"}
        assert [event.body for event in await stored(RawEventV1)] == bodies
        assert {row.status for row in await _history(stored, len(bodies))} == {"quarantined"}


async def test_a_custom_payload_without_a_path_is_told_what_is_wanted(ingest):
    async with ingest() as desk:
        answer = await desk.post("custom", {"file": "/a.mkv"})

    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["error"] == "Payload must include 'file_path' (string) or 'file_paths' (array of strings)"


async def test_the_universal_endpoint_says_who_it_took_the_sender_for(ingest):
    async with ingest() as desk:
        answer = await desk.post("incoming", DOWNLOAD)

    assert (answer.json()["kind"], answer.json()["status"]) == ("radarr", "queued")


async def test_a_put_is_as_good_as_a_post(ingest, token):
    async with ingest() as desk:
        answer = await desk.http.put("/api/webhooks/radarr", json=DOWNLOAD, headers={"X-Auth-Token": token})

    assert answer.status_code == 202


async def test_plex_is_read_from_its_multipart(ingest, token, stored):
    media = {"Media": [{"Part": [{"file": "/data/a.mkv"}]}]}
    event = {"event": "library.new", "owner": True, "Metadata": {"title": "A", **media}}
    parts = {"payload": (None, json.dumps(event)), "thumb": ("t.jpg", b"\xff\xd8\xff\xe0pixels", "image/jpeg")}

    async with ingest() as desk:
        answer = await desk.http.post(f"/api/webhooks/plex?token={token}", files=parts)

        assert answer.json()["message"] == "Processing queued for 'A'"
        assert (await _history(stored))[0].paths == ("/data/a.mkv",)


async def test_disabled_webhooks_are_taken_but_not_acted_on(ingest, stored):
    async with ingest(stored_settings={"webhook_enabled": False}) as desk:
        answer = await desk.post("radarr", DOWNLOAD)
        test = await desk.post("radarr", {"eventType": "Test"})

        assert (answer.status_code, answer.json()["status"]) == (202, "disabled")
        assert test.status_code == 200
        assert {row.status for row in await _history(stored, 2)} == {"disabled", "test"}
        assert await stored(MediaChangedV1) == []


PLEX_FILE = {**PLEX_NEW, "Metadata": {"title": "A", "Media": [{"Part": [{"file": "/data/a.mkv"}]}]}}


async def test_a_plex_webhook_that_is_switched_off_is_acknowledged_noted_and_nothing_else(ingest, stored):
    async with ingest(stored_settings={"plex_webhook_enabled": False}) as desk:
        own = await desk.post("plex", PLEX_FILE)
        ping = await desk.post("plex", {"event": "test.ping", "owner": True})
        played = await desk.post("plex", {**PLEX_FILE, "event": "media.play"})
        other = await desk.post("incoming", PLEX_FILE)

        answers = [(one.status_code, one.json()["success"], one.json()["status"]) for one in (own, ping, played, other)]
        assert answers == [(200, True, "disabled"), (200, True, "test"), (200, True, "disabled"), (202, True, "queued")]
        rows = {row.event_id: row for row in await _history(stored, 4)}
        assert (rows[own.json()["event_id"]].status, rows[own.json()["event_id"]].title) == ("disabled", "A")
        assert "plex_webhook_enabled" in rows[own.json()["event_id"]].reason
        assert {one.event_id for one in await stored(MediaChangedV1)} == {other.json()["event_id"]}


async def test_plex_is_not_heard_until_it_is_switched_on(ingest, config):
    async with ingest(stored_settings={"plex_webhook_enabled": Settings().plex_webhook_enabled}) as desk:
        before = await desk.post("plex", PLEX_FILE)
        await config.change_settings(lambda old: patch_settings(old, {"plex_webhook_enabled": True}))

        async def heard():
            return (await desk.post("plex", PLEX_FILE)).json()["status"] == "queued"

        await until(heard)
        assert before.json()["status"] == "disabled"


async def test_autoscan_enters_by_its_own_path_without_another_credential(ingest, stored):
    async with ingest(server_pass="autoscan-pass") as desk:
        answer = await desk.http.post("/autoscan-pass", json={"eventType": "Manual", "filepath": "/mnt/tv"})
        wrong = await desk.http.post("/autoscan-password", json={"eventType": "Manual", "filepath": "/mnt/tv"})

        assert (answer.status_code, answer.json()["kind"]) == (202, "autoscan")
        assert wrong.status_code == 404
        assert (await _history(stored))[0].paths == ("/mnt/tv",)


async def test_without_a_pass_there_is_no_such_route(ingest):
    async with ingest() as desk:
        answer = await desk.http.post("/", json={"eventType": "Manual", "filepath": "/mnt/tv"})

    assert answer.status_code == 404


async def test_each_path_of_an_event_becomes_a_change(ingest, stored):
    renamed = {"eventType": "Rename", "movie": {"title": "A"}}
    renamed["renamedMovieFiles"] = [{"path": "/b.mkv", "previousPath": "/a.mkv"}, {"path": "/d.mkv"}]

    async with ingest() as desk:
        answer = await desk.post("radarr", renamed)

        async def both():
            return len(await stored(MediaChangedV1)) == 2

        await until(both)
        first, second = await stored(MediaChangedV1)
        assert (first.path, first.previous_path, first.kind) == ("/b.mkv", "/a.mkv", ChangeKind.RENAMED)
        assert (first.event_id, first.title, first.source) == (answer.json()["event_id"], "A", "radarr")
        assert second.path == "/d.mkv"
