"""Publishing on a real broker: once, guarded, through restarts, and with clear words when it cannot be."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from nats.js import api

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, Occupied, Puller, connect
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import Wire
from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1
from framewright.domain.errors import Reject, Retry

pytestmark = pytest.mark.integration

GUARD = {"Nats-Expected-Last-Subject-Sequence": "0"}
SECURED = """
listen: "127.0.0.1:{port}"
jetstream {{ store_dir: "{store}/jetstream" }}
authorization {{ users: [{{ user: u, password: p, permissions: {{ publish: {{ deny: ["events.v1.dead.>"] }} }} }}] }}
"""

Requests = Callable[..., ExtractRequestedV1]


async def test_the_same_publish_twice_is_stored_once(bus: Bus) -> None:
    first = await bus.publish("events.v1.x", b"1", msg_id="a")
    again = await bus.publish("events.v1.x", b"1", msg_id="a")
    other = await bus.publish("events.v1.x", b"1", msg_id="b")

    assert (first, again, other) == (1, 1, 2)
    assert await bus.count("EVENTS") == 2


async def test_an_id_is_known_after_a_crash_of_the_broker(bus: Bus, server: EmbeddedServer) -> None:
    await bus.publish("events.v1.x", b"1", msg_id="a")
    server.kill()
    server.start()

    assert await bus.publish("events.v1.x", b"1", msg_id="a") == 1


async def test_a_publish_waits_for_a_broker_that_is_away(bus: Bus, server: EmbeddedServer) -> None:
    server.kill()
    publishing = asyncio.create_task(bus.publish("events.v1.x", b"1", msg_id="a"))
    await asyncio.sleep(0.5)

    assert not publishing.done()
    server.start()

    assert await asyncio.wait_for(publishing, 8) == 1
    assert await bus.count("EVENTS") == 1


async def test_a_flood_through_a_crash_is_stored_whole_and_once(bus: Bus, server: EmbeddedServer) -> None:
    async def flood() -> None:
        for number in range(300):
            await bus.publish(f"events.v1.flood.{number}", b"x", msg_id=f"f{number}")

    flooding = asyncio.create_task(flood())
    await asyncio.sleep(0.05)
    server.kill()
    server.start()
    await asyncio.wait_for(flooding, 20)

    assert await bus.count("EVENTS", "events.v1.flood.*") == 300
    assert (await bus.stream_state("EVENTS"))[1] == 300


async def test_a_publish_whose_confirmation_was_lost_is_stored_once(server: EmbeddedServer, bus: Bus) -> None:
    wire = Wire(server.port)
    async with wire.open() as url:
        client = await connect(url, "test")
        wire.mute = True
        publishing = asyncio.create_task(client.publish("events.v1.x", b"1"))
        await asyncio.sleep(0.3)
        wire.mute = False

        assert await publishing == 1
        assert wire.swallowed > 0
        assert (await bus.stream_state("EVENTS"))[1] == 1
        await client.close()


async def test_a_guarded_publish_whose_confirmation_was_lost_is_ours(server: EmbeddedServer, bus: Bus) -> None:
    wire = Wire(server.port)
    async with wire.open() as url:
        client = await connect(url, "test")
        wire.mute = True
        publishing = asyncio.create_task(client.publish("events.v1.x", b"1", headers=GUARD, msg_id="a"))
        await asyncio.sleep(0.3)
        wire.mute = False

        assert await publishing == 1
        with pytest.raises(Occupied):
            await client.publish("events.v1.x", b"1", headers=GUARD, msg_id="b")
        await client.close()


async def test_one_path_is_queued_once_over_all_lanes(bus: Bus, request_for: Requests) -> None:
    outgoing = Outgoing(bus)

    taken = [await outgoing.offer(request_for(lane=lane, job=lane)) for lane in (Lane.LOW, Lane.HI, Lane.MID)]

    assert taken == [True, False, False]
    assert await outgoing.offer(request_for("another"))


async def test_a_path_in_work_is_still_taken_and_free_after_its_ack(bus: Bus, request_for: Requests) -> None:
    outgoing, puller = Outgoing(bus), Puller(bus, "JOBS", "extract-hi-any")
    await outgoing.send(request_for())
    delivered = await puller.next(2)
    assert delivered is not None

    while_in_work = await outgoing.offer(request_for(job="second"))
    await delivered.ack()

    assert not while_in_work
    assert await outgoing.offer(request_for(job="second"))
    await puller.close()


async def test_an_unreachable_broker_becomes_a_retry_in_time(bus: Bus, server: EmbeddedServer) -> None:
    server.kill()
    began = time.monotonic()

    with pytest.raises(Retry) as failure:
        await bus.publish("events.v1.x", b"1", deadline=0.5)

    assert failure.value.code == "BUS_UNAVAILABLE"
    assert time.monotonic() - began < 3


async def test_too_many_bytes_are_rejected_with_a_clear_word(bus: Bus) -> None:
    with pytest.raises(Reject) as failure:
        await bus.publish("events.v1.x", bytes(9 * 2**20))

    assert failure.value.code == "TOO_LARGE"
    assert "events.v1.x" in failure.value.reason


async def test_what_a_stream_refuses_becomes_a_retry_with_its_reason(bus: Bus) -> None:
    await bus.js.add_stream(api.StreamConfig(name="SMALL", subjects=["small.>"], max_msg_size=10))

    with pytest.raises(Retry) as failure:
        await bus.publish("small.x", bytes(100))

    assert failure.value.code == "BUS_REFUSED"
    assert "exceeds" in failure.value.reason


@pytest.fixture
def secured(tmp_path: Path):
    """A broker that wants a password and forbids one subject."""
    server = EmbeddedServer(tmp_path / "secured", config=SECURED)
    server.start()
    yield server
    server.stop()


async def test_a_forbidden_publish_says_so(secured: EmbeddedServer) -> None:
    bus = await connect(secured.url.replace("//", "//u:p@"), "test")
    await bus.js.add_stream(api.StreamConfig(name="EVENTS", subjects=["events.v1.>"]))

    with pytest.raises(Retry, match=r"did not confirm events\.v1\.dead\.x: not permitted"):
        await bus.publish("events.v1.dead.x", b"1", deadline=0.3)

    assert await bus.publish("events.v1.other", b"1") == 1
    await bus.close()


async def test_wrong_credentials_are_told_in_time(secured: EmbeddedServer) -> None:
    with pytest.raises(Retry, match="Authorization Violation"):
        await connect(secured.url, "test", wait=1.0)


async def test_a_broker_that_is_not_there_is_told_in_time() -> None:
    began = time.monotonic()

    with pytest.raises(Retry) as failure:
        await connect("nats://127.0.0.1:1", "test", wait=0.6)

    assert failure.value.code == "BUS_UNAVAILABLE"
    assert time.monotonic() - began < 2


async def test_a_connection_waits_for_a_broker_that_starts_late(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "late")
    connecting = asyncio.create_task(connect(server.url, "test", wait=10))
    await asyncio.sleep(0.4)
    server.start()

    bus = await connecting

    assert bus.connected
    await bus.close()
    server.stop()


async def test_a_broker_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "broken", config="no such setting {{")

    with pytest.raises(Retry, match="nats-server did not start"):
        server.start()


async def test_live_words_reach_whoever_listens_and_are_not_stored(bus: Bus) -> None:
    async with bus.listening("live.v1.>") as words:
        await bus.client.flush()
        await bus.publish_live("live.v1.progress.x", b"half")

        assert await asyncio.wait_for(anext(words), 2) == b"half"


async def test_live_words_into_the_void_are_no_error(bus: Bus, server: EmbeddedServer) -> None:
    server.kill()

    await bus.publish_live("live.v1.progress.x", b"half")


async def test_the_newest_message_of_a_subject_is_read_directly(bus: Bus) -> None:
    await bus.publish("events.v1.a.1", b"old")
    await bus.publish("events.v1.a.1", b"new")

    assert await bus.get_last("EVENTS", "events.v1.a.1") == (2, b"new")
    assert await bus.get_last("EVENTS", "events.v1.a.2") is None
    assert (await bus.get_matching("EVENTS", "events.v1.*.1"))[1] == b"new"
    assert await bus.get_matching("EVENTS", "events.v1.*.2") is None


async def test_one_message_and_one_subject_can_be_removed(bus: Bus) -> None:
    for subject in ("events.v1.a.1", "events.v1.a.2", "events.v1.b.1"):
        await bus.publish(subject, b"x")

    await bus.delete_message("EVENTS", 3)
    await bus.delete_message("EVENTS", 3)
    await bus.purge("EVENTS", "events.v1.a.*")

    assert await bus.get_sequence("EVENTS", 3) is None
    assert await bus.count("EVENTS") == 0


async def test_reading_without_a_broker_is_a_retry(bus: Bus, server: EmbeddedServer) -> None:
    server.kill()
    readings = (bus.get_last("EVENTS", "events.v1.x"), bus.count("EVENTS"), bus.get_sequence("EVENTS", 1))

    failures = await asyncio.gather(*readings, return_exceptions=True)

    assert [type(failure) for failure in failures] == [Retry, Retry, Retry]


async def test_a_connection_closes_although_its_broker_is_gone(bus: Bus, server: EmbeddedServer) -> None:
    server.kill()

    await bus.close()

    assert not bus.connected
