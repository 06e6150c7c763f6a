"""One pool of decoder processes per device, and what each device is told and remembered for."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Self

import msgspec
import structlog

from framewright.domain.errors import Retry
from framewright.extractor.adapters.pool import WorkerPool
from framewright.extractor.domain.devices import Refusals
from framewright.extractor.domain.request import CPU, Extraction, ExtractionRequest

CRASHES = frozenset({"DECODER_CRASHED", "DECODER_STALLED"})
"""What a broken driver looks like from outside; on a GPU the CPU gets the file before it is called broken."""

Progress = Callable[[float], None]
MakePool = Callable[[Callable[[], None]], WorkerPool]
"""Makes a pool that calls the given function when an extraction begins or ends."""

log = structlog.get_logger("devices")


class DevicePools:
    """Extracts on the device that a slot belongs to."""

    def __init__(self, make_pool: MakePool, threads_of: Callable[[str], int]) -> None:
        """`threads_of` says how many CPU threads a file may use on a device, 0 for as many as it likes."""
        self._make_pool = make_pool
        self._threads_of = threads_of
        self._pools: dict[str, WorkerPool] = {}
        self._stack = AsyncExitStack()
        self._listeners: list[Callable[[], None]] = []
        self._held = False
        self.refusals = Refusals()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever work begins or ends on a device."""
        self._listeners.append(listener)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def busy(self) -> dict[str, int]:
        """Extractions that run now, by device."""
        return {device: pool.busy for device, pool in self._pools.items()}

    def resize(self, device: str, size: int) -> None:
        """Let so many files be in work on a device from now on."""
        if device not in self._pools:
            self._pools[device] = self._make_pool(self._tell)
            self._stack.push_async_exit(self._pools[device])
            self._pools[device].hold(self._held)
        self._pools[device].resize(size)

    def hold(self, held: bool) -> None:
        """Let the work of every device stand still or go on, see `WorkerPool.hold`."""
        self._held = held
        for pool in self._pools.values():
            pool.hold(held)

    async def extract(self, device: str, request: ExtractionRequest, progress: Progress) -> Extraction:
        """Pictures of one file, on this device if it can, else in place on the CPU with the reason in the report.

        Raises:
            Retry, Reject: as `WorkerPool.extract`.
        """
        asked = replace(
            request,
            threads=self._free(device),
            device=device,
            device_threads=self._threads_of(device),
            refused=self.refusals.of(device, time.monotonic()),
        )
        extraction = await self._on_device(asked, progress)
        if extraction.report.refused:
            log.warning("device refused", device=device, what=extraction.report.refused)
            self.refusals.note(device, extraction.report.refused, time.monotonic())
        return extraction

    def _free(self, device: str) -> int:
        """Threads for one more file: a lone one gets the slots that nobody else uses, on a CPU."""
        pool = self._pools[device]
        return max(1, pool.size - pool.busy) if device == CPU else 1

    async def _on_device(self, asked: ExtractionRequest, progress: Progress) -> Extraction:
        """A crash on a GPU costs the GPU's process; the same slot then has the CPU do the file."""
        try:
            return await self._pools[asked.device].extract(asked, progress)
        except Retry as error:
            if asked.device == CPU or error.code not in CRASHES:
                raise
            log.warning("device failed, the CPU takes over", device=asked.device, code=error.code, path=asked.path)
            extraction = await self._pools[asked.device].extract(replace(asked, device=CPU), progress)
            setback = f"{asked.device} failed, the CPU did: {error.reason}"
            report = msgspec.structs.replace(extraction.report, warnings=(setback, *extraction.report.warnings))
            return replace(extraction, report=report)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
