"""What was published, in the bucket that the publisher keeps: read only."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from framewright.chassis.bus import Bucket, Bus, sweep_bucket
from framewright.contracts.catalogue import FILES
from framewright.contracts.record import record_key
from framewright.domain.media import segments


class _Place(msgspec.Struct, frozen=True):
    """The one field of a record that says where its video is; the others are not read, for there are many records."""

    path: str = ""


_places = msgspec.json.Decoder(_Place)


class PublishedRecords:
    """See `Records`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._bucket = Bucket(bus, FILES.name)

    async def servers_with(self, path_id: str, server_ids: Collection[str]) -> frozenset[str]:
        """See `Records.servers_with`."""
        found = await asyncio.gather(*(self._bucket.get(record_key(path_id, server_id)) for server_id in server_ids))
        return frozenset(server_id for server_id, entry in zip(server_ids, found, strict=True) if entry is not None)

    async def under(self, folders: Sequence[str]) -> Mapping[str, set[str]]:
        """See `Records.under`; every record is looked at, some seconds for a hundred thousand."""
        heads = {segments(folder) for folder in folders}
        found: defaultdict[str, set[str]] = defaultdict(set)
        async for entry in sweep_bucket(self._bus, FILES.name):
            path = _path(entry.value or b"")
            if path and any(parts[: len(head)] == head for parts in (segments(path),) for head in heads):
                found[path].add(entry.key.rpartition(".")[2])
        return found


def _path(record: bytes) -> str:
    """Where the video of a record is; empty for a deleted record, an older one, and one that cannot be read."""
    if not record:
        return ""
    try:
        return _places.decode(record).path
    except msgspec.DecodeError:
        return ""
