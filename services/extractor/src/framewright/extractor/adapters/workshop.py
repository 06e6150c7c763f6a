"""One process's devices at a glance: what was found, what is wanted, what runs, and the word of it for the world."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from framewright.chassis.clock import now
from framewright.contracts.devices import WorkerPresence
from framewright.extractor.adapters.device_pools import DevicePools
from framewright.extractor.adapters.roster import DeviceRoster
from framewright.extractor.domain.devices import SlotGroup, Wish, device_statuses, slot_groups, warnings


@dataclass(frozen=True, slots=True)
class Workshop:
    """The devices of one worker; `wish` answers what the operator wants at this moment."""

    worker: str
    roster: DeviceRoster
    pools: DevicePools
    wish: Callable[[], Wish]
    started_at: datetime = field(default_factory=now)

    def groups(self) -> tuple[SlotGroup, ...]:
        """The slots to run now."""
        return slot_groups(self.roster.devices, self.wish())

    def presence(self) -> WorkerPresence:
        """How it stands now; before every device was tried nobody is warned."""
        devices, wish = self.roster.devices, self.wish()
        return WorkerPresence(
            worker=self.worker,
            host=socket.gethostname(),
            started_at=self.started_at,
            scanned_at=self.roster.scanned_at,
            devices=device_statuses(devices, wish, self.pools.busy),
            warnings=warnings(devices, wish) if self.roster.complete else (),
        )
