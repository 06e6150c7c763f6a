"""The servers' libraries, read again now and then and when a path seems to be nobody's; one reader over all replicas.

Two keys per server bound the asking: one lives as long as a list counts as fresh, one for the pause between any two tries.
Whoever reads holds a lease meanwhile, so a path that misses during a reading waits for its result instead of repeating it.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import msgspec
import structlog

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.leases import lease
from framewright.chassis.stopping import is_set_within
from framewright.contracts.libraries import LIBRARIES_PREFIX, LibrariesRead, decode_libraries_read
from framewright.contracts.server import Server, with_identity
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry
from framewright.domain.libraries import merged_libraries
from framewright.domain.ownership import Library
from framewright.vendors import media_server

log = structlog.get_logger("router")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: how long a list is fresh, the pause between tries, how long a server may take, between looks at the clock."""

    fresh: int = 900
    pause: int = 60
    patience: float = 10.0
    tick: float = 30.0


class LibraryReader:
    """Keeps the libraries in the configuration as the servers have them; the operator's switches stay."""

    def __init__(
        self,
        config: ConfigStore,
        locks: Bucket,
        states: Bucket,
        http: Callable[[Server], httpx.AsyncClient],
        rhythm: Rhythm | None = None,
    ) -> None:
        self._config = config
        self._locks = locks
        self._states = states
        self._http = http
        self._rhythm = rhythm or Rhythm()

    async def run(self, stopping: asyncio.Event) -> None:
        """Read what is no longer fresh, every so often, until told to stop."""
        while not await is_set_within(stopping, self._rhythm.tick):
            servers = [server for server in self._config.servers if _can_be_asked(server)]
            await asyncio.gather(*map(self._read_when_stale, servers))

    async def after_miss(self, server_id: str) -> bool:
        """Read the libraries of every server (or the one that is named) unless that was just done; whether any changed.

        Raises:
            Busy: they are being read elsewhere; the answer is there a moment later.
            Retry: the bus is out of reach.
        """
        servers = [one for one in self._config.servers if _can_be_asked(one) and server_id in {"", one.id}]
        return any(await asyncio.gather(*map(self._read_when_allowed, servers)))

    async def _read_when_stale(self, server: Server) -> None:
        try:
            if await self._locks.get(_fresh(server)) is None:
                await self._read_when_allowed(server)
        except Busy:
            return  # another replica is at it
        except Retry as error:
            log.warning("libraries could not be looked after", server=server.name, reason=error.reason)

    async def _read_when_allowed(self, server: Server) -> bool:
        if await self._locks.get(_tried(server)) is not None:
            return False
        async with lease(self._locks, f"libraries.{server.id}"):
            if await self._locks.get(_tried(server)) is not None:
                return False
            changed, reason = await self._read(server)
            await self._remember(server, reason)
            return changed

    async def _read(self, server: Server) -> tuple[bool, str]:
        """Whether the list changed, and why it could not be read."""
        try:
            async with asyncio.timeout(self._rhythm.patience):
                identity, found = await _asked(server, self._http(server))
        except TimeoutError:
            return False, f"it did not answer within {self._rhythm.patience:g} s"
        except FramewrightError as error:
            return False, error.reason
        await self._get_to_know(server, identity)
        if not found and server.libraries:
            return False, "it names no library now; a server that is starting does so"
        return await self._store(server, found), ""

    async def _get_to_know(self, server: Server, identity: str) -> None:
        """Keep the identity where none is known yet: from then on no other server is taken for this one."""
        if with_identity(server, server, identity) == server:
            return
        with contextlib.suppress(Reject):  # the server was removed meanwhile
            await self._config.change_server(server.id, lambda old: with_identity(old, server, identity))
            log.info("a server is known from now on", server=server.name)

    async def _store(self, server: Server, found: list[Library]) -> bool:
        if merged_libraries(server.libraries, found) == server.libraries:
            return False

        def with_found(old: Server) -> Server:
            return msgspec.structs.replace(old, libraries=merged_libraries(old.libraries, found))

        with contextlib.suppress(Reject):  # the server was removed meanwhile
            await self._config.change_server(server.id, with_found)
            log.info("libraries changed", server=server.name, libraries=len(found))
        return True

    async def _remember(self, server: Server, reason: str) -> None:
        if reason:
            log.warning("the known libraries are kept", server=server.name, reason=reason)
        else:
            await self._locks.put(_fresh(server), b"", seconds=self._rhythm.fresh)
        if not reason or reason != await self._last_reason(server):
            state = LibrariesRead(at=now(), reason=reason)
            await self._states.put(LIBRARIES_PREFIX + server.id, msgspec.json.encode(state))
        await self._locks.put(_tried(server), b"", seconds=self._rhythm.pause)

    async def _last_reason(self, server: Server) -> str:
        entry = await self._states.get(LIBRARIES_PREFIX + server.id)
        with contextlib.suppress(Reject):  # written by another version: it is written anew
            return decode_libraries_read(entry.value).reason if entry and entry.value else ""
        return ""


async def _asked(server: Server, http: httpx.AsyncClient) -> tuple[str, list[Library]]:
    """Who answers, and its libraries; the identity is checked first, because another one's would replace them all."""
    connection = media_server(server, http)
    try:
        identity = await connection.identify()
        return identity.id, await connection.libraries()
    finally:
        await connection.aclose()


def _can_be_asked(server: Server) -> bool:
    """A server without an address has the libraries that it was given."""
    return server.enabled and bool(server.url)


def _fresh(server: Server) -> str:
    return f"libraries-fresh.{server.id}"


def _tried(server: Server) -> str:
    return f"libraries-tried.{server.id}"
