"""Slots follow settings and devices while they work. Real broker, real configuration, real deliveries; the work is a gate."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import Context, Subscription, serve
from framewright.chassis.outgoing import Answer, Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import CONFIG, JOBS
from framewright.contracts.devices import RescanDevicesV1
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.settings import GpuConfig
from framewright.domain.frames import Picture
from framewright.domain.media import media_id
from framewright.extractor.adapters.device_slots import DeviceSlots
from framewright.extractor.adapters.roster import DeviceRoster
from framewright.extractor.domain.devices import Device, SlotGroup, Wish, slot_groups

pytestmark = pytest.mark.integration

CPU = Device("cpu", "CPU", "cpu")
CARD = Device("cuda:0", "RTX 3060", "nvidia")


class Floor:
    """A roster, slots and a handler that holds every file until it is let go."""

    def __init__(self, bus: Bus, config: ConfigStore) -> None:
        self.bus, self.config = bus, config
        self.devices: tuple[Device, ...] = (CPU,)
        self.looks = 0
        self.began: list[tuple[str, str]] = []
        self.sizes: dict[str, int] = {}
        self.stopping = asyncio.Event()
        self._held: dict[str, asyncio.Event] = {}
        self.roster = DeviceRoster(self._discover, second_look=0.2)
        self.slots = DeviceSlots(self._groups, self._serve, self.sizes.__setitem__)
        config.on_change(self.slots.changed)
        self.roster.on_change(self.slots.changed)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for task in (self.config.watch, self.roster.run, self.slots.run):
                group.create_task(task(self.stopping))
            group.create_task(self.roster.listen(self.bus, self.stopping))

    async def ask(self, name: str, lane: Lane = Lane.HI, device: str = "any") -> None:
        request = ExtractRequestedV1(
            job_ids=("job",),
            path=name,
            path_id=media_id(f"/{name}"),
            targets=(),
            picture=Picture(),
            requested_at=now(),
            lane=lane,
            device=device,
        )
        self._held[name] = asyncio.Event()
        await Outgoing(self.bus).send(request)

    async def at_work(self, *names: str) -> None:
        """Wait until these files, and no others, have been begun."""

        async def begun() -> bool:
            return sorted(name for _, name in self.began) == sorted(names)

        await until(begun, wait=8)

    async def settings(self, **changes: Any) -> None:
        await self.config.change_settings(lambda current: msgspec.structs.replace(current, **changes))

    def let_go(self, *names: str) -> None:
        for name in names:
            self._held[name].set()

    async def sized(self, **sizes: int) -> None:
        async def fits() -> bool:
            return {device.replace(":", "_"): size for device, size in self.sizes.items() if size} == sizes

        await until(fits, wait=8)

    async def _discover(self, _found: Callable[[Device], None]) -> tuple[Device, ...]:
        self.looks += 1
        return self.devices

    def _groups(self) -> Sequence[SlotGroup]:
        return slot_groups(self.roster.devices, Wish(self.config.settings))

    async def _serve(self, group: SlotGroup, stopping: asyncio.Event) -> None:
        async def hold(request: ExtractRequestedV1, _context: Context) -> Sequence[Answer]:
            self.began.append((group.device, request.path))
            await self._held[request.path].wait()
            return ()

        await serve(self.bus, Subscription(JOBS, group.consumers, ExtractRequestedV1, hold), stopping)


@pytest_asyncio.fixture
async def floor(bus: Bus, tmp_path: Path) -> AsyncGenerator[Floor]:
    made = Floor(bus, ConfigStore(Bucket(bus, CONFIG.name), load_sealer("", str(tmp_path))))
    running = asyncio.create_task(made.run())
    await made.config.loaded()
    yield made
    for held in made._held.values():
        held.set()
    made.stopping.set()
    await running


async def test_more_slots_take_work_at_once(floor: Floor) -> None:
    for name in ("a", "b", "c"):
        await floor.ask(name)
    await floor.at_work("a")

    await floor.settings(cpu_threads=3)

    await floor.at_work("a", "b", "c")
    assert floor.sizes == {"cpu": 3}


async def test_a_slot_too_many_finishes_what_it_holds_and_takes_nothing_more(floor: Floor) -> None:
    await floor.settings(cpu_threads=2)
    for name in ("a", "b"):
        await floor.ask(name)
    await floor.at_work("a", "b")

    await floor.settings(cpu_threads=1)
    for name in ("c", "d"):
        await floor.ask(name)
    assert floor.sizes == {"cpu": 2}
    floor.let_go("a", "b")

    await floor.sized(cpu=1)
    await asyncio.sleep(1.2)
    assert len(floor.began) == 3


async def test_without_any_slot_files_wait_until_there_is_one(floor: Floor) -> None:
    await floor.settings(cpu_threads=0)
    await floor.sized()
    await floor.ask("a")
    await asyncio.sleep(1.2)
    assert floor.began == []

    await floor.settings(cpu_threads=1)

    await floor.at_work("a")


async def test_work_for_a_gpu_waits_for_one_and_a_rescan_finds_it(floor: Floor) -> None:
    await floor.ask("film", device="gpu")
    await floor.ask("other", device="cpu")
    await floor.at_work("other")
    floor.devices = (CARD, CPU)

    await Outgoing(floor.bus).show(RescanDevicesV1(at=now()))

    await floor.at_work("film", "other")
    assert sorted(floor.began) == [("cpu", "other"), ("cuda:0", "film")]


async def test_a_gpu_takes_urgent_work_first_and_its_own_before_what_anyone_may_do(floor: Floor) -> None:
    floor.devices = (CARD,)
    floor.roster.rescan()
    await floor.ask("first", device="gpu")
    await floor.at_work("first")
    await floor.ask("low", Lane.LOW, device="gpu")
    await floor.ask("any")
    await floor.ask("own", device="gpu")

    floor.let_go("first", "low", "any", "own")

    await floor.at_work("first", "low", "any", "own")
    assert [name for _, name in floor.began] == ["first", "own", "any", "low"]


async def test_a_gpu_that_is_switched_off_or_fails_loses_its_slots(floor: Floor) -> None:
    floor.devices = (CARD, CPU)
    floor.roster.rescan()
    await floor.settings(gpu_config=(GpuConfig("cuda:0", workers=4),))
    await floor.sized(cuda_0=4, cpu=1)

    await floor.settings(gpu_config=(GpuConfig("cuda:0", enabled=False, workers=4),))
    await floor.sized(cpu=1)
    await floor.settings(gpu_config=())
    await floor.sized(cuda_0=1, cpu=1)
    floor.devices = (failing(CARD, "gone"), CPU)
    floor.roster.rescan()

    await floor.sized(cpu=1)


async def test_a_machine_with_a_failing_device_is_looked_at_again(floor: Floor) -> None:
    floor.devices = (failing(CARD, "the driver is not up yet"), CPU)
    floor.roster.rescan()
    await floor.sized(cpu=1)
    floor.devices = (CARD, CPU)

    await floor.sized(cuda_0=1, cpu=1)
    seen = floor.looks
    await asyncio.sleep(0.6)
    assert floor.looks == seen


async def test_a_stop_lets_every_slot_finish_its_file(floor: Floor) -> None:
    await floor.ask("a")
    await floor.at_work("a")
    floor.stopping.set()
    await asyncio.sleep(0.3)
    assert floor.sizes == {"cpu": 1}

    floor.let_go("a")

    await floor.sized()
    assert await floor.bus.count(JOBS.name) == 0


async def test_a_slot_that_breaks_is_not_kept_quiet() -> None:
    async def broken(_group: SlotGroup, _stopping: asyncio.Event) -> None:
        raise RuntimeError("broken")

    slots = DeviceSlots(lambda: [SlotGroup("cpu", 2, 0, ())], broken, lambda _device, _size: None)

    with pytest.raises(RuntimeError, match="broken"):
        await asyncio.wait_for(slots.run(asyncio.Event()), 5)


def failing(device: Device, error: str) -> Device:
    return Device(device.device, device.name, device.type, error=error)
