"""Configured servers in the words of the player documents, groups of them, and what a sync asks of each; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from framewright.contracts.playback import PlayingItem
from framewright.contracts.players import GroupSync, PlayerGroup
from framewright.contracts.publish import RefreshWantedV1
from framewright.contracts.server import Server
from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject
from framewright.vendors import Scanner

PORTS: Mapping[str, int] = {"plex": 32400, "emby": 8096, "jellyfin": 8096}
"""The types of player there are, each with its usual port."""

SECRET_FIELDS: Mapping[str, str] = {"plex": "plex_token"}
"""What the credential is called; `api_key` for the others."""

WATCHED = frozenset({"playing", "buffering"})


class Mapped(msgspec.Struct, frozen=True):
    """How this system and the player spell the same folder."""

    metarr_path: str
    player_path: str


class PlayerBody(msgspec.Struct, frozen=True):
    """A player as it is sent; what is not given stays as it is."""

    name: str | None = None
    type: str | None = None
    host: str | None = None
    port: int | None = None
    use_https: bool | None = None
    plex_token: str | None = None
    api_key: str | None = None
    timeout_seconds: float | None = None
    enabled: bool | None = None
    group_id: str | int | None = None
    path_mappings: tuple[Mapped, ...] | None = None


class Reached(Protocol):
    """A player as it is asked and told; every method may raise `Retry` and `Reject` as the exchange does."""

    @property
    def scanner(self) -> Scanner:
        """What it is doing, and what it knows."""
        ...

    async def sessions(self) -> tuple[PlayingItem, ...]:
        """What it plays."""
        ...

    async def refresh_item(self, paths: Sequence[str], library_ids: Sequence[str]) -> str:
        """Have it look again at one item; the call in words, empty when it knows none."""
        ...


class Players(Protocol):
    """Groups, the syncs under way, and reaching players."""

    def reach(self, server: Server) -> AbstractAsyncContextManager[Reached]:
        """A connection that is closed at the end of the context."""
        ...

    async def groups(self) -> dict[str, PlayerGroup]:
        """Every group by id."""
        ...

    async def change_group(self, group_id: str, change: Callable[[PlayerGroup | None], PlayerGroup]) -> PlayerGroup:
        """Apply a pure change to a group, all of it or nothing; its members leave every other group."""
        ...

    async def forget_group(self, group_id: str) -> None:
        """Remove a group; its members stay players."""
        ...

    async def join(self, group_id: str, server: Server) -> None:
        """Put a player into a group and into no other."""
        ...

    async def leave(self, server_id: str, *, stay: str = "") -> None:
        """Take a player out of every group but one."""
        ...

    async def begin(self, sync: GroupSync) -> None:
        """Put the wishes on the bus, at once, and remember the sync."""
        ...

    async def sync(self, sync_id: str) -> GroupSync | None:
        """A sync that can still be asked for."""
        ...

    async def keep(self, sync: GroupSync) -> None:
        """Remember how far a sync has come."""
        ...

    async def waiting(self, wish: RefreshWantedV1) -> str:
        """The word queued while the wish has not been told, looking while its files are looked for, else nothing."""
        ...


def is_player(server: Server) -> bool:
    """Whether somebody answers there: a folder is no player."""
    return server.type in PORTS


def player_view(server: Server, groups: Iterable[PlayerGroup]) -> dict[str, Any]:
    """A server in the words of a player; a secret that is set is masked."""
    parts = urlsplit(server.url)
    https = parts.scheme == "https"
    return {
        "id": server.id,
        "name": server.name,
        "type": server.type,
        "host": parts.hostname or "",
        "port": parts.port or (443 if https else 80),
        "use_https": https,
        SECRET_FIELDS.get(server.type, "api_key"): REDACTED if server.auth.secret else "",
        "timeout_seconds": server.timeout,
        "enabled": server.enabled,
        "group_id": next((group.id for group in groups if server.id in group.members), None),
        "path_mappings": [
            {"metarr_path": row.local_prefix, "player_path": row.remote_prefix} for row in server.path_mappings
        ],
    }


def server_changes(body: PlayerBody, old: Server | None) -> dict[str, Any]:
    """The fields of a server that a player's are; only those that are given when there is one already.

    Raises:
        Reject: code VALIDATION_ERROR, host or type are missing or unknown, or the type would change.
    """
    vendor = body.type or (old.type if old else "plex")
    if vendor not in PORTS or (old and old.type != vendor):
        raise Reject(f"type must be one of {', '.join(PORTS)} and stays what it is", code="VALIDATION_ERROR")
    given = {
        "type": vendor,
        "name": body.name,
        "url": _url(body, vendor, old),
        "timeout": body.timeout_seconds,
        "enabled": body.enabled,
        "auth": _auth(body, vendor),
        "path_mappings": None if body.path_mappings is None else _rows(body.path_mappings),
    }
    return {name: value for name, value in given.items() if value is not None}


def watching(playing: Iterable[PlayingItem]) -> str:
    """What somebody watches, in words; empty when nobody does. A paused film does not count."""
    watched = [item for item in playing if item.state in WATCHED]
    if not watched:
        return ""
    return f"somebody watches {watched[0].title or 'something'}" + (
        f" and {len(watched) - 1} more" * (len(watched) > 1)
    )


def _url(body: PlayerBody, vendor: str, old: Server | None) -> str | None:
    """Made of host, port and scheme; of those that are not given as they are now, with a base path that was there."""
    if body.host is None and body.port is None and body.use_https is None:
        if old is None:
            raise Reject("host is missing", code="VALIDATION_ERROR")
        return None
    now = urlsplit(old.url) if old else None
    host = body.host if body.host is not None else (now.hostname if now else "")
    https = body.use_https if body.use_https is not None else bool(now and now.scheme == "https")
    port = body.port or (now.port if now and now.port else PORTS[vendor])
    if not host:
        raise Reject("host is missing", code="VALIDATION_ERROR")
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if https else 'http'}://{shown}:{port}{now.path if now else ''}"


def _auth(body: PlayerBody, vendor: str) -> dict[str, str] | None:
    secret = body.plex_token if vendor == "plex" else body.api_key
    if secret is None:
        return None
    return {"method": "token", "token": secret} if vendor == "plex" else {"method": "api_key", "api_key": secret}


def _rows(mappings: Sequence[Mapped]) -> list[dict[str, str]]:
    return [{"remote_prefix": row.player_path, "local_prefix": row.metarr_path} for row in mappings]
