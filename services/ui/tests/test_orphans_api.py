"""`/api/orphans` and `/api/playback` over real HTTP and a real bus; a stand-in for the publisher answers the orders."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from framewright.chassis.bus import Bucket, provision
from framewright.chassis.clock import now
from framewright.contracts.base import decode, encode
from framewright.contracts.catalogue import JOB_STATE, PRESENCE, PUBLISH, Topology
from framewright.contracts.orphans import CONFIRMED_PREFIX, ORPHANS_PREFIX, Orphan, OrphanOrderV1, OrphanReport
from framewright.contracts.playback import PLAYBACK_PREFIX, PlayingItem, ServerPlayback

pytestmark = pytest.mark.integration

LOST = Orphan("/media/A/A-320-5.bif", "/media/A/A.mkv", "the video is gone", 10, recorded=True)


@pytest.fixture
async def server(ui, bus):
    await provision(bus, Topology(streams=(PUBLISH,), buckets=(JOB_STATE,)))
    answered = await ui.http.post("/api/servers", json={"id": "s1", "type": "folder", "name": "Shelf"})
    assert answered.status_code == 201, answered.text


@pytest.fixture
def publisher(bus):
    """Answers every order with one orphan of ten outputs, or with what it is told to."""

    @asynccontextmanager
    async def run(state: str = "done"):
        orders: list[OrphanOrderV1] = []

        async def answer(listener):
            async for data in listener:
                order = decode(OrphanOrderV1, data)
                orders.append(order)
                report = OrphanReport(
                    server_id=order.server_id,
                    order_id=order.order_id,
                    state=state,
                    at=now(),
                    reason="no" if state == "refused" else "",
                    found=1,
                    outputs=10,
                    orphans=(LOST,),
                    removed=int(order.remove),
                )
                await Bucket(bus, JOB_STATE.name).put(ORPHANS_PREFIX + order.server_id, encode(report))

        async with bus.listening(f"{OrphanOrderV1.HEAD}.>") as listener:
            task = asyncio.create_task(answer(listener))
            yield orders
            task.cancel()

    return run


async def test_a_search_is_a_dry_run_with_the_percentage(ui, server, publisher):
    async with publisher() as orders:
        found = await ui.json("/api/orphans?server_id=s1")

    assert (found["found"], found["outputs"], found["percent"], found["removed"]) == (1, 10, 10.0, 0)
    assert found["orphans"][0]["reason"] == "the video is gone"
    assert [order.remove for order in orders] == [False]
    assert await ui.json("/api/orphans/report?server_id=s1") == found


@pytest.mark.parametrize(
    ("body", "removes"),
    [
        ({}, False),
        ({"confirm": "1"}, False),
        ({"dry_run": False, "confirm": "1"}, True),
        ({"dry_run": False, "confirm": 1, "limit_percent": 50}, True),
    ],
)
async def test_only_a_typed_number_and_no_dry_run_removes(ui, server, publisher, body, removes):
    async with publisher() as orders:
        answered = await ui.http.post("/api/orphans/remove", json={"server_id": "s1", **body})

    assert answered.status_code == 200, answered.text
    assert [(order.remove, order.confirmed) for order in orders] == [(removes, int(removes))]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"server_id": "s1", "dry_run": False}, "confirm"),
        ({"server_id": "s1", "dry_run": False, "confirm": "all"}, "confirm"),
        ({"server_id": "s1", "dry_run": False, "confirm": "9" * 5000}, "confirm"),
        ({"server_id": "s1", "limit_percent": 101}, "limit_percent"),
        ({"server_id": "s1", "dry_run": "no"}, "dry_run"),
        ({}, "server_id"),
    ],
)
async def test_an_order_that_is_wrong_names_its_field(ui, server, body, field):
    answered = await ui.http.post("/api/orphans/remove", json=body)

    assert (answered.status_code, answered.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answered.json()["error"].startswith(field)


async def test_what_the_publisher_refuses_says_why(ui, server, publisher):
    async with publisher("refused"):
        answered = await ui.http.get("/api/orphans", params={"server_id": "s1"})

    assert (answered.status_code, answered.json()["error"], answered.json()["code"]) == (409, "no", "REFUSED")


async def test_a_confirmation_is_kept_for_an_hour(ui, server, bus):
    answered = await ui.http.post("/api/orphans/confirm", json={"server_id": "s1"})

    assert answered.json() == {"server_id": "s1", "released": 0}
    assert await Bucket(bus, JOB_STATE.name).get(f"{CONFIRMED_PREFIX}s1") is not None
    assert (await ui.http.post("/api/orphans/confirm", json={"server_id": "s2"})).status_code == 404


async def test_what_plays_where_is_shown_with_the_policy(ui, bus):
    state = ServerPlayback("s1", now(), (PlayingItem("7", "/data/Film.mkv", user="ann"),))
    await Bucket(bus, PRESENCE.name).put(f"{PLAYBACK_PREFIX}s1", encode(state))

    shown = await ui.until("/api/playback", lambda body: body["servers"])

    assert (shown["policy"], shown["heavy_work_waits"]) == ("item", "")
    assert shown["servers"][0]["current"] is True
    assert shown["servers"][0]["playing"][0]["path"] == "/data/Film.mkv"
