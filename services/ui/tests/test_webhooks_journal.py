"""Webhooks that wait, and stored ones that are sent again; over REST on a real broker."""

import asyncio
from datetime import timedelta

import pytest

from framewright.chassis.bus import provision
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE, EVENTS, INGEST, Topology
from framewright.contracts.facts import EventClassifiedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1, RawEventV1
from framewright.domain.outcome import ChangeKind

pytestmark = pytest.mark.integration

KEY, ITEM_KEY = "a" * 32, "b" * 32
PENDING, REPLAY = "/api/webhooks/pending", "/api/webhooks/replay"


@pytest.fixture
async def journal(bus):
    await provision(bus, Topology(streams=(EVENTS, DUE, INGEST), buckets=()))
    return bus


def _change(key=KEY, **more):
    fields = {"source": "radarr", "kind": ChangeKind.UPGRADED, "path": "/films/A.mkv", "observed_at": now(), **more}
    return MediaChangedV1(event_id="e1", key=key, merged=("e2",), title="A", **fields)


async def _stored(bus, tell, number, status="quarantined", *, minutes_ago=0.0, **more):
    at = now() - timedelta(minutes=minutes_ago)
    await tell(RawEventV1(id=f"e{number}", route="radarr", received_at=at, body=b'{"n": %d}' % number, **more))
    row = EventClassifiedV1(event_id=f"e{number}", at=at, source="radarr", event_type="", title="A", status=status)
    await tell(row)
    return at


async def _raw(bus):
    _, last = await bus.stream_state(INGEST.name)
    return [decode(RawEventV1, (await bus.get_sequence(INGEST.name, one)).data) for one in range(1, last + 1)]


async def test_what_waits_is_shown_with_the_time_it_waits_for(journal, start_ui, tell):
    due = now() + timedelta(minutes=5)
    item = ItemChangedV1(
        event_id="e3", key=ITEM_KEY, source="jellyfin", kind=ChangeKind.ADDED, observed_at=now(), item_id="9f"
    )
    await tell(Later(_change(first_at=now()), due), Later(item, due + timedelta(hours=1), attempt=3))

    async with start_ui() as ui:
        shown = await ui.json(PENDING)

    first, second = shown["pending"]
    assert shown["total"] == 2
    assert (first["key"], first["path"], first["kind"], first["merged"]) == (KEY, "/films/A.mkv", "upgraded", 1)
    assert first["due"][:19] == due.isoformat()[:19]
    assert (second["item"], second["attempt"], second["path"]) == ("9f", 3, "")


async def test_a_waiting_webhook_is_let_go_exactly_once(journal, start_ui, tell):
    await tell(Later(_change(), now() + timedelta(hours=1)))

    async with start_ui() as ui:
        answers = [await ui.http.post(f"{PENDING}/{key}/fire-now") for key in (KEY, KEY, "c" * 32, "*")]

        assert [answer.status_code for answer in answers] == [200, 404, 404, 404]
        await asyncio.sleep(1.0)  # the broker looks at its clock four times a second
        assert await journal.count(DUE.name, "due.v1.>") == 1
        assert (await ui.json(PENDING))["total"] == 0


async def test_nothing_waits_more_than_five_hundred_times_in_one_answer(journal, start_ui, bus):
    due = now() + timedelta(hours=1)
    for number in range(520):
        await Outgoing(bus).send(Later(_change(f"{number:032x}"), due))

    async with start_ui() as ui:
        shown = await ui.json(PENDING)

    assert (len(shown["pending"]), shown["total"]) == (500, 520)


async def test_one_stored_event_is_sent_again_under_a_new_id(journal, start_ui, tell, bus):
    await _stored(bus, tell, 1)
    await _stored(bus, tell, 2)

    async with start_ui() as ui:
        answer = await ui.http.post(REPLAY, json={"event_id": "e2"})
        unknown = await ui.http.post(REPLAY, json={"event_id": "e9"})

    (_, old, new) = await _raw(bus)
    assert (answer.status_code, unknown.status_code) == (200, 404)
    assert answer.json()["event_ids"] == [new.id]
    assert (new.replay_of, new.body, new.route) == ("e2", old.body, "radarr")


async def test_a_stretch_of_time_is_sent_again_by_status(journal, start_ui, tell, bus):
    begun = now() - timedelta(minutes=1)
    await _stored(bus, tell, 1, "queued")
    await _stored(bus, tell, 2)
    await _stored(bus, tell, 3, "unrecognised")
    await _stored(bus, tell, 4, replay_of="e1")
    until = now()
    wish = {"from": begun.isoformat(), "to": until.isoformat(), "status": "quarantined,unrecognised"}

    async with start_ui() as ui:
        answer = await ui.http.post(REPLAY, json=wish)
        nothing = await ui.http.post(REPLAY, json={**wish, "to": begun.isoformat()})

    assert (answer.json()["replayed"], answer.json()["passed_over"], answer.json()["truncated"]) == (2, 2, False)
    assert nothing.json()["replayed"] == 0
    assert [one.replay_of for one in await _raw(bus)][4:] == ["e2", "e3"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"from": "yesterday", "to": "today"}',
        b'{"from": "2026-11-20T10:00:00"}',
        b'{"from": "2026-11-20T10:00:00Z", "to": "2026-11-19T10:00:00Z"}',
        b'{"event": "e1"}',
    ],
)
async def test_a_wish_that_says_nothing_clear_is_refused(journal, start_ui, body):
    async with start_ui() as ui:
        answer = await ui.http.post(REPLAY, content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_a_stretch_as_long_as_the_calendar_is_what_is_stored(journal, start_ui, tell, bus):
    await _stored(bus, tell, 1)

    async with start_ui() as ui:
        answers = [
            await ui.http.post(REPLAY, json={"from": since, "to": "9999-12-31T23:59:59-12:00", "status": "quarantined"})
            for since in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
        ]

    assert [(one.status_code, one.json()["replayed"]) for one in answers] == [(200, 1), (200, 0)]


@pytest.mark.parametrize("event_id", ["e.1", "e\n", ">", "e 1", "a" * 3000, "\u00e9", "\x00"])
async def test_what_is_no_id_is_no_event(journal, start_ui, event_id):
    async with start_ui() as ui:
        answer = await ui.http.post(REPLAY, json={"event_id": event_id})

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_nobody_without_the_token_may_replay(journal, start_ui):
    async with start_ui() as ui:
        answers = [
            await ui.http.post(path, json={"event_id": "e1"}, headers={"X-Auth-Token": "wrong"})
            for path in (REPLAY, f"{PENDING}/{KEY}/fire-now")
        ]

    assert {answer.status_code for answer in answers} == {401}
