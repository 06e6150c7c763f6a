"""Where scans stand, in the bucket `jobs`: small, so that a page costs one write."""

from array import array
from collections.abc import Iterable

import msgspec

from framewright.chassis.bus import Bucket, Bus, Occupied
from framewright.chassis.scan_runs import ScanRuns
from framewright.contracts.scans import STATE_SECONDS, ScanState, scan_key
from framewright.ingest.domain.taken import Taken, marks_of


class ScanStates(ScanRuns):
    """Loads and saves; everything a scan wrote is gone thirty days after it was last touched."""

    def __init__(self, bus: Bus, bucket: Bucket) -> None:
        super().__init__(bus, bucket)
        self._bucket = bucket

    async def save(self, state: ScanState) -> None:
        """Remember.

        Raises:
            Retry: the bus is out of reach.
        """
        await self._bucket.put(scan_key(state.job_id), msgspec.json.encode(state), seconds=STATE_SECONDS)

    async def save_taken(self, job_id: str, number: int, paths: Iterable[str]) -> None:
        """Remember which files a page had; raises as `save` does."""
        await self._bucket.put(_taken_key(job_id, number), marks_of(paths).tobytes(), seconds=STATE_SECONDS)

    async def load_taken(self, job_id: str, numbers: Iterable[int]) -> Taken:
        """The files of the pages with these numbers; raises as `save` does."""
        taken = Taken()
        for value in (await self._bucket.get_many([_taken_key(job_id, one) for one in numbers])).values():
            taken.add_marks(array("Q", value))
        return taken

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
