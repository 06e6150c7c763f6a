"""A server that does not answer is left alone, probed, and served again; it costs the others nothing."""

import asyncio
import time

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import LOCKS, PRESENCE
from framewright.contracts.playback import PlaybackHintV1
from framewright.contracts.server import Server
from framewright.contracts.server_state import ServerState, decode_server_state, server_state_key
from framewright.domain.errors import Busy, NotIndexed, Reject, Retry
from framewright.publisher.adapters.breaker import FAILURES, Breaker, Breakers
from framewright.publisher.adapters.server_states import tell_state
from framewright.vendors.simulation.instruments import Fault, FaultKind

AWAY = Retry("no answer", code="UNREACHABLE")
REFUSED = Reject("refused", code="UNAUTHORIZED")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(lambda: None, clock)


def fails(breaker, times=FAILURES, error=AWAY):
    for _ in range(times):
        breaker.ended(error)


def test_five_failures_in_a_row_open_it_and_then_nobody_is_let_pass(breaker):
    fails(breaker, FAILURES - 1)
    breaker.admit()
    fails(breaker, 1)

    with pytest.raises(Busy) as busy:
        breaker.admit()

    assert (busy.value.code, busy.value.after) == ("UNREACHABLE", 31.0)


@pytest.mark.parametrize(
    "answer",
    [None, Reject("404", code="REFUSED"), Retry("429", code="BUSY"), Retry("html", code="BAD_ANSWER"), NotIndexed("")],
)
def test_any_answer_between_failures_keeps_it_closed(breaker, answer):
    for _ in range(3):
        fails(breaker, FAILURES - 1)
        breaker.ended(answer)

    assert not breaker.is_open


@pytest.mark.parametrize(
    ("error", "is_open"), [(None, False), (AWAY, True), (REFUSED, True), (Reject("", code="X"), False)]
)
def test_a_probe_decides_whether_an_open_one_closes(breaker, error, is_open):
    fails(breaker)

    breaker.probed(error)

    assert breaker.is_open == is_open


def test_one_refused_call_opens_nothing_until_the_probe_is_refused_too(breaker, clock):
    breaker.ended(REFUSED)
    assert (breaker.is_open, breaker.doubted) == (False, True)

    breaker.probed(None)
    assert (breaker.is_open, breaker.doubted) == (False, False)

    breaker.ended(REFUSED)
    breaker.probed(REFUSED)
    assert (breaker.code, breaker.probe_at - clock.now) == ("UNAUTHORIZED", 60.0)


@pytest.fixture
async def watched(clock):
    """Breakers of two servers whose probes a test answers; `told` is what was made known."""

    class Watched:
        def __init__(self):
            self.servers = [Server("a", "plex"), Server("b", "plex")]
            self.answers, self.told, self.probes, self.before = {}, [], [], {}
            self.breakers = Breakers(lambda: self.servers, self.probe, self.tell, self.remembered, clock)

        async def probe(self, server):
            self.probes.append(server.id)
            answer = self.answers.get(server.id)
            if isinstance(answer, asyncio.Event):
                await answer.wait()
            elif answer is not None:
                raise answer

        async def tell(self, state):
            self.told.append((state.server_id, state.code))

        async def remembered(self, server_id):
            return self.before.get(server_id)

    one = Watched()
    stopping = asyncio.Event()
    task = asyncio.create_task(one.breakers.run(stopping))
    yield one
    stopping.set()
    await asyncio.wait_for(task, 3)


async def is_told(watched, *expected):
    async def so():
        return watched.told[-len(expected) :] == list(expected)

    await until(so, 3)


async def test_trouble_and_recovery_are_told_once_each(watched, clock):
    fails(watched.breakers.of("a"))
    await is_told(watched, ("a", "UNREACHABLE"))

    clock.now += 31
    await is_told(watched, ("a", "UNREACHABLE"), ("a", ""))

    assert watched.probes == ["a"]
    assert not watched.breakers.is_open("a")


async def test_a_probe_that_hangs_holds_up_nobody_elses(watched, clock):
    watched.answers["a"] = asyncio.Event()
    fails(watched.breakers.of("a"))
    fails(watched.breakers.of("b"))

    clock.now += 31
    await is_told(watched, ("b", ""))

    assert watched.breakers.is_open("a")


async def test_a_changed_configuration_is_probed_at_once(watched):
    watched.breakers.reconsider()
    fails(watched.breakers.of("a"), error=Retry("", code="TIMEOUT"))
    watched.breakers.reconsider()
    await is_told(watched, ("a", "TIMEOUT"))
    assert watched.probes == []

    watched.servers[0] = msgspec.structs.replace(watched.servers[0], url="http://elsewhere")
    watched.breakers.reconsider()

    await is_told(watched, ("a", ""))


