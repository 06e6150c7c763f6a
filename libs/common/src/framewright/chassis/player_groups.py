"""The groups that players are in, held in memory by whoever tells servers to look."""

import asyncio

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Entry
from framewright.chassis.stopping import until
from framewright.contracts.players import GROUPS_PREFIX, PlayerGroup

log = structlog.get_logger("groups")


class PlayerGroups:
    """A live view of the groups; `bucket` is `config`. A server whose groups are not known yet is in none."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._groups: dict[str, PlayerGroup] = {}

    def of(self, server_id: str) -> PlayerGroup | None:
        """The group that a server is in."""
        return next((group for group in self._groups.values() if server_id in group.members), None)

    async def watch(self, stopping: asyncio.Event) -> None:
        """Keep the view current until told to stop."""
        await until(stopping, self._watch())

    async def _watch(self) -> None:
        async for entry in self._bucket.watch(f"{GROUPS_PREFIX}>"):
            if entry is not None:
                self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        name = entry.key.removeprefix(GROUPS_PREFIX)
        if entry.value is None:
            self._groups.pop(name, None)
            return
        try:
            self._groups[name] = msgspec.json.decode(entry.value, type=PlayerGroup)
        except msgspec.DecodeError as error:
            log.warning("a stored group is unusable", key=entry.key, reason=str(error))
