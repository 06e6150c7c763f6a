"""What Emby and Jellyfin are told about changes: leaf files in one report, known items by a refresh that replaces nothing.

Folders that are reported together collapse to their common parent, which may be the whole library; leaf files do not.
"""

from collections.abc import Iterable, Iterator

import msgspec

from framewright.contracts.publish import ChangedPath
from framewright.domain.outcome import ChangeKind
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.scanning import ROOT, ScanStep, ScanWish

WORDS = {ChangeKind.ADDED: "Created", ChangeKind.RENAMED: "Created", ChangeKind.DELETED: "Deleted"}
"""What the servers call what happened to a file; everything else is Modified."""

MOST_ASKED_FOR = 25
"""Each item is asked for by a call of its own, and nothing else of the server is told meanwhile."""

LIBRARY_SCAN = "RefreshLibrary"
"""Key of the task that looks at everything; reports of single files are no task and cannot be seen at work."""


class _Task(msgspec.Struct):
    key: str | None = msgspec.field(default=None, name="Key")
    state: str | None = msgspec.field(default=None, name="State")


def planned_reports(wish: ScanWish, known: dict[str, str]) -> tuple[ScanStep, ...]:
    """One report of all leaf files, and a refresh for each item in `known` (ids by path) that merely changed.

    At the top of the ladder it is the libraries' own items that are refreshed.
    """
    if wish.level >= ROOT:
        return tuple(ScanStep(library_id=one, item_id=one, is_root=True) for one in wish.library_ids)
    refreshes = [ScanStep(item_id=known[one.path], path=one.path) for one in wish.changed if one.path in known]
    updates = tuple(dict.fromkeys(pair for one in wish.changed if one.path not in known for pair in _updates(one)))
    return (*([ScanStep(updates=updates)] if updates else []), *refreshes)


def only_changed(changed: Iterable[ChangedPath]) -> list[str]:
    """The first paths whose file was there before: the server may know an item of them. The others are reported."""
    return [one.path for one in changed if one.cause is ChangeKind.CHANGED][:MOST_ASKED_FOR]


async def report(to: Endpoint, updates: Iterable[tuple[str, str]]) -> Call:
    """Tell the server which files changed and how, all at once."""
    body = {"Updates": [{"Path": path, "UpdateType": word} for path, word in updates]}
    call = Call("POST", "/Library/Media/Updated", body=body)
    await exchange.send(to, call)
    return call


async def is_scanning(to: Endpoint) -> bool:
    """Whether the task that looks at every library is at work."""
    tasks = await exchange.ask(to, Call("GET", "/ScheduledTasks"), tuple[_Task, ...])
    return any(task.key == LIBRARY_SCAN and task.state not in {None, "Idle"} for task in tasks)


def _updates(change: ChangedPath) -> Iterator[tuple[str, str]]:
    """The old path goes first: a file that was renamed must not be there twice."""
    if change.previous:
        yield change.previous, WORDS[ChangeKind.DELETED]
    yield change.path, WORDS.get(change.cause, "Modified")
