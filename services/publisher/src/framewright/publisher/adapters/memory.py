"""What is remembered of all files, gone through without being held: the bucket `files` may have hundreds of thousands of keys."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Bus, sweep
from framewright.contracts.catalogue import FILES
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.domain.errors import Reject

PREFIX = f"$KV.{FILES.name}."
STREAM = f"KV_{FILES.name}"

log = structlog.get_logger("memory")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One record and whose it is."""

    path_id: str
    server_id: str
    record: PublishRecord


class Records:
    """Fulfils `framewright.publisher.domain.ports.Memory`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._files = Bucket(bus, FILES.name)

    async def forget(self, path_id: str, server_id: str) -> None:
        """Drop the record of a file on a server."""
        await self._files.delete(record_key(path_id, server_id))

    async def sharers(self, output: str, but: str) -> Sequence[str]:
        """The videos of other records with this output; only values that hold the very bytes of it are decoded."""
        needle = msgspec.json.encode(output)
        found: list[str] = []
        async for one in sweep(self._bus, STREAM, f"{PREFIX}>"):
            path_id = one.subject.removeprefix(PREFIX).partition(".")[0]
            record = _decoded(one.data) if path_id != but and needle in one.data else None
            if record is not None and output in record.outputs:
                found.append(record.path)
        return found

    async def of(self, server_id: str) -> AsyncIterator[Remembered]:
        """Every record of a server."""
        async for one in sweep(self._bus, STREAM, f"{PREFIX}*.{server_id}"):
            record = _decoded(one.data) if one.data else None
            if record is not None:
                yield Remembered(one.subject.removeprefix(PREFIX).partition(".")[0], server_id, record)

    async def count(self, server_id: str) -> int:
        """How many records a server has."""
        return sum([1 async for one in sweep(self._bus, STREAM, f"{PREFIX}*.{server_id}") if one.data])


def _decoded(value: bytes) -> PublishRecord | None:
    """The record, None (and a warning) when another version wrote what this one cannot read."""
    try:
        return decode_record(value)
    except Reject as error:
        log.warning("a stored record is unusable", reason=error.reason)
        return None
