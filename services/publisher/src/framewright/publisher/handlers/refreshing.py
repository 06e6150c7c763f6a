"""Making a server look at what changed, and seeing that it did: tell → look → look again → one step up the ladder.

Every wait is a message that comes back at its time, joined with what came to wait in its place meanwhile, so that nothing is
lost and nothing is told twice. No failure ends in the dead letters: a wish is only a favour to a server, which scans by itself too.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import structlog

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer, Joined, Later
from framewright.contracts.publish import ChangedPath, RefreshWantedV1
from framewright.contracts.server import Server
from framewright.contracts.settings import Refresh
from framewright.domain.errors import SERVER_CODES, FramewrightError, Reject, Retry
from framewright.domain.outcome import ChangeKind
from framewright.publisher.domain import refreshing
from framewright.vendors import ROOT, Scanner, ScanStep, ScanWish

BUSY_SECONDS = 5.0
"""Until a library that is at work is looked at again."""

WATCHED_SECONDS = 60.0
"""Until what waits for the end of a film is done, if nobody watches then."""

MOST_BUSY = 360
"""After so many looks (half an hour) a library that never comes to rest is told all the same."""

AWAY_SECONDS = 60.0
LONGEST_AWAY = 900.0
"""Until a server that did not answer is told again: a minute more each time, up to a quarter of an hour."""

PATIENCE = timedelta(days=7)
"""After so long a wish that could never be told is forgotten."""

log = structlog.get_logger("refreshing")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a server must be spared now: why it is told nothing (`silent`) or nothing heavy (`light`), empty when it may be.

    `top` is the last step of the ladder that may be taken for it.
    """

    silent: str = ""
    light: str = ""
    top: int = ROOT


@dataclass(frozen=True, slots=True)
class Refresher:
    """What the handler needs of the world.

    `folders` finds the folder that stands for each path, the nearest one that exists. `may_scan_root` says, once in a while,
    that a whole library of a server may be scanned now. `plays` says whether a server plays an item or one of its paths right
    now, `bounds` what it must be spared otherwise; neither is waited for longer than `longest_wait`. `found` lets whoever waits
    for a server to know these paths go on.
    `glance` is the time between two looks that must both find a library idle.
    """

    server: Callable[[str], Server | None]
    recognise: Callable[[Server], Awaitable[None]]
    scanner: Callable[[Server], Scanner | None]
    folders: Callable[[Server, Sequence[ChangedPath]], Awaitable[Mapping[str, str]]]
    may_scan_root: Callable[[str, str], Awaitable[bool]]
    settings: Callable[[], Refresh]
    plays: Callable[[str, str, Sequence[str]], bool]
    bounds: Callable[[str], Bounds]
    longest_wait: Callable[[], timedelta]
    found: Callable[[Server, Sequence[str]], Awaitable[None]]
    glance: float = 2.0


@dataclass(frozen=True, slots=True)
class Visit:
    """One wish in work at one server."""

    wish: RefreshWantedV1
    context: Context
    refresher: Refresher
    server: Server
    scanner: Scanner

    @property
    def bounds(self) -> Bounds:
        """What the server must be spared; after the longest wait only how far it may be sent."""
        bounds = self.refresher.bounds(self.server.id)
        waited = now() - self.wish.first_at >= self.refresher.longest_wait()
        return Bounds(top=bounds.top) if waited else bounds

    def log(self, said: str, **facts: object) -> None:
        """Say what was done, with everything that a program would ask about it."""
        wish = self.wish
        log.info(said, server=wish.server_id, place=wish.place, level=wish.level, looked=wish.looked, **facts)


async def on_refresh_wanted(wish: RefreshWantedV1, context: Context, *, refresher: Refresher) -> Sequence[Answer]:
    """Tell the server where to look, or see whether it has found what it was told of."""
    server = refresher.server(wish.server_id)
    scanner = refresher.scanner(server) if server else None
    if server is None or scanner is None:
        return []
    visit = Visit(wish, context, refresher, server, scanner)
    try:
        await refresher.recognise(server)
        return await (_tell(visit) if wish.told_at is None else _look(visit))
    except (Retry, Reject) as error:
        return _after_trouble(visit, error)


