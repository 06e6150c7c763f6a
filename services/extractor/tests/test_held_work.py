"""Work that must stand still does, with all its processes and clocks, and goes on where it was. Real decoders, real broker."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import msgspec
import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.job_controls import JobControls
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.testing.bus import until
from framewright.contracts.base import decode
from framewright.contracts.catalogue import CONFIG, EVENTS, JOB_STATE, JOBS, PRESENCE
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.jobs import Processing
from framewright.contracts.playback import PLAYBACK_PREFIX, PlayingItem, ServerPlayback
from framewright.contracts.settings import Playback
from framewright.domain.frames import Picture, Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.extractor.adapters.family import descendants
from framewright.extractor.adapters.gate import Gate, Signals
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.request import ExtractionRequest
from framewright.extractor.settings import ExtractorSettings
from framewright.extractor.wiring import build

SHORT_STALL = 1.0
LARGE = Rendition(1920, 400)


@pytest.fixture
def long_work(film: Any) -> Callable[..., ExtractionRequest]:
    """A job of several seconds: many large pictures of a film that is small on disk."""

    def make(**fields: Any) -> ExtractionRequest:
        path = film("long.mkv", seconds=40, width=640, height=360, gop=12)
        return ExtractionRequest(path=str(path), renditions=(LARGE,), **fields)

    return make


def state(pid: int) -> str:
    """The kernel's letter for what a process does; X when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def decoders() -> list[int]:
    """Decoder processes of this test, and what they started."""
    mine = descendants(os.getpid())
    return [pid for pid in mine if b"adapters.worker" in command(pid) or b"ffmpeg" in command(pid)]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def all_are(letters: str, least: int = 1, wait: float = 2.0) -> None:
    async def so() -> bool:
        found = decoders()
        return len(found) >= least and all(state(pid) in letters for pid in found)

    await until(so, wait=wait)


@pytest.mark.parametrize(("device", "processes"), [("cpu", 1), ("ffmpeg", 2)])
async def test_held_work_stands_still_and_goes_on_where_it_was(
    long_work: Any, monkeypatch: Any, device: str, processes: int
) -> None:
    monkeypatch.setenv("FFMPEG_PATH", imageio_ffmpeg.get_ffmpeg_exe())
    monkeypatch.setenv("FRAMEWRIGHT_DEVICE_PATIENCE", str(SHORT_STALL))
    begun = asyncio.Event()
    async with WorkerPool(1, stall_timeout=SHORT_STALL) as pool:
        work = asyncio.ensure_future(pool.extract(long_work(device=device), lambda share: share > 0.05 and begun.set()))
        await asyncio.wait_for(begun.wait(), 20)

        pool.hold(True)
        await all_are("T", processes)
        held = decoders()
        await asyncio.sleep(SHORT_STALL + 0.6)
        assert not work.done()
        assert decoders() == held
        pool.hold(False)

        extraction = await asyncio.wait_for(work, 60)
    assert (extraction.report.device, extraction.partial) == (device, False)
    assert extraction.report.warnings == ()


@pytest.mark.parametrize("device", ["cpu", "ffmpeg"])
async def test_held_work_that_is_ended_leaves_no_process(long_work: Any, monkeypatch: Any, device: str) -> None:
    monkeypatch.setenv("FFMPEG_PATH", imageio_ffmpeg.get_ffmpeg_exe())
    begun = asyncio.Event()
    async with WorkerPool(1) as pool:
        work = asyncio.ensure_future(pool.extract(long_work(device=device), lambda share: share > 0.05 and begun.set()))
        await asyncio.wait_for(begun.wait(), 20)
        pool.hold(True)

        work.cancel()

        await asyncio.wait({work})
        assert work.cancelled()
        await until(_no_decoder, wait=3)


async def _no_decoder() -> bool:
    return not [pid for pid in decoders() if state(pid) not in "XZ"]


