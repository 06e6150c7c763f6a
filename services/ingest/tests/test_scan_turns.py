"""One scan over many turns: exact counts whatever breaks in between."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.contracts.base import Lane
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.jobs import JobControl
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanRequestedV1
from framewright.contracts.settings import Settings
from framewright.domain.errors import Busy, Retry
from framewright.domain.ownership import Library
from framewright.ingest.domain import scans
from framewright.ingest.domain.freshness import Judged, Standing
from framewright.ingest.domain.scans import Page
from framewright.ingest.domain.taken import Taken
from framewright.ingest.handlers.scanner import Scanner
from framewright.ingest.handlers.scans import on_scan_requested

PAGE = 150


class World:
    """Libraries of so many files each, a store, and everything that was sent; `breaks_after` messages the bus is gone."""

    def __init__(self, folder_server, **libraries):
        self.sizes = libraries
        self.sent, self.states, self.pages = [], {}, []
        self.breaks_after = 10**6
        self.away, self.full, self.fresh = set(), False, set()
        servers = [folder_server(id=name, type="plex", libraries=(Library("1", name),)) for name in libraries]
        self.scanner = Scanner(
            states=self,
            library=self,
            judge=self,
            queues=self,
            send=self.send,
            lease=self.lease,
            servers=lambda: servers,
            settings=Settings,
            control=lambda _job: JobControl(),
            held=lambda: "",
            stopping=asyncio.Event(),
            worker="me",
        )

    async def turn(self, **changes):
        """One delivery; the last fact when the scan ended, else the reason why it comes back."""
        request = ScanRequestedV1(job_id="j", title="All", source="test", requested_at=now())
        async with AsyncExitStack() as stack:
            context = Context(1, now(), 1, self.send, self.send, stack)
            try:
                return (await on_scan_requested(request, context, scanner=replace(self.scanner, **changes)))[-1]
            except Retry as error:
                return error

    async def send(self, message):
        if len(self.sent) >= self.breaks_after:
            raise Retry("the bus is gone")
        self.sent.append(message)

    async def load(self, job_id):
        return msgspec.structs.replace(self.states[job_id]) if job_id in self.states else None

    async def save(self, state):
        self.states[state.job_id] = state

    async def save_taken(self, _job_id, _number, _paths):
        raise AssertionError("no file here has two owners")

    async def load_taken(self, _job_id, _numbers):
        return Taken()

    async def total(self, _state, part):
        return self.sizes[part.server_id]

    async def page(self, _request, _state, part):
        if part.server_id in self.away:
            raise Retry("it is away")
        start, size = int(part.cursor or 0), self.sizes[part.server_id]
        end = min(start + PAGE, size)
        self.pages.append((part.server_id, start))
        return Page(tuple(f"/{part.server_id}/{n}" for n in range(start, end)), str(end) if end < size else "", size)

    async def judged(self, _part, raws, *, regenerate):
        await asyncio.sleep(0.002)
        return [Judged(raw, Standing.UP_TO_DATE if raw in self.fresh else Standing.QUEUED) for raw in raws]

    async def lane_is_full(self, lane):
        return self.full and lane is Lane.LOW

    async def router_is_busy(self):
        return False

    @asynccontextmanager
    async def lease(self, _key):
        yield

    def of(self, kind):
        return [one for one in self.sent if isinstance(one, kind)]


@pytest.fixture
def world(folder_server):
    return lambda **libraries: World(folder_server, **libraries)


async def test_a_scan_comes_back_after_each_turn_and_goes_through_every_page_once(world):
    films = world(a=400, b=10)

    endings = []
    while not endings or isinstance(endings[-1], Busy):
        endings.append(await films.turn(turn=timedelta(milliseconds=1)))

    last = endings[-1]
    assert len(endings) > 1
    assert films.pages == sorted(set(films.pages))
    assert (last.count.checked, len({one.key for one in films.of(MediaChangedV1)})) == (410, 410)
    assert [job.total for job in films.of(JobCreatedV1)] == [410]


@pytest.mark.parametrize("breaks_after", [0, 1, 2, 60, 151, 152, 153, 200, 303, 304, 380])
async def test_counts_are_exact_wherever_the_scan_breaks_off(world, breaks_after):
    films = world(a=330)
    films.fresh = {f"/a/{number}" for number in range(0, 330, 10)}
    films.breaks_after = breaks_after
    await films.turn()
    films.breaks_after = 10**6

    last = await films.turn()

    assert (last.total, last.count.checked, last.count.up_to_date, last.count.queued) == (330, 330, 33, 297)
    assert len({one.dedupe_key() for one in films.of(MediaChangedV1)}) == 297


async def test_a_page_that_was_decided_is_queued_as_it_was_decided(world):
    films = world(a=100)
    films.breaks_after = 50
    await films.turn()
    films.breaks_after = 10**6
    films.fresh = {f"/a/{number}" for number in range(100)}  # all were made in the meantime

    last = await films.turn()

    assert (last.count.queued, last.count.up_to_date) == (100, 0)
    assert len({one.key for one in films.of(MediaChangedV1)}) == 100


async def test_a_full_lane_takes_no_slot_and_no_file(world):
    films = world(a=100)
    films.full = True

    ending = await films.turn()

    assert isinstance(ending, Busy)
    assert not films.of(MediaChangedV1)
    films.full = False
    assert (await films.turn()).count.queued == 100


async def test_a_stop_is_remembered_so_that_the_settings_can_decide(world):
    films = world(a=400)
    films.scanner.stopping.set()

    ending = await films.turn()

    assert isinstance(ending, Busy)
    assert films.states["j"].interrupted_at is not None
    films.scanner.stopping.clear()
    assert (await films.turn()).count.queued == 400


async def test_a_server_that_is_away_for_a_day_is_given_up_and_its_files_have_failed(world):
    films = world(a=100, b=20)
    films.away = {"a"}
    await films.turn()

    for _ in range(scans.MOST_TRIES - 1):
        state = films.states["j"]
        parts = tuple(msgspec.structs.replace(one, next_try=None) for one in state.parts)
        films.states["j"] = msgspec.structs.replace(state, parts=parts)
        last = await films.turn()

    assert (last.finished, last.note) == (True, "it is away")
    assert (last.total, last.count.checked, last.count.queued, last.count.failed) == (120, 120, 20, 100)


async def test_an_empty_library_is_believed_at_the_second_look(world):
    films = world(a=0, b=5)

    first = await films.turn()
    state = films.states["j"]
    parts = tuple(msgspec.structs.replace(one, next_try=None) for one in state.parts)
    films.states["j"] = msgspec.structs.replace(state, parts=parts)
    last = await films.turn()

    assert isinstance(first, Busy)
    assert (last.finished, last.note, last.total, last.count.queued) == (True, "", 5, 5)