async def _tell(visit: Visit) -> Sequence[Answer]:
    if reason := visit.bounds.silent:
        visit.log("not told yet", reason=reason)
        return [_again(visit.wish, WATCHED_SECONDS, visit.context.attempt)]
    changed = await _still_wanted(visit)
    if not changed:
        visit.log("nothing to tell: the server knows the files")
        return []
    wish = visit.wish
    folders = await visit.refresher.folders(visit.server, changed)
    steps = await visit.scanner.steps(ScanWish(changed, wish.library_ids, folders, wish.level))
    left: list[ScanStep] = []
    waits = [await _step(visit, step, left) for step in steps]
    answers: list[Answer] = []
    if left:
        rest = tuple(dict.fromkeys(step.library_id for step in left if step.library_id)) or wish.library_ids
        again = msgspec.structs.replace(wish, changed=_untold(changed, left), library_ids=rest)
        answers.append(_again(again, min(filter(None, waits)), visit.context.attempt))
    if len(left) < len(steps):
        answers += _looked_for(visit, changed)
    return answers


async def _step(visit: Visit, step: ScanStep, left: list[ScanStep]) -> float:
    """Make one call; when it cannot be made now, it is added to `left` and the answer is when it may be."""
    settings = visit.refresher.settings()
    if _is_watched(visit, step) or (step.is_root and visit.bounds.light):
        left.append(step)
        return WATCHED_SECONDS
    if visit.scanner.one_by_one and not await _is_idle(visit, step.library_id):
        left.append(step)
        return BUSY_SECONDS
    if step.is_root and not await visit.refresher.may_scan_root(visit.server.id, step.library_id):
        left.append(step)
        return settings.root_scan_minutes * 60.0
    visit.log("told", call=await visit.scanner.tell(step), root=step.is_root)
    return 0.0


def _is_watched(visit: Visit, step: ScanStep) -> bool:
    """Whether the step would touch an item that is being watched; scans of folders and reports never have to wait."""
    refresher = visit.refresher
    if not step.path or now() - visit.wish.first_at >= refresher.longest_wait():
        return False
    return refresher.plays(visit.server.id, step.item_id, (step.path,))


def _untold(changed: tuple[ChangedPath, ...], left: Sequence[ScanStep]) -> tuple[ChangedPath, ...]:
    """The changes that the steps which are left stand for; a folder stands for all of them."""
    items = {step.path for step in left}
    return changed if "" in items else tuple(one for one in changed if one.path in items)


async def _still_wanted(visit: Visit) -> tuple[ChangedPath, ...]:
    """What is left to tell of: a wider step, or one that had to wait, is only for what the server has not found by itself."""
    changed = visit.wish.changed
    if visit.wish.level == 0 and visit.context.attempt == 1:
        return changed
    checked = refreshing.to_be_known(changed) if visit.wish.level else refreshing.only_new(changed)
    known = [one for one in checked if await visit.scanner.knows(one.path, visit.wish.library_ids)]
    return tuple(one for one in changed if one not in known)


def _looked_for(visit: Visit, changed: tuple[ChangedPath, ...]) -> list[Answer]:
    """The look that follows, where there is something to see."""
    watched = refreshing.to_be_known(changed)
    if visit.refresher.settings().empty_trash:
        watched = (*watched, *(one for one in changed if one.cause is ChangeKind.DELETED))
    if not watched:
        return []
    wish = refreshing.being_looked_for(visit.wish, watched, now())
    return [_joined(wish, refreshing.look_due(wish, visit.scanner.first_look))]


