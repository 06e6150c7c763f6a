"""What is remembered of all files, gone through without being held: the bucket `files` may have hundreds of thousands of keys."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Bus, sweep
from framewright.contracts.catalogue import FILES
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.media import media_id
from framewright.vendors import output_place

PREFIX = f"$KV.{FILES.name}."
STREAM = f"KV_{FILES.name}"

OUTPUT_PREFIX = "output."
"""Keys that lead from an output which a hash names to the records with it: its id, then the key of the record."""

NOTHING = b"{}"

log = structlog.get_logger("memory")


@dataclass(frozen=True, slots=True)
class Remembered:
    """One record and whose it is."""

    path_id: str
    server_id: str
    record: PublishRecord


class Records:
    """Fulfils `framewright.publisher.domain.ports.Memory`; `server` finds a configured server."""

    def __init__(self, bus: Bus, server: Callable[[str], Server | None]) -> None:
        self._bus = bus
        self._server = server
        self._files = Bucket(bus, FILES.name)

    async def record(self, path_id: str, server_id: str) -> PublishRecord | None:
        """What is remembered of a file on a server."""
        entry = await self._files.get(record_key(path_id, server_id))
        return decode_record(entry.value) if entry and entry.value else None

    async def remember(self, path_id: str, server_id: str, record: PublishRecord) -> None:
        """Replace what is remembered; the way back from a new output comes first, so that no sharer is ever overlooked."""
        if ways := self._ways_of(path_id, server_id, record):
            for way in ways:
                await self._files.put(way, NOTHING)
            await self._forget(await self._ways_back(path_id, server_id) - ways)
        await self._files.put(record_key(path_id, server_id), msgspec.json.encode(record))

    async def forget(self, path_id: str, server_id: str) -> None:
        """Drop the record of a file on a server."""
        ways = await self._ways_back(path_id, server_id)
        await self._files.delete(record_key(path_id, server_id))
        await self._forget(ways)

    async def sharers(self, output: str, but: str) -> Sequence[str]:
        """The videos of other records with this output, which a hash names; a way back may be stale, the record decides."""
        found = await self._files.get_many((f"{_way(output)}.>",))
        keys = [way.removeprefix(f"{_way(output)}.") for way in found]
        records = await self._files.get_many([key for key in keys if key.partition(".")[0] != but])
        others = [_decoded(value) for value in records.values()]
        return [record.path for record in others if record is not None and output in record.outputs]

    async def of(self, server_id: str) -> AsyncIterator[Remembered]:
        """Every record of a server."""
        async for one in sweep(self._bus, STREAM, f"{PREFIX}*.{server_id}"):
            record = _decoded(one.data) if one.data else None
            if record is not None:
                yield Remembered(one.subject.removeprefix(PREFIX).partition(".")[0], server_id, record)

    async def count(self, server_id: str) -> int:
        """How many records a server has."""
        return sum([1 async for one in sweep(self._bus, STREAM, f"{PREFIX}*.{server_id}") if one.data])

    async def _ways_back(self, path_id: str, server_id: str) -> set[str]:
        record = await self.record(path_id, server_id)
        return self._ways_of(path_id, server_id, record) if record else set()

    def _ways_of(self, path_id: str, server_id: str, record: PublishRecord) -> set[str]:
        """The keys that lead to this record: outputs that bear their video's name are nobody else's."""
        server = self._server(server_id)
        places = [(path, output_place(server.type, path)) for path in record.outputs] if server else []
        nameless = [path for path, place in places if place is not None and not place.stem]
        return {f"{_way(path)}.{record_key(path_id, server_id)}" for path in nameless}

    async def _forget(self, ways: set[str]) -> None:
        for way in ways:
            await self._files.delete(way)


def _way(output: str) -> str:
    return OUTPUT_PREFIX + media_id(output)


def _decoded(value: bytes) -> PublishRecord | None:
    """The record, None (and a warning) when another version wrote what this one cannot read."""
    try:
        return decode_record(value)
    except Reject as error:
        log.warning("a stored record is unusable", reason=error.reason)
        return None
