"""Listening to the servers: what one says while it happens lets what waits for it look at once.

An event proves nothing and settles nothing. It brings forward questions that the clock would have asked anyway, so whatever is
not heard (a line that is down, a server that says little) only comes a little later. Of several publishers one listens to a server.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field

import structlog

from framewright.chassis.metrics import LISTENING
from framewright.chassis.stopping import cancelled, until
from framewright.contracts.server import Server
from framewright.domain.errors import Busy, FramewrightError, Reject
from framewright.vendors import EventKind, ServerEvent

GLANCE = 1.0
"""Seconds between two looks at which servers there are."""

GATHER = 1.0
"""Seconds in which the events of a server are gathered before anything is done about them."""

MOST_ITEMS = 50
"""Items of one gathering that are asked for; the clocks see to the rest."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds until a line that broke is opened again, twice as many after each failure in a row."""

REFUSED_WAIT = 300.0
"""Seconds until a server that refuses to be listened to is tried again."""

ELSEWHERE_WAIT = 10.0
"""Seconds until a server is asked for again to which another publisher listens, or that takes no calls."""

log = structlog.get_logger("events")


@dataclass(frozen=True, slots=True)
class Ears:
    """What the watch needs of the world.

    `servers` are those to listen to. `listen` opens the line and yields what comes over it. `takes_calls` is False while a server
    is left alone. `play` has it asked at once what it plays. `is_awaited` says whether anything waits for the server, `files`
    which files an item has, `found` lets go on what waits for one of these files, `look` whatever waits to be looked for.
    """

    servers: Callable[[], Sequence[Server]]
    listen: Callable[[Server], AsyncGenerator[ServerEvent]]
    takes_calls: Callable[[str], bool]
    lease: Callable[[str], AbstractAsyncContextManager[None]]
    play: Callable[[Server], None]
    is_awaited: Callable[[Server], Awaitable[bool]]
    files: Callable[[Server, str], Awaitable[Sequence[str]]]
    found: Callable[[Server, Sequence[str]], Awaitable[None]]
    look: Callable[[Server], Awaitable[None]]
    gather: float = GATHER


@dataclass(slots=True)
class News:
    """What was heard of a server's library and not yet acted upon."""

    _items: dict[str, None] = field(default_factory=dict[str, None])
    _heard: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, item_ids: Sequence[str]) -> None:
        """Remember what changed; nothing named means anything."""
        self._items.update(dict.fromkeys(item_ids))
        self._heard.set()

    async def gathered(self, seconds: float) -> tuple[str, ...]:
        """The items of the next gathering, which begins with the first event."""
        await self._heard.wait()
        await asyncio.sleep(seconds)
        items = tuple(self._items)[:MOST_ITEMS]
        self._items.clear()
        self._heard.clear()
        return items


class EventWatch:
    """One task per server that keeps a line open."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._lines: dict[str, tuple[Server, asyncio.Task[None]]] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Listen to every server that is configured, as it is configured, until told to stop."""
        try:
            while not stopping.is_set():
                await self._follow_configuration()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(GLANCE):
                        await stopping.wait()
        finally:
            await self._hang_up(list(self._lines))

    async def _follow_configuration(self) -> None:
        wanted = {server.id: server for server in self._ears.servers()}
        await self._hang_up([name for name, (server, _) in self._lines.items() if wanted.get(name) != server])
        for name, server in wanted.items():
            if name not in self._lines:
                self._lines[name] = (server, asyncio.create_task(self._keep_line(server)))

    async def _hang_up(self, names: Sequence[str]) -> None:
        await cancelled(self._lines.pop(name)[1] for name in names)

    async def _keep_line(self, server: Server) -> None:
        """Open the line again whenever it breaks; the same trouble again and again is told once."""
        line, failures, told = Line(server, self._ears), 0, ""
        while True:
            wait = ELSEWHERE_WAIT
            try:
                await line.hold()
            except Busy:
                pass  # another publisher listens, or the server is left alone
            except FramewrightError as error:
                failures = 1 if line.was_open else failures + 1
                wait = _patience(error, failures)
                if error.code != told or line.was_open:
                    log.info("not listening", server=server.id, code=error.code, reason=error.reason)
                told = error.code
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads callers, keeps no secret


def _patience(error: FramewrightError, failures: int) -> float:
    """Seconds until the line is opened again, after so many failures in a row."""
    if isinstance(error, Reject):
        return REFUSED_WAIT
    return min(FIRST_WAIT * 2.0 ** (failures - 1), LONGEST_WAIT)


class Line:
    """The line to one server; `was_open` says whether the last one ever stood."""

    def __init__(self, server: Server, ears: Ears) -> None:
        self._server = server
        self._ears = ears
        self.was_open = False

    async def hold(self) -> None:
        """Listen until the line breaks, which is an error.

        Raises:
            Busy: another publisher listens, or the server takes no calls.
            Retry, Reject: as the line ended.
        """
        self.was_open = False
        if not self._ears.takes_calls(self._server.id):
            raise Busy("the server is left alone")
        news = News()
        async with self._ears.lease(self._server.id):
            try:
                await until(asyncio.Event(), self._hear(news), self._attend(news))
            finally:
                LISTENING.labels(self._server.id).set(0)

    async def _hear(self, news: News) -> None:
        async with aclosing(self._ears.listen(self._server)) as events:
            async for event in events:
                if event.kind is EventKind.OPENED:
                    self.was_open = True
                    LISTENING.labels(self._server.id).set(1)
                    log.info("listening", server=self._server.id)
                # What happened before the line stood was not heard, so its beginning counts as both.
                if event.kind is not EventKind.LIBRARY:
                    self._ears.play(self._server)
                if event.kind is not EventKind.PLAYBACK:
                    news.add(event.item_ids)

    async def _attend(self, news: News) -> None:
        """Act upon what is heard; what goes wrong here leaves the line as it is."""
        while True:
            items = await news.gathered(self._ears.gather)
            try:
                await self._stir(items)
            except FramewrightError as error:
                log.info("not looked at once", server=self._server.id, code=error.code, reason=error.reason)

    async def _stir(self, items: Sequence[str]) -> None:
        ears, server = self._ears, self._server
        if not await ears.is_awaited(server):
            return
        paths = [path for item in items for path in await ears.files(server, item)]
        await ears.found(server, tuple(dict.fromkeys(paths)))
        await ears.look(server)
