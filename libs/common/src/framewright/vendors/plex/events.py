"""What Plex says while it happens; source: the public Plex API 1.1.1, `/:/eventsource/notifications`.

The document leaves the events themselves open. Their shapes are those that several clients show: the name of an event is that of
the notification, its data one notification or a list, bare or in a `NotificationContainer`; a ping comes every ten seconds.
That the analysis of an item is told as an activity with its key, or as an entry of the timeline, is not verified.
"""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.vendors import eventsource, exchange
from framewright.vendors.events import EventKind, ServerEvent
from framewright.vendors.exchange import Call
from framewright.vendors.plex.wire import reader

LISTEN = Call("GET", "/:/eventsource/notifications", most_bytes=1024 * 1024)
"""Without filters: whether pings come all the same when only other events are asked for is not known."""

OF_INTEREST = frozenset({"activity", "playing", "timeline", "message", "notification"})
"""Names of events whose data are looked at; the last two are those of data in a container."""

SILENCE = 35.0
"""Seconds without a word, pings included, after which nobody speaks any more: three pings were missed."""

OF_LIBRARIES = ("library.", "media.generate.")
"""Activities after whose end items may be other than before."""

PROCESSED = 5
"""State of a timeline entry whose item is ready."""

DELETED = 9

_ITEM = "/library/metadata/"

T = TypeVar("T", bound=msgspec.Struct)


class _Context(msgspec.Struct):
    key: str = ""


class _Activity(msgspec.Struct):
    type: str = ""
    Context: _Context | None = None


class _Ongoing(msgspec.Struct):
    event: str = ""
    Activity: _Activity = msgspec.field(default_factory=_Activity)


class _Entry(msgspec.Struct):
    itemID: str | int = ""  # noqa: N815 - the server's own spelling
    state: int = 0


class _Playing(msgspec.Struct):
    sessionKey: str | int = ""  # noqa: N815 - the server's own spelling
    state: str = ""


class _Told(msgspec.Struct):
    ActivityNotification: _Ongoing | tuple[_Ongoing, ...] = ()
    TimelineEntry: _Entry | tuple[_Entry, ...] = ()
    PlaySessionStateNotification: _Playing | tuple[_Playing, ...] = ()


class _Wrapped(_Told):
    NotificationContainer: _Told | None = None


@dataclass(slots=True)
class Hearing:
    """Turns what is told into events; remembers the state of each session, which players repeat every few seconds."""

    _states: dict[str, str] = field(default_factory=dict[str, str])

    def events(self, data: str) -> list[ServerEvent]:
        """What the data of one notification means; raises `msgspec.DecodeError` when it is none."""
        wrapped = msgspec.json.decode(data, type=_Wrapped, strict=False)
        told = wrapped.NotificationContainer or wrapped
        found = [*_ended(_each(told.ActivityNotification)), *_ready(_each(told.TimelineEntry))]
        if [one for one in _each(told.PlaySessionStateNotification) if self._is_news(one)]:
            found.append(ServerEvent(EventKind.PLAYBACK))
        return found

    def _is_news(self, playing: _Playing) -> bool:
        session = str(playing.sessionKey)
        known = self._states.pop(session, "")
        if playing.state != "stopped":
            self._states[session] = playing.state
        return known != playing.state


async def events(server: Server, http: httpx.AsyncClient) -> AsyncGenerator[ServerEvent]:
    """Everything that happens, until the stream breaks; raises as `eventsource.follow` does."""
    to, hearing, is_open = reader(server, http), Hearing(), False
    async for sent in eventsource.follow(to, LISTEN, SILENCE):
        if not is_open:
            is_open = True
            yield ServerEvent(EventKind.OPENED)
        if sent.event not in OF_INTEREST:
            continue
        try:
            found = hearing.events(sent.data or "{}")
        except msgspec.DecodeError as error:
            raise Retry(f"{to.name}: {LISTEN} sends no usable JSON", code=exchange.BAD_ANSWER) from error
        for event in found:
            yield event


def _ended(told: Iterable[_Ongoing]) -> list[ServerEvent]:
    over = [one.Activity for one in told if one.event == "ended" and one.Activity.type.startswith(OF_LIBRARIES)]
    return [ServerEvent(EventKind.LIBRARY, _item_of(one.Context)) for one in over]


def _ready(told: Iterable[_Entry]) -> list[ServerEvent]:
    entries = [one for one in told if one.state in {PROCESSED, DELETED}]
    ids = tuple(dict.fromkeys(str(one.itemID) for one in entries if one.state == PROCESSED and one.itemID))
    return [ServerEvent(EventKind.LIBRARY, ids)] if entries else []


def _item_of(context: _Context | None) -> tuple[str, ...]:
    """The item that an activity was about; a collection or a whole section is none."""
    key = context.key if context else ""
    item_id = key.removeprefix(_ITEM).partition("/")[0] if key.startswith(_ITEM) else ""
    return (item_id,) if item_id.isdigit() else ()


def _each(told: T | tuple[T, ...]) -> tuple[T, ...]:
    return told if isinstance(told, tuple) else (told,)
