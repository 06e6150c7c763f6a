"""Where scans stand, in the bucket `jobs`: small, so that a page costs one write."""

from array import array
from collections.abc import Iterable

import msgspec

from framewright.chassis.bus import Bucket, Bus, Occupied
from framewright.contracts.catalogue import SCANS
from framewright.contracts.jobs import CONTROL_PREFIX, decode_control
from framewright.contracts.scans import STATE_SECONDS, ScanRequestedV1, ScanState, scan_key
from framewright.ingest.domain.taken import Taken, marks_of


class ScanStates:
    """Loads and saves; everything a scan wrote is gone thirty days after it was last touched."""

    def __init__(self, bus: Bus, bucket: Bucket) -> None:
        self._bus = bus
        self._bucket = bucket

    async def load(self, job_id: str) -> ScanState | None:
        """How far a scan has come; None when it never began.

        Raises:
            Retry: the bus is out of reach.
        """
        entry = await self._bucket.get(scan_key(job_id))
        return msgspec.json.decode(entry.value, type=ScanState) if entry and entry.value else None

    async def save(self, state: ScanState) -> None:
        """Remember; raises as `load` does."""
        await self._bucket.put(scan_key(state.job_id), msgspec.json.encode(state), seconds=STATE_SECONDS)

    async def save_taken(self, job_id: str, number: int, paths: Iterable[str]) -> None:
        """Remember which files a page had; raises as `load` does."""
        await self._bucket.put(_taken_key(job_id, number), marks_of(paths).tobytes(), seconds=STATE_SECONDS)

    async def load_taken(self, job_id: str, numbers: Iterable[int]) -> Taken:
        """The files of the pages with these numbers; raises as `load` does."""
        taken = Taken()
        for value in (await self._bucket.get_many([_taken_key(job_id, one) for one in numbers])).values():
            taken.add_marks(array("Q", value))
        return taken

    async def is_alive(self, job_id: str) -> bool:
        """Whether a request for the scan waits or is in work; raises as `load` does."""
        for subject in (f"{ScanRequestedV1.HEAD}.{job_id}", f"wait.scan.{job_id}"):
            if await self._bus.get_last(SCANS.name, subject) is not None:
                return True
        return False

    async def is_cancelled(self, job_id: str) -> bool:
        """Whether an operator cancelled the scan, as it is stored right now; raises as `load` does."""
        entry = await self._bucket.get(CONTROL_PREFIX + job_id)
        return bool(entry and entry.value and decode_control(entry.value).cancelled_at)

    async def claim_start(self, server_id: str, job_id: str) -> str:
        """The job of the scan at start of a server: an unfinished earlier one, else this one, whoever else asks meanwhile."""
        key = f"scan-start.{server_id}"
        while True:
            entry = await self._bucket.get(key)
            if entry is not None and entry.value:
                before = await self.load(entry.value.decode())
                if await self.is_alive(entry.value.decode()) or (before is not None and not before.finished):
                    return entry.value.decode()
            try:
                await self._bucket.update(key, job_id.encode(), entry.revision if entry else 0)
            except Occupied:
                continue
            return job_id


def _taken_key(job_id: str, number: int) -> str:
    return f"{scan_key(job_id)}.taken.{number}"
