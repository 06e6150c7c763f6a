"""From devices and wishes to slots: nothing is asked of the machine here."""

import pytest

from framewright.contracts.devices import DeviceState
from framewright.contracts.settings import GpuConfig, Settings
from framewright.extractor.domain.acceleration import Acceleration
from framewright.extractor.domain.devices import (
    NO_SLOTS,
    Device,
    Refusals,
    SlotGroup,
    Wish,
    consumers_of,
    device_statuses,
    device_threads,
    slot_groups,
    warnings,
)

CPU = Device("cpu", "AMD EPYC", "cpu")
CARD = Device("cuda:0", "RTX 3060", "nvidia", Acceleration.CUDA)
CHIP = Device("/dev/dri/renderD128", "Intel GPU", "intel", Acceleration.VAAPI)
BROKEN = Device("cuda:1", "GT 710", "nvidia", Acceleration.CUDA, error="no such decoder")


def slots(devices: list[Device], settings: Settings, cpu_slots: int = 0) -> dict[str, int]:
    return {group.device: group.slots for group in slot_groups(devices, Wish(settings, cpu_slots))}


def test_a_gpu_without_an_entry_is_used_with_one_slot_and_two_threads() -> None:
    [card, cpu] = slot_groups([CARD, CPU], Wish(Settings(cpu_threads=3)))

    assert card == SlotGroup("cuda:0", 1, 2, consumers_of("cuda:0"))
    assert (cpu.device, cpu.slots, cpu.threads) == ("cpu", 3, 0)


def test_an_entry_says_how_many_slots_a_gpu_has_and_how_many_threads_a_file() -> None:
    settings = Settings(gpu_config=(GpuConfig("cuda:0", workers=4, ffmpeg_threads=0), GpuConfig("cuda:7", workers=9)))

    [card, _cpu] = slot_groups([CARD, CPU], Wish(settings))

    assert (card.slots, card.threads) == (4, 0)
    assert device_threads("cuda:7", Wish(settings)) == 2


@pytest.mark.parametrize("gpu", [GpuConfig("cuda:0", enabled=False, workers=4), GpuConfig("cuda:0", workers=0)])
def test_a_gpu_that_is_switched_off_has_no_slots(gpu: GpuConfig) -> None:
    assert slots([CARD, CPU], Settings(gpu_config=(gpu,))) == {"cpu": 1}


def test_a_gpu_that_failed_has_no_slots_and_says_why() -> None:
    devices = [BROKEN, CPU]

    [broken, cpu] = device_statuses(devices, Wish(Settings()), {"cpu": 1})

    assert slots(devices, Settings()) == {"cpu": 1}
    assert (broken.status, broken.error, broken.acceleration) == (DeviceState.FAILED, "no such decoder", "cuda")
    assert (cpu.status, cpu.busy, broken.busy) == (DeviceState.WORKING, 1, 0)


def test_the_environment_prescribes_the_cpu_slots_before_the_settings() -> None:
    assert slots([CPU], Settings(cpu_threads=2), cpu_slots=5) == {"cpu": 5}
    assert slots([CPU], Settings(cpu_threads=0), cpu_slots=5) == {"cpu": 5}


def test_no_cpu_slots_are_wanted_and_none_run() -> None:
    [card, cpu] = device_statuses([CARD, CPU], Wish(Settings(cpu_threads=0)))

    assert slots([CARD, CPU], Settings(cpu_threads=0)) == {"cuda:0": 1}
    assert (cpu.enabled, cpu.workers, card.enabled) == (False, 0, True)


def test_no_slots_at_all_are_a_warning() -> None:
    nothing = Wish(Settings(cpu_threads=0))

    assert warnings([BROKEN, CPU], nothing) == (NO_SLOTS,)
    assert warnings([CARD, CPU], nothing) == ()


def test_a_gpu_takes_its_own_work_first_and_urgent_work_before_everything() -> None:
    names = [name.removeprefix("extract-") for name in consumers_of("/dev/dri/renderD128")]

    assert names == ["hi-gpu", "hi-any", "mid-gpu", "mid-any", "low-gpu", "low-any"]


def test_the_cpu_takes_no_work_that_is_meant_for_a_gpu() -> None:
    names = [name.removeprefix("extract-") for name in consumers_of("cpu")]

    assert names == ["hi-any", "hi-cpu", "mid-any", "mid-cpu", "low-any", "low-cpu"]


def test_two_kinds_of_gpu_work_side_by_side() -> None:
    settings = Settings(cpu_threads=2, gpu_config=(GpuConfig(CHIP.device, workers=3),))

    assert slots([CARD, CHIP, BROKEN, CPU], settings) == {"cuda:0": 1, CHIP.device: 3, "cpu": 2}


def test_a_device_is_not_asked_again_for_what_it_refused() -> None:
    refusals = Refusals()
    refusals.note("cuda:0", "hevc/Main 10", now=100.0)
    refusals.note("cuda:0", "av1/Main", now=200.0)

    assert refusals.of("cuda:0", now=300.0) == ("av1/Main", "hevc/Main 10")
    assert refusals.of("cuda:1", now=300.0) == ()


def test_one_refusal_counts_for_minutes_and_a_second_one_for_a_day() -> None:
    refusals = Refusals()
    refusals.note("cuda:0", "hevc/Main 10", now=0.0)
    refusals.note("cuda:0", "av1/Main", now=0.0)
    refusals.note("cuda:0", "av1/Main", now=700.0)

    assert refusals.of("cuda:0", now=599.0) == ("av1/Main", "hevc/Main 10")
    assert refusals.of("cuda:0", now=80_000.0) == ("av1/Main",)
    assert refusals.of("cuda:0", now=87_200.0) == ()


def test_refusals_are_forgotten_when_told_to() -> None:
    refusals = Refusals()
    refusals.note("cuda:0", "hevc/Main 10", now=0.0)

    refusals.forget()

    assert refusals.of("cuda:0", now=20.0) == ()
