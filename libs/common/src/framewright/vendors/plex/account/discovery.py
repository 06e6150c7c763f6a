"""The servers of an account, and in which order their addresses are worth trying.

An address is asked who it is without a token first: what plex.tv lists may meanwhile belong to another machine.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError
from framewright.vendors.plex.account.elements import Element
from framewright.vendors.plex.client import PlexClient

GLANCE = 4.0
"""Seconds that one address may take to say who it is."""

SILENCE = 3.0
"""Seconds that it may say nothing; shorter, because a connection that times out by itself closes cleanly."""

LONGEST_LOOK = 8.0
"""Seconds after which the answer goes out, whoever has not spoken."""

AT_ONCE = 12

MOST_ADDRESSES = 12
"""Addresses of one server that are asked; behind these only oddities follow."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One way to a server; `verified` is None while nobody asked, else whether the right server answered."""

    url: str
    local: bool
    relay: bool
    ipv6: bool = False
    verified: bool | None = None

    @property
    def host(self) -> str:
        """Name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Given, or that of the scheme."""
        parts = urlsplit(self.url)
        return parts.port or (443 if self.ssl else 80)

    @property
    def ssl(self) -> bool:
        """Whether the way is encrypted."""
        return self.url.startswith("https:")


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server of the account; `token` is good for this server only."""

    name: str
    machine_id: str
    owned: bool
    present: bool
    version: str
    token: str = field(repr=False)
    connections: tuple[Connection, ...]

    @property
    def best(self) -> Connection | None:
        """The first address that is proven, else the first."""
        proven = (connection for connection in self.connections if connection.verified)
        return next(proven, next(iter(self.connections), None))


def servers(resources: Element) -> tuple[FoundServer, ...]:
    """The media servers among the devices of an account."""
    return tuple(
        FoundServer(
            name=resource.text("name"),
            machine_id=resource.text("clientIdentifier"),
            owned=resource.flag("owned"),
            present=resource.flag("presence"),
            version=resource.text("productVersion"),
            token=resource.text("accessToken"),
            connections=_ordered(resource),
        )
        for resource in resources.named("resource")
        if "server" in resource.text("provides").split(",") and resource.text("clientIdentifier")
    )


async def looked_at(http: httpx.AsyncClient, found: tuple[FoundServer, ...]) -> tuple[FoundServer, ...]:
    """The servers with their addresses asked who they are, all at once; no token is sent.

    What has not answered after `LONGEST_LOOK` seconds counts as not asked.
    """
    few = asyncio.Semaphore(AT_ONCE)
    asked = {
        (server.machine_id, way.url): asyncio.create_task(_is_there(http, way, server.machine_id, few))
        for server in found
        for way in server.connections
    }
    try:
        if asked:
            await asyncio.wait(asked.values(), timeout=LONGEST_LOOK)
        verdicts = {key: task.result() if task.done() else None for key, task in asked.items()}
    finally:
        for task in asked.values():
            task.cancel()
    return tuple(
        replace(
            server,
            connections=tuple(
                replace(way, verified=verdicts[server.machine_id, way.url]) for way in server.connections
            ),
        )
        for server in found
    )


def _ordered(resource: Element) -> tuple[Connection, ...]:
    """Local https, local http, remote https, relay; IPv4 before IPv6.

    Local addresses of somebody else's server mean nothing here. Plain http is for the own network: over the internet it
    would show the token to everybody on the way.
    """
    every = (one for part in resource.named("connections") for one in part.named("connection"))
    usable = [one for one in every if resource.flag("owned") or not one.flag("local")]
    ways = [way for one in usable for way in _ways(one, plain=not resource.flag("httpsRequired"))]
    ordered = sorted(ways, key=lambda way: (way.relay, not way.local, not way.ssl, way.ipv6))
    return tuple({way.url: way for way in ordered}.values())[:MOST_ADDRESSES]


def _ways(one: Element, *, plain: bool) -> Iterator[Connection]:
    local, relay = one.flag("local") and not one.flag("relay"), one.flag("relay")
    ipv6 = one.flag("IPv6") or ":" in one.text("address")
    uri = one.text("uri").rstrip("/")
    if uri.startswith("https://") or (plain and local and uri.startswith("http://")):
        yield Connection(uri, local, relay, ipv6)
    if plain and local and one.text("address") and one.text("port").isdecimal():
        host = f"[{one.text('address')}]" if ":" in one.text("address") else one.text("address")
        yield Connection(f"http://{host}:{one.text('port')}", local, relay, ipv6)


async def _is_there(http: httpx.AsyncClient, way: Connection, machine_id: str, few: asyncio.Semaphore) -> bool:
    candidate = Server(id="candidate", type="plex", name=way.host, url=way.url, timeout=SILENCE)
    try:
        async with few, asyncio.timeout(GLANCE):
            identity = await PlexClient(candidate, http).identity()
    except (FramewrightError, TimeoutError):
        return False
    return identity.id == machine_id
