"""The slots that take work, each a subscription of its own, kept equal to what is wanted while the service runs.

A slot that is not wanted any more finishes the file it holds; one that is wanted starts at once.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from framewright.extractor.domain.devices import SlotGroup

Serve = Callable[[SlotGroup, asyncio.Event], Coroutine[Any, Any, None]]
"""Serves one slot of a group until the event is set and what it holds is done."""


@dataclass(frozen=True, slots=True, eq=False)
class _Slot:
    task: asyncio.Task[None]
    stopping: asyncio.Event


class DeviceSlots:
    """Runs the slots of every device; `sized` hears how many there are on a device, those that are ending included."""

    def __init__(
        self, wanted: Callable[[], Sequence[SlotGroup]], serve: Serve, sized: Callable[[str, int], None]
    ) -> None:
        self._wanted = wanted
        self._serve = serve
        self._sized = sized
        self._slots: dict[str, list[_Slot]] = {}
        self._changed = asyncio.Event()

    def changed(self) -> None:
        """What is wanted may have changed."""
        self._changed.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Follow what is wanted until told to stop, then let every slot finish what it holds.

        A slot that fails ends this with its error: a service that quietly serves less would help nobody.
        """
        stop = asyncio.ensure_future(stopping.wait())
        try:
            while not stopping.is_set():
                self._changed.clear()
                self._reconcile({group.device: group for group in self._wanted()})
                await self._event(stop)
            self._reconcile({})
            while self._tasks():
                await asyncio.wait(self._tasks())
                self._reconcile({})
        finally:
            stop.cancel()
            await self._abandon()

    async def _event(self, stop: asyncio.Future[Any]) -> None:
        """Wait for a change, for a slot that ends, or for the end."""
        change = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({change, stop, *self._tasks()}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            change.cancel()

    def _reconcile(self, wanted: dict[str, SlotGroup]) -> None:
        for device in {*wanted, *self._slots}:
            slots = self._slots.setdefault(device, [])
            for slot in [slot for slot in slots if slot.task.done()]:
                slots.remove(slot)
                slot.task.result()
            self._fit(device, slots, wanted.get(device))

    def _fit(self, device: str, slots: list[_Slot], group: SlotGroup | None) -> None:
        """Stop what is too much, start what is missing."""
        count = group.slots if group else 0
        serving = [slot for slot in slots if not slot.stopping.is_set()]
        for slot in serving[count:]:
            slot.stopping.set()
        missing = max(0, count - len(serving))
        self._sized(device, len(slots) + missing)
        if group:
            slots += [self._start(group) for _ in range(missing)]

    def _start(self, group: SlotGroup) -> _Slot:
        stopping = asyncio.Event()
        return _Slot(asyncio.create_task(self._serve(group, stopping)), stopping)

    def _tasks(self) -> set[asyncio.Task[None]]:
        return {slot.task for slots in self._slots.values() for slot in slots}

    async def _abandon(self) -> None:
        """Cut off what still runs; the bus brings it again."""
        for task in self._tasks():
            task.cancel()
        await asyncio.gather(*self._tasks(), return_exceptions=True)
