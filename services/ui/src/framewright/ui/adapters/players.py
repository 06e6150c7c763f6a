"""Players over HTTP, their groups in the bucket of configuration, their syncs on the bus."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import msgspec

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.refreshes import joined_refresh
from framewright.contracts.catalogue import CONFIG, LOCKS, PUBLISH
from framewright.contracts.playback import PlayingItem
from framewright.contracts.players import GROUPS_PREFIX, SYNC_SECONDS, SYNCS_PREFIX, GroupSync, PlayerGroup
from framewright.contracts.publish import RefreshWantedV1
from framewright.contracts.server import Server
from framewright.contracts.settings import Settings
from framewright.domain.errors import Reject
from framewright.ui.adapters.config_records import ConfigRecords
from framewright.ui.adapters.surroundings import recognised
from framewright.ui.domain.groups import with_member
from framewright.vendors import Recogniser, Scanner, refresh_item, scanner, sessions


@dataclass(frozen=True, slots=True)
class ReachedPlayer:
    """Fulfils `Reached`."""

    server: Server
    http: httpx.AsyncClient
    scanner: Scanner

    async def sessions(self) -> tuple[PlayingItem, ...]:
        """See `Reached.sessions`."""
        return await sessions(self.server, self.http)

    async def refresh_item(self, paths: Sequence[str], library_ids: Sequence[str]) -> str:
        """See `Reached.refresh_item`."""
        return await refresh_item(self.server, self.http, paths, library_ids)


class BusPlayers:
    """Fulfils `Players`."""

    def __init__(self, bus: Bus, settings: Callable[[], Settings], recogniser: Recogniser) -> None:
        self._bus = bus
        self._settings = settings
        self._recogniser = recogniser
        self._outgoing = Outgoing(bus)
        self._groups = ConfigRecords(Bucket(bus, CONFIG.name), GROUPS_PREFIX, PlayerGroup)
        self._locks = Bucket(bus, LOCKS.name)

    @asynccontextmanager
    async def reach(self, server: Server) -> AsyncGenerator[ReachedPlayer]:
        """See `Players.reach`."""
        async with recognised(server, self._recogniser) as (hasty, http):
            way = scanner(hasty, http)
            if way is None:
                raise Reject(f"{server.name or server.id} is no player", code="NOT_FOUND")
            yield ReachedPlayer(hasty, http, way)

    async def groups(self) -> dict[str, PlayerGroup]:
        """See `Players.groups`."""
        return await self._groups.all()

    async def change_group(self, group_id: str, change: Callable[[PlayerGroup | None], PlayerGroup]) -> PlayerGroup:
        """See `Players.change_group`."""
        group = await self._groups.change(group_id, change)
        for name, other in (await self._groups.all()).items():
            if name != group_id and set(other.members) & set(group.members):
                await self._groups.change(name, lambda old, known=other: _without(old or known, *group.members))
        return group

    async def forget_group(self, group_id: str) -> None:
        """See `Players.forget_group`."""
        await self._groups.forget(group_id)

    async def join(self, group_id: str, server: Server) -> None:
        """See `Players.join`."""
        await self._groups.change(group_id, lambda old: with_member(_existing(old, group_id), server))
        await self.leave(server.id, stay=group_id)

    async def leave(self, server_id: str, *, stay: str = "") -> None:
        """See `Players.leave`."""
        for name, group in (await self._groups.all()).items():
            if name != stay and server_id in group.members:
                await self._groups.change(name, lambda old, known=group: _without(old or known, server_id))

    async def begin(self, sync: GroupSync) -> None:
        """See `Players.begin`; a wish is due at once, because nothing else is expected to change there."""
        await self.keep(sync)
        for member in sync.members:
            for wish in member.wishes:
                await self._outgoing.send(joined_refresh(wish, self._settings().refresh, now()))
                await self._bus.fire_now(PUBLISH.name, wish.waiting_subject())

    async def sync(self, sync_id: str) -> GroupSync | None:
        """See `Players.sync`."""
        if not sync_id.isalnum():
            return None
        entry = await self._locks.get(SYNCS_PREFIX + sync_id)
        return msgspec.json.decode(entry.value, type=GroupSync) if entry and entry.value else None

    async def keep(self, sync: GroupSync) -> None:
        """See `Players.keep`."""
        await self._locks.put(SYNCS_PREFIX + sync.id, msgspec.json.encode(sync), seconds=SYNC_SECONDS)

    async def waiting(self, wish: RefreshWantedV1) -> str:
        """See `Players.waiting`; a place goes on under a name of its own while its files are looked for."""
        tokens = f"{wish.server_type}.{wish.server_id}.*"
        found: list[str] = []
        for pattern in (f"refresh.v1.{tokens}", f"wait.refresh.{tokens}"):
            found += [subject.rpartition(".")[2] for subject in await self._bus.subjects(PUBLISH.name, pattern)]
        places = [place for place in found if place.partition("-")[0] == wish.place]
        if not places:
            return ""
        return "looking" if all(place.endswith("-look") for place in places) else "queued"


def _existing(group: PlayerGroup | None, group_id: str) -> PlayerGroup:
    if group is None:
        raise Reject(f"no group {group_id!r}", code="NOT_FOUND")
    return group


def _without(group: PlayerGroup, *server_ids: str) -> PlayerGroup:
    return msgspec.structs.replace(group, members=tuple(one for one in group.members if one not in server_ids))
