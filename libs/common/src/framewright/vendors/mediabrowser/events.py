"""What Emby and Jellyfin say while it happens: JSON messages over a WebSocket, `{"MessageType": …, "Data": …}`.

Sources: Jellyfin's server (`SessionWebSocketListener`, `LibraryChangedNotifier`, `BasePeriodicWebSocketListener`), and for Emby its
clients. Sessions and tasks are told to whoever subscribes to them. Changes of the library are told to users only: who signs in
with an API key, which belongs to no user, never hears of them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from websockets.asyncio.client import ClientConnection

from framewright.domain.errors import Retry
from framewright.vendors import exchange, websocket
from framewright.vendors.events import EventKind, ServerEvent
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.scanning import LIBRARY_SCAN

FOREVER = 3600.0
"""Seconds until the next word of our own, while the server has not said how often it wants one."""

PLAYBACK = frozenset({"PlaybackStart", "PlaybackStopped"})
"""Messages of Emby and of older servers that need no subscription."""

_KEEP_ALIVE = '{"MessageType":"KeepAlive"}'


class _Message(msgspec.Struct):
    kind: str = msgspec.field(default="", name="MessageType")
    data: msgspec.Raw = msgspec.field(default=msgspec.Raw(b"null"), name="Data")


class _Playing(msgspec.Struct):
    id: str = msgspec.field(default="", name="Id")


class _PlayState(msgspec.Struct):
    is_paused: bool = msgspec.field(default=False, name="IsPaused")


class _Session(msgspec.Struct):
    id: str | None = msgspec.field(default=None, name="Id")
    item: _Playing | None = msgspec.field(default=None, name="NowPlayingItem")
    state: _PlayState | None = msgspec.field(default=None, name="PlayState")


class _Task(msgspec.Struct):
    key: str | None = msgspec.field(default=None, name="Key")
    state: str | None = msgspec.field(default=None, name="State")


class _Changes(msgspec.Struct):
    added: tuple[str, ...] | None = msgspec.field(default=None, name="ItemsAdded")
    updated: tuple[str, ...] | None = msgspec.field(default=None, name="ItemsUpdated")


class _Progress(msgspec.Struct):
    percent: float | None = msgspec.field(default=None, name="Progress")


@dataclass(slots=True)
class Hearing:
    """Turns messages into events. What is pushed again and again is news only when it changes.

    `keep_alive` is how many seconds the server waits for a word of ours, 0 while it has not said so.
    """

    keep_alive: float = 0.0
    _playing: frozenset[tuple[str, str, bool]] = frozenset()
    _scanning: bool = False

    def event(self, text: str | bytes) -> ServerEvent | None:
        """What a message means, None when that is nothing; raises `msgspec.DecodeError` when it is none."""
        message = msgspec.json.decode(text, type=_Message)
        if message.kind == "ForceKeepAlive":
            self.keep_alive = msgspec.json.decode(message.data, type=float, strict=False)
            return None
        if message.kind == "LibraryChanged":
            changes = msgspec.json.decode(message.data, type=_Changes)
            return ServerEvent(EventKind.LIBRARY, (*(changes.added or ()), *(changes.updated or ())))
        if message.kind in PLAYBACK or (message.kind == "Sessions" and self._plays_other(message.data)):
            return ServerEvent(EventKind.PLAYBACK)
        is_over = message.kind == "ScheduledTasksInfo" and self._scan_ended(message.data)
        is_over = is_over or (message.kind == "RefreshProgress" and _is_complete(message.data))
        return ServerEvent(EventKind.LIBRARY) if is_over else None

    def _plays_other(self, data: msgspec.Raw) -> bool:
        sessions = msgspec.json.decode(data, type=tuple[_Session, ...])
        before, self._playing = (
            self._playing,
            frozenset(
                (one.id or "", one.item.id, bool(one.state and one.state.is_paused)) for one in sessions if one.item
            ),
        )
        return before != self._playing

    def _scan_ended(self, data: msgspec.Raw) -> bool:
        tasks = msgspec.json.decode(data, type=tuple[_Task, ...])
        before = self._scanning
        self._scanning = any(one.key == LIBRARY_SCAN and one.state not in {None, "Idle"} for one in tasks)
        return before and not self._scanning


def subscriptions(every_ms: int) -> Sequence[str]:
    """The messages that ask for sessions and tasks, at most so often; changes that matter come at once on Jellyfin."""
    return [f'{{"MessageType":"{kind}Start","Data":"0,{every_ms}"}}' for kind in ("Sessions", "ScheduledTasksInfo")]


@dataclass(frozen=True, slots=True)
class Line:
    """Where events are told: the path and query of the WebSocket, and what is said first."""

    path: str
    query: Mapping[str, str]
    first: Sequence[str]
    verify: bool


async def events(to: Endpoint, line: Line) -> AsyncGenerator[ServerEvent]:
    """Everything that happens, until the connection breaks.

    Raises:
        Retry, Reject: as `websocket.opened`; a message that is none is BAD_ANSWER.
    """
    call, hearing = Call("GET", line.path, line.query), Hearing()
    async with websocket.opened(to, call, verify=line.verify) as socket:
        for message in line.first:
            await socket.send(message)
        yield ServerEvent(EventKind.OPENED)
        spoken = time.monotonic()
        while True:
            text = await _received(socket, until=spoken + (hearing.keep_alive / 2 or FOREVER))
            if not text:
                await socket.send(_KEEP_ALIVE)
                spoken = time.monotonic()
                continue
            try:
                event = hearing.event(text)
            except msgspec.DecodeError as error:
                raise Retry(f"{to.name}: {call} sends no usable JSON", code=exchange.BAD_ANSWER) from error
            if event is not None:
                yield event


async def _received(socket: ClientConnection, until: float) -> str | bytes:
    """The next message, empty when none came before that moment (monotonic seconds)."""
    try:
        async with asyncio.timeout(until - time.monotonic()):
            return await socket.recv()
    except TimeoutError:
        return b""


def _is_complete(data: msgspec.Raw) -> bool:
    percent = msgspec.json.decode(data, type=_Progress, strict=False).percent
    return percent is not None and percent >= 100  # noqa: PLR2004 - all of it
