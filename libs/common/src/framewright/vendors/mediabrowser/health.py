"""Reading and setting what Emby and Jellyfin have in common: options of libraries, and when a task runs.

Sources as in `dialect`. Options are written whole, as they were read a moment ago with one of them changed: a server takes what
is left out for its default.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.health import Check, Value
from framewright.domain.ownership import Library
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.dialect import KINDS, WITHOUT_VIDEO

TRICKPLAY_TASK = "RefreshTrickplayImages"

THREE_O_CLOCK = {"Type": "DailyTrigger", "TimeOfDayTicks": 108_000_000_000}
"""03:00, in ticks of 100 ns."""

LISTED = Call("GET", "/Library/VirtualFolders")


class Folder(msgspec.Struct):
    """A library with all of its options, whatever they are."""

    name: str | None = msgspec.field(default=None, name="Name")
    kind: str | None = msgspec.field(default=None, name="CollectionType")
    locations: tuple[str, ...] | None = msgspec.field(default=None, name="Locations")
    item_id: str | None = msgspec.field(default=None, name="ItemId")
    options: dict[str, Any] | None = msgspec.field(default=None, name="LibraryOptions")

    @property
    def library(self) -> Library:
        """The library in this system's words."""
        kind = self.kind or "mixed"
        return Library(self.item_id or "", self.name or "", KINDS.get(kind, kind), tuple(self.locations or ()))

    def option(self, name: str) -> Value:
        """A switch; None when the server does not have it."""
        value = (self.options or {}).get(name)
        return value if isinstance(value, bool) else None


class Task(msgspec.Struct):
    """A task with the moments at which it runs."""

    id: str = msgspec.field(default="", name="Id")
    key: str | None = msgspec.field(default=None, name="Key")
    triggers: list[dict[str, Any]] | None = msgspec.field(default=None, name="Triggers")


Folders = Callable[[], Awaitable[Sequence[Folder]]]


def of_video(folders: Sequence[Folder], server: Server) -> list[Folder]:
    """The libraries that may hold video and are not switched off here."""
    off = {library.id for library in server.libraries if not library.enabled}
    return [one for one in folders if one.kind not in WITHOUT_VIDEO and one.item_id and one.item_id not in off]


async def jellyfin_folders(to: Endpoint) -> tuple[Folder, ...]:
    """The libraries, as Jellyfin and older Embys list them."""
    return await exchange.ask(to, LISTED, tuple[Folder, ...])


async def set_option(to: Endpoint, folders: Folders, check: Check) -> str:
    """Change one option of a library and leave the others as they are.

    Raises:
        Reject: code NOT_FOUND, the library is gone.
    """
    found = next((one for one in await folders() if one.item_id == check.library_id), None)
    if found is None:
        raise Reject(f"{to.name}: the library {check.library_name!r} is gone", code="NOT_FOUND")
    if found.options is not None and found.options.get(check.flag) == check.recommended:
        return "it is so already"
    body = {"Id": check.library_id, "LibraryOptions": {**(found.options or {}), check.flag: check.recommended}}
    call = Call("POST", "/Library/VirtualFolders/LibraryOptions", body=body)
    await exchange.send(to, call)
    return str(call)


async def trickplay_task(to: Endpoint) -> Task | None:
    """The task that looks at previews; None on a server that has none."""
    tasks = await exchange.ask(to, Call("GET", "/ScheduledTasks"), tuple[Task, ...])
    return next((task for task in tasks if task.key == TRICKPLAY_TASK), None)


async def schedule(to: Endpoint, *, on: bool) -> str:
    """Have the task run daily at three, or never; one that runs at some time already is left as it is.

    Raises:
        Reject: code NOT_FOUND, the server has no such task.
    """
    task = await trickplay_task(to)
    if task is None:
        raise Reject(f"{to.name}: there is no task {TRICKPLAY_TASK}", code="NOT_FOUND")
    if bool(task.triggers) is on:
        return "it is so already"
    call = Call("POST", f"/ScheduledTasks/{exchange.segment(task.id)}/Triggers", body=[THREE_O_CLOCK] if on else [])
    await exchange.send(to, call)
    return str(call)


def is_one_of(check: Check, flags: Collection[str]) -> bool:
    """Whether the row is that of a library's option."""
    return bool(check.library_id) and check.flag in flags