async def _look(visit: Visit) -> Sequence[Answer]:
    wish = visit.wish
    awaited = refreshing.to_be_known(wish.changed)
    unknown = tuple([one for one in awaited if not await visit.scanner.knows(one.path, wish.library_ids)])
    gone = tuple(one for one in wish.changed if one.cause is ChangeKind.DELETED)
    # While it works the last word is not spoken: a look then counts for nothing.
    if (unknown or gone) and not await _are_idle(visit):
        return [_planned(visit) or _again(wish, BUSY_SECONDS, visit.context.attempt)]
    if known := [one.path for one in awaited if one not in unknown]:
        await visit.refresher.found(visit.server, known)
    # Of an upgrade whose new file is not found yet the trash holds the item with all that people did with it.
    if gone and not unknown:
        if visit.bounds.light:
            return [_again(wish, WATCHED_SECONDS, visit.context.attempt)]
        await _empty_trash(visit)
    if not unknown:
        visit.log("the server knows the files" if awaited else "the server has looked")
        return []
    return _in_vain(visit, unknown, gone)


def _in_vain(visit: Visit, unknown: tuple[ChangedPath, ...], gone: tuple[ChangedPath, ...]) -> Sequence[Answer]:
    """Another look, a wider step, or the end: whoever needs the files waits for them on a clock of its own."""
    if (planned := _planned(visit)) is not None:
        return [planned]
    wish, first = msgspec.structs.replace(visit.wish, changed=(*unknown, *gone)), visit.scanner.first_look
    if (again := refreshing.next_look(wish, first)) is not None:
        return [_joined(again, refreshing.look_due(again, first))]
    wider = refreshing.climbed(wish, unknown, visit.bounds.top)
    visit.log("not found" if wider else "not found, given up", files=len(unknown))
    return [_joined(wider, now())] if wider else []


def _planned(visit: Visit) -> Joined[RefreshWantedV1] | None:
    """The same look at the time that was planned for it; None when this is its time."""
    wish, first = visit.wish, visit.scanner.first_look
    return _joined(wish, refreshing.look_due(wish, first)) if refreshing.is_early(wish, first, now()) else None


async def _empty_trash(visit: Visit) -> None:
    if not visit.refresher.settings().empty_trash:
        return
    for library_id in visit.wish.library_ids:
        visit.log("trash", call=await visit.scanner.empty_trash(library_id), library=library_id)


async def _are_idle(visit: Visit) -> bool:
    libraries = visit.wish.library_ids or ("",)
    return all([await _is_idle(visit, one) for one in libraries])


async def _is_idle(visit: Visit, library_id: str) -> bool:
    """Whether a library is at rest, seen twice: between two activities there may be none for a moment."""
    if visit.context.attempt > MOST_BUSY:
        return True
    if await visit.scanner.is_busy(library_id):
        return False
    if not visit.scanner.one_by_one:
        return True
    await asyncio.sleep(visit.refresher.glance)
    return not await visit.scanner.is_busy(library_id)


def _after_trouble(visit: Visit, error: FramewrightError) -> Sequence[Answer]:
    """Come again, unless the server said that it will never do this or the wish is out of date."""
    refused = isinstance(error, Reject) and error.code not in SERVER_CODES
    given_up = refused or now() - visit.wish.first_at > PATIENCE
    visit.log("given up" if given_up else "not told, comes again", code=error.code, reason=error.reason)
    if given_up:
        return []
    wish = error.after if isinstance(error, Retry) else None
    attempt = visit.context.attempt
    return [_again(visit.wish, wish or min(AWAY_SECONDS * attempt, LONGEST_AWAY), attempt)]


def _again(wish: RefreshWantedV1, seconds: float, attempt: int) -> Joined[RefreshWantedV1]:
    return _joined(wish, now() + timedelta(seconds=seconds), attempt + 1)


def _joined(wish: RefreshWantedV1, due: datetime, attempt: int = 1) -> Joined[RefreshWantedV1]:
    """The wish at its time, with whatever waits in the same place by then."""

    def merge(waiting: RefreshWantedV1 | None) -> Later:
        return Later(refreshing.together(wish, waiting) if waiting else wish, due, attempt, wish.first_at)

    return Joined(wish, merge)