async def test_what_was_known_before_a_restart_is_taken_up_and_asked_at_once(clock):
    told = []

    async def tell(state):
        told.append((state.server_id, state.code))

    async def remembered(_server_id):
        return ServerState(server_id="a", since=now(), code="UNREACHABLE", reason="away")

    async def answers(_server):
        return None

    breakers = Breakers(lambda: [Server("a", "plex")], answers, tell, remembered, clock)
    stopping = asyncio.Event()
    task = asyncio.create_task(breakers.run(stopping))

    async def well():
        return ("a", "") in told

    await until(well, 3)
    stopping.set()
    await task
    assert not breakers.is_open("a")


@pytest.fixture
def quickly(monkeypatch):
    """Probes follow each other within the test's time."""
    monkeypatch.setattr("framewright.publisher.adapters.breaker.PROBE_SECONDS", 0.5)
    monkeypatch.setattr("framewright.publisher.adapters.breaker.REFUSED_PROBE_SECONDS", 0.5)


async def troubles(bus, server_id):
    """Whether the bucket says that the server takes no calls, with the code."""
    entry = await Bucket(bus, PRESENCE.name).get(server_state_key(server_id))
    return decode_server_state(entry.value).code if entry and entry.value else ""


@pytest.mark.integration
async def test_an_outage_costs_no_attempts_and_is_caught_up_with_by_itself(open_office, bus, quickly):
    async with open_office() as office, office.desk.simulated("emby") as server:
        faults = office.desk.state.instruments
        faults.inject(Fault(FaultKind.STATUS, status=503))
        await office.config.add_server(server)
        for number in range(6):
            await office.order(server, f"First {number}")
        await until(lambda: _says(bus, server, "SERVER_ERROR"))

        orders = [await office.order(server, f"Film {number}") for number in range(4)]
        await asyncio.sleep(0.7)
        left = await bus.count("PUBLISH", "publish.v1.>")
        faults.clear()
        facts = [await office.fact(order) for order in orders]

        assert left > 0
        assert [(fact["outcome"], fact["attempt"]) for fact in facts] == [("adopted", 1)] * 4
        assert await _says(bus, server, "")
        assert await bus.count("EVENTS", f"events.v1.server.{server.id}") == 2


async def _says(bus, server, code):
    return await troubles(bus, server.id) == code


@pytest.mark.integration
async def test_refused_credentials_pause_the_server_until_they_are_mended(open_office, bus, quickly):
    async with open_office() as office, office.desk.simulated("plex", token="another") as server:
        await office.config.add_server(server)
        await office.order(server)

        async def paused():
            return await troubles(bus, server.id) == "UNAUTHORIZED"

        await until(paused)
        asked = len(office.desk.asked("GET", "/library/*"))
        another = await office.order(server, "Another")
        await asyncio.sleep(0.3)
        assert len(office.desk.asked("GET", "/library/*")) == asked

        office.desk.state.token = server.auth.token

        assert (await office.fact(another))["code"] == "NOT_INDEXED"


@pytest.mark.integration
async def test_trouble_is_told_of_although_nothing_is_owed_to_the_server_and_polls_end_with_it(open_office, bus):
    async with open_office() as office, office.desk.simulated("jellyfin", token="another") as server:
        await office.config.add_server(server)
        await until(lambda: _says(bus, server, "UNAUTHORIZED"))
        polls = len(office.desk.asked("GET", "/Sessions"))
        await Outgoing(bus).show(PlaybackHintV1(server_type="jellyfin"))
        await asyncio.sleep(0.5)

        assert polls == len(office.desk.asked("GET", "/Sessions"))


@pytest.mark.integration
async def test_a_server_that_hangs_does_not_delay_another(open_office):
    async with open_office() as office, office.desk.simulated("emby") as slow:
        office.desk.state.instruments.inject(Fault(FaultKind.LATENCY, path="*", seconds=60))
        await office.config.add_server(msgspec.structs.replace(slow, timeout=1.0))
        for number in range(6):
            await office.order(slow, f"Film {number}")
        well = await office.add(server_id="well")
        began = time.monotonic()

        facts = [await office.fact(await office.order(well, f"Film {number}")) for number in range(6)]

        assert {fact["outcome"] for fact in facts} == {"published"}
        assert time.monotonic() - began < 5


async def test_two_publishers_tell_of_one_trouble_once(bus):
    presence, locks, outgoing = Bucket(bus, PRESENCE.name), Bucket(bus, LOCKS.name), Outgoing(bus)
    state = ServerState(server_id="a", since=now(), code="UNREACHABLE", reason="away")
    both = [tell_state(presence, locks, outgoing, state) for _ in range(2)]

    ends = await asyncio.gather(*both, return_exceptions=True)
    await tell_state(presence, locks, outgoing, state)

    assert [type(end) for end in ends if end is not None] in ([], [Busy])
    assert await bus.count("EVENTS", "events.v1.server.a") == 1