async def test_nothing_begins_while_work_is_held(film: Any) -> None:
    request = ExtractionRequest(path=str(film(seconds=4)), renditions=(Rendition(320, 2000),))
    async with WorkerPool(1, stall_timeout=0.5) as pool:
        pool.hold(True)
        work = asyncio.ensure_future(pool.extract(request))

        await asyncio.sleep(0.8)

        assert pool.pids == ()
        assert not work.done()
        work.cancel()
        await asyncio.wait({work})


class Doorkeeper:
    """A gate with signals that the test sets, and a slot that says when it serves."""

    def __init__(self) -> None:
        self.held = self.watched = ""
        self.time = 0.0
        self.holds: list[bool] = []
        self.serving = False
        self.stopping = asyncio.Event()
        signals = Signals(lambda: self.held, lambda: self.watched, lambda: 60.0, self.holds.append)
        self.gate = Gate(signals, lambda: self.time)

    async def serve(self, closing: asyncio.Event) -> None:
        self.serving = True
        await closing.wait()
        self.serving = False

    async def set(self, *, serving: bool, **signals: Any) -> None:
        for name, value in signals.items():
            setattr(self, name, value)
        looks = len(self.holds)
        self.gate.changed()

        async def fits() -> bool:
            return len(self.holds) > looks and self.serving is serving

        await until(fits, wait=2)


@pytest.fixture
async def door() -> AsyncGenerator[Doorkeeper]:
    made = Doorkeeper()
    async with asyncio.TaskGroup() as group:
        group.create_task(made.gate.run(made.stopping))
        group.create_task(made.gate.work(made.serve, made.stopping))
        yield made
        made.stopping.set()


async def test_a_slot_serves_while_nothing_holds_work_back(door: Doorkeeper) -> None:
    await door.set(serving=True)
    await door.set(serving=False, held="paused")
    assert door.holds[-1]
    await door.set(serving=True, held="")
    assert not door.holds[-1]


async def test_who_watches_keeps_work_from_beginning_but_not_for_ever(door: Doorkeeper) -> None:
    await door.set(serving=True)
    await door.set(serving=False, watched="somebody watches")
    await door.set(serving=False, time=59.0)
    await door.set(serving=True, time=61.0)
    await door.set(serving=True, watched="")
    await door.set(serving=False, watched="somebody watches again")

    assert not any(door.holds)


async def test_a_slot_that_is_not_wanted_leaves_whether_open_or_closed(door: Doorkeeper) -> None:
    for held in ("", "paused"):
        stopping = asyncio.Event()
        await door.set(serving=not held, held=held)
        slot = asyncio.ensure_future(door.gate.work(door.serve, stopping))
        stopping.set()

        await asyncio.wait_for(slot, 2)


class Shop:
    """A whole extractor with one slot on the CPU, and the operator who gives it orders."""

    def __init__(self, bus: Bus, server: EmbeddedServer, folder: Path) -> None:
        self.bus = bus
        self.settings = ExtractorSettings(nats_url=server.url, config_dir=str(folder), extractor_workers=1)
        self.config = ConfigStore(Bucket(bus, CONFIG.name), load_sealer("", str(folder)))
        self.controls = JobControls(Bucket(bus, JOB_STATE.name))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        stopping = asyncio.Event()
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(build(self.settings, self.bus))
            running = [asyncio.create_task(task(stopping)) for task in service.tasks]
            yield
            stopping.set()
            await asyncio.wait_for(asyncio.gather(*running), 20)

    async def change(self, **changes: Any) -> None:
        await self.config.change_settings(lambda current: msgspec.structs.replace(current, **changes))

    async def pause(self, paused: bool) -> None:
        await self.config.pause(Processing(paused=paused, since=now()))

    async def ask(self, path: str, rendition: Rendition, job_id: str = "job") -> None:
        request = ExtractRequestedV1(
            job_ids=(job_id,),
            path=path,
            path_id=media_id(path),
            targets=(Target(server_id="s", server_type="folder", rendition=rendition),),
            picture=Picture(),
            requested_at=now(),
        )
        await Outgoing(self.bus).send(request)

    async def told(self, word: str, number: int = 1, wait: float = 30) -> None:
        """Wait until so many facts of a kind were told, by the word in their subject."""

        async def enough() -> bool:
            return await self.count(word) >= number

        await until(enough, wait=wait)

    async def count(self, word: str) -> int:
        return await self.bus.count(EVENTS.name, f"events.v1.{word}.>")

    async def settled(self) -> list[FileSettledV1]:
        subjects = await self.bus.subjects(EVENTS.name, "events.v1.settled.>")
        found = [await self.bus.get_last(EVENTS.name, subject) for subject in subjects]
        return [decode(FileSettledV1, one[1]) for one in found if one]


