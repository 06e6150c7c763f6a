"""What the world knows of a worker and its devices, alone and in the whole service. Real broker, real decode test."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import CONFIG, JOBS, PRESENCE
from framewright.contracts.devices import PRESENCE_PREFIX, DeviceState, DeviceStatus, RescanDevicesV1, WorkerPresence
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.settings import Settings
from framewright.domain.frames import Picture, Rendition
from framewright.domain.media import media_id
from framewright.extractor.adapters.presence import Presence
from framewright.extractor.domain.devices import NO_SLOTS
from framewright.extractor.settings import ExtractorSettings
from framewright.extractor.wiring import build

pytestmark = pytest.mark.integration


@dataclass
class Booth:
    """One worker that tells of itself, and what is heard of it."""

    bus: Bus
    word: WorkerPresence
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self, beat: float = 0.4) -> tuple[Presence, asyncio.Task[None]]:
        presence = Presence(Bucket(self.bus, PRESENCE.name), lambda: self.word, beat=beat, life=2)
        return presence, asyncio.create_task(presence.run(self.stopping))

    async def heard(self, fits: Callable[[WorkerPresence | None], bool], wait: float = 5) -> None:
        async def fitting() -> bool:
            return fits(await presence_of(self.bus, self.word.worker))

        await until(fitting, wait=wait)


@pytest.fixture
def booth(bus: Bus) -> Booth:
    return Booth(bus, WorkerPresence(worker="box-1", host="box", started_at=now(), scanned_at=now()))


async def presence_of(bus: Bus, worker: str) -> WorkerPresence | None:
    entry = await Bucket(bus, PRESENCE.name).get(PRESENCE_PREFIX + worker)
    return msgspec.json.decode(entry.value, type=WorkerPresence) if entry and entry.value else None


async def test_a_worker_is_known_for_as_long_as_it_lives_and_not_a_moment_after_a_clean_stop(booth: Booth) -> None:
    _, running = booth.open()
    await booth.heard(lambda word: word == booth.word)
    await asyncio.sleep(2.6)
    assert await presence_of(booth.bus, "box-1") == booth.word

    booth.stopping.set()
    await running

    assert await presence_of(booth.bus, "box-1") is None


async def test_a_change_is_told_at_once(booth: Booth) -> None:
    presence, running = booth.open(beat=60)
    await booth.heard(lambda word: word == booth.word)
    booth.word = msgspec.structs.replace(
        booth.word, devices=(DeviceStatus(device="cpu", name="CPU", type="cpu", busy=1),)
    )

    presence.changed()

    await booth.heard(lambda word: word is not None and word.devices == booth.word.devices, wait=3)
    booth.stopping.set()
    await running


async def test_a_worker_that_dies_is_forgotten_by_itself(booth: Booth) -> None:
    _, running = booth.open()
    await booth.heard(lambda word: word is not None)

    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert await presence_of(booth.bus, "box-1") is not None
    await booth.heard(lambda word: word is None, wait=6)


async def test_a_broker_that_restarts_is_told_again(booth: Booth, server: EmbeddedServer) -> None:
    _, running = booth.open()
    await booth.heard(lambda word: word is not None)

    server.kill()
    await asyncio.sleep(1.2)
    server.start()

    await booth.heard(lambda word: word is not None, wait=8)
    booth.stopping.set()
    await running


async def test_a_dotted_name_makes_one_key(booth: Booth) -> None:
    booth.word = msgspec.structs.replace(booth.word, worker="nas.home.lan-7")
    _, running = booth.open()

    async def known() -> bool:
        return await presence_of(booth.bus, "nas-home-lan-7") == booth.word

    await until(known)
    booth.stopping.set()
    await running
    assert not await known()


@dataclass
class Life:
    """A whole extractor, wired as in its own process."""

    bus: Bus
    config: ConfigStore

    async def change(self, **changes: object) -> None:
        def changed(current: Settings) -> Settings:
            return msgspec.structs.replace(current, **changes)

        await self.config.change_settings(changed)

    async def presence(self) -> WorkerPresence | None:
        found = [entry async for entry in self._entries()]
        assert len(found) <= 1
        return msgspec.json.decode(found[0], type=WorkerPresence) if found else None

    async def shows(self, fits: Callable[[WorkerPresence], bool], wait: float = 15) -> WorkerPresence:
        async def fitting() -> bool:
            word = await self.presence()
            return word is not None and fits(word)

        await until(fitting, wait=wait)
        word = await self.presence()
        assert word is not None
        return word

    async def _entries(self) -> AsyncGenerator[bytes]:
        async for entry in Bucket(self.bus, PRESENCE.name).watch():
            if entry is None:
                return
            if entry.value:
                yield entry.value


@asynccontextmanager
async def living(bus: Bus, server: EmbeddedServer, folder: Path) -> AsyncGenerator[Life]:
    settings = ExtractorSettings(nats_url=server.url, config_dir=str(folder))
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(build(settings, bus))
        running = [asyncio.create_task(task(stopping)) for task in service.tasks]
        yield Life(bus, ConfigStore(Bucket(bus, CONFIG.name), load_sealer("", str(folder))))
        stopping.set()
        await asyncio.gather(*running)


def cpu_of(word: WorkerPresence) -> DeviceStatus | None:
    return next((device for device in word.devices if device.device == "cpu"), None)


def cpu_has(slots: int) -> Callable[[WorkerPresence], bool]:
    return lambda word: (cpu := cpu_of(word)) is not None and cpu.workers == slots


async def test_a_whole_extractor_shows_its_cpu_and_follows_settings_and_rescans(
    bus: Bus, server: EmbeddedServer, tmp_path: Path
) -> None:
    async with living(bus, server, tmp_path) as life:
        word = await life.shows(cpu_has(1))
        assert (cpu_of(word) or word).status is DeviceState.WORKING
        await life.change(cpu_threads=3)
        await life.shows(cpu_has(3))
        word = await life.shows(lambda word: word.scanned_at > word.started_at)

        await Outgoing(bus).show(RescanDevicesV1(at=now()))

        await life.shows(lambda later: later.scanned_at > word.scanned_at)
    assert await life.presence() is None


async def test_an_extractor_without_slots_says_so_and_goes_on_when_it_gets_one(
    bus: Bus, server: EmbeddedServer, tmp_path: Path, film
) -> None:
    path = str(film(seconds=4))
    async with living(bus, server, tmp_path) as life:
        await life.change(cpu_threads=0, file_quiet_seconds=0, gpu_config=())
        await life.shows(lambda word: word.warnings == (NO_SLOTS,) or len(word.devices) > 1)
        await Outgoing(bus).send(request_for(path))

        await life.change(cpu_threads=1)

        await until(lambda: _extracted(bus), wait=15)
        await life.shows(lambda word: word.warnings == ())
    assert await bus.count(JOBS.name) == 0


def request_for(path: str) -> ExtractRequestedV1:
    return ExtractRequestedV1(
        job_ids=("job",),
        path=path,
        path_id=media_id(path),
        targets=(Target(server_id="s", server_type="folder", rendition=Rendition(320, 2000)),),
        picture=Picture(),
        requested_at=now(),
    )


async def _extracted(bus: Bus) -> bool:
    return any("extracted" in subject for subject in await bus.subjects("EVENTS", "events.v1.>"))
