"""The WebSocket of a simulated Emby or Jellyfin: sessions and tasks for whoever subscribes, changes of the library for users.

Real servers gather changes of the library for half a minute before they tell of them; here they are told at once.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from framewright.vendors.simulation.instruments import Instruments
from framewright.vendors.simulation.streams import changed, glances

KEEP_ALIVE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be seen of the server at one moment: items by id with what they show, sessions, tasks."""

    items: dict[str, object]
    sessions: list[dict[str, Any]]
    tasks: list[dict[str, Any]]


@dataclass(slots=True)
class Listener:
    """Somebody at the other end; `is_user` when the token is a person's and no API key."""

    socket: WebSocket
    is_user: bool
    subscribed: set[str] = field(default_factory=set[str])
    told: dict[str, Any] = field(default_factory=dict[str, Any])

    async def say(self, kind: str, data: object = None) -> None:
        """Send one message, with data where it has some."""
        await self.socket.send_text(json.dumps({"MessageType": kind} | ({} if data is None else {"Data": data})))

    async def hear(self) -> None:
        """Take what is said until the connection ends."""
        while True:
            kind = json.loads(await self.socket.receive_text()).get("MessageType", "")
            if kind == "KeepAlive":
                await self.say("KeepAlive")
            elif kind.endswith("Start"):
                self.subscribed.add(kind.removesuffix("Start"))
            elif kind.endswith("Stop"):
                self.subscribed.discard(kind.removesuffix("Stop"))

    async def push(self, kind: str, data: object) -> None:
        """Send what was subscribed to, at first and whenever it changes."""
        if kind in self.subscribed and self.told.get(kind) != data:
            self.told[kind] = data
            await self.say(kind, data)


async def converse(listener: Listener, picture: Callable[[], Picture], instruments: Instruments) -> None:
    """Tell what happens until the other end goes away or the streams are cut."""
    await listener.socket.accept()
    await listener.say("ForceKeepAlive", KEEP_ALIVE_SECONDS)
    hearing, telling = asyncio.create_task(listener.hear()), asyncio.create_task(_tell(listener, picture, instruments))
    try:
        await asyncio.wait((hearing, telling), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hearing.cancel()
        telling.cancel()
        ends = await asyncio.gather(hearing, telling, return_exceptions=True)
    if not any(isinstance(end, WebSocketDisconnect) for end in ends):
        await listener.socket.close()


async def _tell(listener: Listener, picture: Callable[[], Picture], instruments: Instruments) -> None:
    before = picture()
    async for _ in glances(instruments):
        after = picture()
        await listener.push("Sessions", after.sessions)
        await listener.push("ScheduledTasksInfo", after.tasks)
        difference = changed(before.items, after.items)
        if difference and listener.is_user:
            items = {"ItemsAdded": difference.added, "ItemsUpdated": difference.updated}
            folders: dict[str, Any] = {"FoldersAddedTo": [], "FoldersRemovedFrom": [], "CollectionFolders": []}
            await listener.say("LibraryChanged", {**items, "ItemsRemoved": difference.removed, **folders})
        before = after