@pytest.fixture
async def shop(bus: Bus, server: EmbeddedServer, tmp_path: Path) -> Shop:
    made = Shop(bus, server, tmp_path)
    await made.change(file_quiet_seconds=0, gpu_config=())
    return made


@pytest.mark.integration
async def test_a_pause_stops_running_work_within_two_seconds_and_takes_no_new(
    shop: Shop, long_work: Any, film: Any
) -> None:
    async with shop.open():
        await shop.ask(long_work().path, LARGE)
        await shop.told("extracting")
        await all_are("RSD")

        await shop.pause(True)
        await all_are("T")
        await shop.ask(str(film(seconds=4)), Rendition(320, 2000))
        await asyncio.sleep(1.5)
        assert (await shop.count("extracting"), await shop.count("extracted")) == (1, 0)
        await shop.pause(False)

        await shop.told("extracted", 2, wait=60)
    assert await shop.bus.count(JOBS.name) == 0


@pytest.mark.integration
async def test_a_pause_survives_a_restart_which_gives_held_work_back_at_once(shop: Shop, long_work: Any) -> None:
    async with shop.open():
        await shop.ask(long_work().path, LARGE)
        await shop.told("extracting")
        await shop.pause(True)
        await all_are("T", wait=3)
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 5
    assert await shop.bus.count(JOBS.name) == 1

    async with shop.open():
        await asyncio.sleep(2)
        assert await shop.count("extracting") == 1
        await shop.pause(False)
        await shop.told("extracted", wait=60)
    assert [fact.outcome for fact in await shop.settled()] == []


@pytest.mark.integration
async def test_a_cancelled_job_ends_in_the_middle_of_its_decode_and_in_the_queue(
    shop: Shop, long_work: Any, film: Any
) -> None:
    async with shop.open():
        await shop.ask(long_work().path, LARGE)
        await shop.ask(str(film(seconds=4)), Rendition(320, 2000))
        await shop.told("extracting")

        await shop.controls.cancel("job", now())

        await shop.told("settled", 2, wait=2)
    facts = await shop.settled()
    assert {(fact.outcome, fact.server_id, fact.reason) for fact in facts} == {
        (Outcome.CANCELLED, "s", "the job was cancelled")
    }
    assert (await shop.count("extracting"), await shop.count("dead"), await shop.bus.count(JOBS.name)) == (1, 0, 0)


@pytest.mark.integration
async def test_work_waits_while_somebody_watches_and_begins_when_nobody_does(shop: Shop, film: Any) -> None:
    await shop.change(playback=Playback(policy="heavy", poll_seconds=300))
    players = Bucket(shop.bus, PRESENCE.name)
    watched = ServerPlayback(server_id="plex", at=now(), playing=(PlayingItem("1"),))
    await players.put(PLAYBACK_PREFIX + "plex", msgspec.json.encode(watched))
    async with shop.open():
        await asyncio.sleep(2.5)  # a slot may be quicker than the first word of the players
        await shop.ask(str(film(seconds=4)), Rendition(320, 2000))
        await asyncio.sleep(1.5)
        assert await shop.count("extracting") == 0

        await players.put(PLAYBACK_PREFIX + "plex", msgspec.json.encode(ServerPlayback(server_id="plex", at=now())))

        await shop.told("extracted")
