"""The doors of other programs, and the sender that brings too much."""

import asyncio
import json

import pytest

from framewright.chassis.testing.bus import until
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import RawEventV1
from framewright.ingest.domain.flood import MOST_SENDERS, Allowance, Flood

pytestmark = pytest.mark.integration

FILM = {"file_path": "/media/film.mkv"}


async def _paths(stored, count):
    async def there():
        return len(await stored(EventClassifiedV1)) >= count

    await until(there)
    return sorted(path for row in await stored(EventClassifiedV1) for path in row.paths)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_autoscan_set_up_works_unchanged(ingest, stored, secret, method):
    async with ingest() as desk:
        answer = await desk.http.request(
            method, "/triggers/manual", params=[("dir", "/tv/A"), ("dir", "/tv/B ü")], auth=("autoscan", secret)
        )

        assert (answer.status_code, answer.json()["kind"]) == (202, "autoscan")
        assert await _paths(stored, 1) == ["/tv/A", "/tv/B ü"]
        (event,) = await stored(RawEventV1)
        assert json.loads(event.body) == {"dirs": ["/tv/A", "/tv/B ü"]}


async def test_a_named_trigger_takes_a_path_or_the_payload_of_its_sender(ingest, stored, secret):
    download = {"eventType": "Download", "series": {"path": "/tv/A"}, "episodeFile": {"path": "/tv/A/1.mkv"}}

    async with ingest() as desk:
        by_path = await desk.http.get("/triggers/anything", params={"path": "/tv/C"}, auth=("x", secret))
        by_payload = await desk.http.post("/triggers/sonarr", json=download, auth=("x", secret))
        asked = await desk.http.head("/triggers/manual", auth=("x", secret))
        without = await desk.http.get("/triggers/manual", auth=("x", secret))
        stranger = await desk.http.get("/triggers/manual", params={"dir": "/tv/D"})

        assert (by_path.json()["kind"], by_payload.json()["kind"]) == ("autoscan", "sonarr")
        assert (asked.status_code, without.status_code, stranger.status_code) == (200, 400, 401)
        assert stranger.headers["www-authenticate"].startswith("Basic")
        assert await _paths(stored, 2) == ["/tv/A/1.mkv", "/tv/C"]


async def test_a_drive_of_a_train_lies_where_the_setting_says(ingest, stored, secret):
    body = {"created": ["tv/Demo"], "deleted": ["tv/Gone"]}

    async with ingest(a_train_drives="d1=/mnt/cloud; d2=/mnt/other") as desk:
        known = await desk.http.post("/triggers/a-train/d1", json=body, auth=("x", secret))
        unknown = await desk.http.post("/triggers/a-train/d3", json=body, auth=("x", secret))
        broken = await desk.http.post("/triggers/a-train/d1", content=b"{", auth=("x", secret))

        assert known.status_code == 202
        assert (unknown.status_code, "A_TRAIN_DRIVES" in unknown.json()["error"]) == (404, True)
        assert broken.status_code == 400
        assert await _paths(stored, 2) == ["/mnt/cloud/tv/Demo", "/mnt/cloud/tv/Gone"]


async def test_nobody_hears_about_limits_before_they_may_enter(ingest, secret):
    many = "&".join(f"dir=/a{number}" for number in range(1001))

    async with ingest() as desk:
        answers = [await desk.http.get(f"/triggers/manual?{many}{token}") for token in ("", f"&token={secret}")]

    assert [answer.status_code for answer in answers] == [401, 400]


async def test_a_flood_is_refused_and_told_in_one_row(ingest, stored, token, secret):
    async with ingest(flood_burst=10, flood_rate=0.001) as desk:
        answers = [await desk.post("custom", FILM) for _ in range(15)]
        other = await desk.post("custom", FILM, headers={"X-Auth-Token": secret})

        refused = [answer for answer in answers if answer.status_code == 429]
        assert (len(refused), other.status_code) == (5, 202)
        assert int(refused[0].headers["retry-after"]) >= 1
        assert refused[0].json()["code"] == "TOO_MANY_REQUESTS"
    rows = [
        row for row in await stored(EventClassifiedV1) if row.status == "refused"
    ]  # told when it stops at the latest
    assert [row.count for row in rows] == [5]
    assert token not in str(rows)
    assert len(await stored(RawEventV1)) == 11


def test_a_sender_may_come_again_when_it_was_told():
    flood = Flood(Allowance(burst=2, rate=10))
    for _ in range(2):
        assert flood.wait("a", "custom", 0.0) == 0

    wait = flood.wait("a", "custom", 0.0)

    assert 0 < wait <= 0.1
    assert flood.wait("b", "custom", 0.0) == 0, "another sender has a share of its own"
    assert flood.wait("a", "custom", wait) == 0


def test_senders_that_are_forgotten_leave_their_count_behind():
    flood = Flood(Allowance(burst=1, rate=0.001))
    for _ in range(3):
        flood.wait("first", "custom", 0.0)

    for number in range(MOST_SENDERS + 5):
        flood.wait(f"sender {number}", "custom", 1.0)

    assert [(one.sender, one.count) for one in flood.refusals()] == [("first", 2)]
    assert flood.refusals() == []


def test_without_a_rate_nobody_is_limited():
    flood = Flood(Allowance(burst=1, rate=0))

    assert {flood.wait("a", "custom", 0.0) for _ in range(100)} == {0.0}


async def test_a_flood_from_many_connections_loses_nothing_that_was_accepted(ingest, stored):
    async with ingest(flood_burst=40, flood_rate=1) as desk:
        posts = [desk.post("custom", {"file_path": f"/media/{number}.mkv"}) for number in range(100)]
        answers = await asyncio.gather(*posts)

        accepted = {answer.json()["event_id"] for answer in answers if answer.status_code == 202}
        assert {answer.status_code for answer in answers} == {202, 429}
        assert {event.id for event in await stored(RawEventV1)} == accepted
