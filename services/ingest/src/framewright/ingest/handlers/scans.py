"""Going through libraries, page by page: look at a page, remember what was decided, queue what needs work.

What a page decided is stored before any of it is queued, together with the place where the next page begins. So a process
that dies anywhere in between leaves a scan that goes on with exact counts: the same page is queued once more under the same
ids, and nothing else. A scan works in turns and goes to the end of the row after each, so that many scans share the slots.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NoReturn

import msgspec
import structlog

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.contracts.facts import JobCreatedV1, ScanProgressedV1
from framewright.contracts.scans import ScanPart, ScanRequestedV1, ScanState, SortBy
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry
from framewright.ingest.domain import scans
from framewright.ingest.domain.freshness import Judged, Standing, counted
from framewright.ingest.domain.scans import Page
from framewright.ingest.domain.taken import Taken
from framewright.ingest.handlers.scanner import Scanner, Turn

CHUNK = 100
"""Changes that are queued at once; before each lot the router must have room again."""

HELD_SECONDS, FULL_SECONDS, NEXT_TURN_SECONDS, LONGEST_SLEEP = 2.0, 5.0, 0.1, 300.0

COUNT_PATIENCE = 20.0
"""Seconds that a server has to say how many files a library holds before the scan begins without that."""

log = structlog.get_logger("scan")


async def on_scan_requested(request: ScanRequestedV1, context: Context, *, scanner: Scanner) -> Sequence[Answer]:
    """Take the scan up where it stands and bring it forward for one turn, or to its end.

    Raises:
        Busy: the scan comes back by itself: its turn is over, work is held back, the queues are full, a server is away.
    """
    await context.until_settled.enter_async_context(scanner.lease(f"scan.{request.job_id}"))
    turn = Turn(request, scanner, now() + scanner.turn)
    state = await scanner.states.load(request.job_id)
    if state is not None and state.finished:
        return [_progress(state, scans.remarks(state))]
    if turn.cancelled:
        return await _end(turn, state or ScanState(job_id=request.job_id, at=now()), "cancelled")
    if refusal := _refusal(turn, state, context.delivery):
        assert state is not None
        return await _end(turn, state, refusal)
    if reason := scanner.held():
        if state is None:
            await scanner.send(_job(request, 0))  # people see that it waits
        raise Busy(reason, after=HELD_SECONDS)
    state = msgspec.structs.replace(state, interrupted_at=None) if state else await _begin(turn)
    taken = await _taken(turn, state)
    await _queue(turn, state)
    return await _go_on(turn, state, taken)


def _refusal(turn: Turn, state: ScanState | None, delivery: int) -> str:
    """Why a scan that was interrupted is not taken up again; empty when it is."""
    interrupted = scans.was_interrupted(state, turn.scanner.worker, delivery) if state else None
    if interrupted is None:
        return ""
    settings = turn.scanner.settings()
    if not settings.auto_requeue_on_restart:
        return "cancelled: it was interrupted by a restart, and auto_requeue_on_restart is off"
    minutes = settings.requeue_max_age_minutes
    if now() - interrupted > timedelta(minutes=minutes):
        return f"cancelled: it was interrupted more than {minutes} minutes ago (requeue_max_age_minutes)"
    return ""


async def _begin(turn: Turn) -> ScanState:
    """Find out what there is to do, and tell of the job with what the servers announce."""
    request, scanner = turn.request, turn.scanner
    state = ScanState(
        job_id=request.job_id,
        at=now(),
        parts=scans.scan_parts(request, scanner.servers()),
        since=scans.added_since(request),
        worker=scanner.worker,
    )
    totals = await asyncio.gather(*(_total(scanner, state, part) for part in state.parts))
    parts = tuple(msgspec.structs.replace(one, total=total) for one, total in zip(state.parts, totals, strict=True))
    state = msgspec.structs.replace(state, parts=parts)
    await scanner.send(_job(request, state.total))
    await scanner.states.save(state)
    return state


async def _total(scanner: Scanner, state: ScanState, part: ScanPart) -> int | None:
    """None when the server does not say now; its part is tried again in any case."""
    try:
        # The walk of a folder has no limit: it runs beside everything else and is the scan's own work.
        async with asyncio.timeout(None if part.root else COUNT_PATIENCE):
            return await scanner.library.total(state, part)
    except (FramewrightError, TimeoutError) as error:
        log.warning("files could not be counted", server=part.server_id, reason=str(error))
        return None


async def _taken(turn: Turn, state: ScanState) -> Taken | None:
    """Which files were looked at already, where one file may be listed by two servers."""
    if not scans.spans_servers(state):
        return None
    return await turn.scanner.states.load_taken(state.job_id, range(state.taken))


async def _go_on(turn: Turn, state: ScanState, taken: Taken | None) -> Sequence[Answer]:
    while True:
        number, wait = scans.next_part(state, now()), scans.seconds_to_wait(state, now())
        if number is None and wait is None:
            return await _end(turn, state)
        if turn.cancelled:
            return await _end(turn, state, "cancelled")
        if turn.request.stop_at is not None and now() >= turn.request.stop_at:
            return await _rest(turn, state)
        if number is None:
            await _yield(turn, state, "a server is waited for", min(LONGEST_SLEEP, max(1.0, wait or 0.0)))
        await _make_way(turn, state)
        state = await _step(turn, state, number, taken)
        await _queue(turn, state)


async def _make_way(turn: Turn, state: ScanState) -> None:
    """Leave the slot to others while nothing should be done, or when the turn is over.

    Raises:
        Busy: the scan comes back later.
    """
    scanner = turn.scanner
    if scanner.stopping.is_set():
        await _yield(turn, msgspec.structs.replace(state, interrupted_at=now()), "the service is stopping", 1.0)
    if reason := scanner.held():
        await _yield(turn, state, reason, HELD_SECONDS)
    if await scanner.queues.lane_is_full(turn.lane):
        await _yield(turn, state, f"the {turn.lane} lane is full", FULL_SECONDS)
    if now() >= turn.ends:
        await _yield(turn, state, "other scans have their turn", NEXT_TURN_SECONDS)


async def _yield(turn: Turn, state: ScanState, reason: str, seconds: float) -> NoReturn:
    """Raises `Busy`, after everything that was queued is known to be."""
    await turn.scanner.states.save(_handed_over(state, turn))
    raise Busy(reason, after=seconds)


async def _step(turn: Turn, state: ScanState, number: int, taken: Taken | None) -> ScanState:
    """One page of one part, looked at and remembered; or the part put off."""
    request, scanner, part = turn.request, turn.scanner, state.parts[number]
    try:
        page = await scanner.library.page(request, state, part)
        _doubt_emptiness(state, part, page)
        found = await scanner.judge.judged(part, page.paths, regenerate=request.regenerate)
    except (Retry, Reject) as error:
        return await _put_off(turn, state, number, error)
    fresh = [one for one in found if taken is None or one.path not in taken]
    if request.sort_by is SortBy.RANDOM:
        order = {path: place for place, path in enumerate(scans.shuffled([one.path for one in fresh], str(state.page)))}
        fresh.sort(key=lambda one: order[one.path])
    state = _advanced(state, number, page, fresh)
    if taken is not None:
        state = await _take(turn, state, taken, fresh)
    await scanner.states.save(msgspec.structs.replace(state, worker=scanner.worker))
    return state


async def _take(turn: Turn, state: ScanState, taken: Taken, found: Sequence[Judged]) -> ScanState:
    """Remember the files that another server of the scan may list as well; before the page, so that none is forgotten."""
    shared = {one.server_id for one in state.parts}
    paths = [one.path for one in found if len(shared.intersection(one.owners)) > 1]
    if not paths:
        return state
    await turn.scanner.states.save_taken(state.job_id, state.taken, paths)
    for path in paths:
        taken.add(path)
    return msgspec.structs.replace(state, taken=state.taken + 1)


def _advanced(state: ScanState, number: int, page: Page, found: Sequence[Judged]) -> ScanState:
    part = state.parts[number]
    part = msgspec.structs.replace(
        part,
        cursor=page.cursor,
        done=not page.cursor,
        total=part.total if page.total is None else page.total,
        seen=part.seen + len(found),
        tries=0,
        next_try=None,
        note="",
    )
    return msgspec.structs.replace(
        scans.with_part(state, number, part),
        at=now(),
        page=state.page + 1,
        count=counted(state.count, (one.standing for one in found)),
        outbox=tuple(one.path for one in found if one.standing is Standing.QUEUED),
        interrupted_at=None,
    )


async def _put_off(turn: Turn, state: ScanState, number: int, error: FramewrightError) -> ScanState:
    """The part waits for its server; the others go on."""
    part = state.parts[number]
    if error.code == "GONE":
        part = msgspec.structs.replace(part, done=True, note=error.reason)
    elif error.code == "EMPTY" and part.tries + 1 >= scans.EMPTY_TRIES:
        part = msgspec.structs.replace(part, done=True, note="", next_try=None)
    else:
        part = scans.postponed(part, error.reason, now())
        log.warning("a part of a scan waits", server=part.server_id, reason=error.reason, tries=part.tries)
    state = scans.lost_part(state, number, part)
    state = msgspec.structs.replace(state, outbox=(), at=now(), worker=turn.scanner.worker)
    await turn.scanner.states.save(state)
    await turn.scanner.send(_progress(state, scans.remarks(state)))
    return state


def _doubt_emptiness(state: ScanState, part: ScanPart, page: Page) -> None:
    """Raises `Retry` (EMPTY) for a whole library without a file."""
    if not (page.paths or page.cursor or part.cursor or part.seen or state.since):
        raise Retry("the library is empty; it is looked at once more", code="EMPTY")


async def _queue(turn: Turn, state: ScanState) -> None:
    """Send the page's changes as the router takes them, then say how far the scan is.

    Raises:
        Busy: the router does not get on; the same page is queued again, which adds nothing.
    """
    at = now()
    for start in range(0, len(state.outbox), CHUNK):
        await _await_router(turn, state)
        lot = state.outbox[start : start + CHUNK]
        await asyncio.gather(*(turn.scanner.send(scans.scan_change(path, turn.request, turn.lane, at)) for path in lot))
    if state.page:
        await turn.scanner.send(_progress(state, scans.remarks(state)))


async def _await_router(turn: Turn, state: ScanState) -> None:
    scanner = turn.scanner
    while await scanner.queues.router_is_busy() and not turn.cancelled:
        if scanner.stopping.is_set():
            await scanner.states.save(msgspec.structs.replace(state, interrupted_at=now(), worker=scanner.worker))
            raise Busy("the service is stopping", after=1.0)
        if now() >= turn.ends + scanner.turn:
            raise Busy("the router does not get on", after=FULL_SECONDS)
        await asyncio.sleep(0.05)


async def _rest(turn: Turn, state: ScanState) -> Sequence[Answer]:
    """Stop where the scan is; its schedule starts it again."""
    await turn.scanner.states.save(_handed_over(state, turn))
    return [_progress(state, "rests until its schedule starts it again")]


async def _end(turn: Turn, state: ScanState, note: str = "") -> Sequence[Answer]:
    ended = msgspec.structs.replace(_handed_over(state, turn), finished=True, interrupted_at=None)
    await turn.scanner.states.save(ended)
    log.info("scanned", job=ended.job_id, note=note, **msgspec.structs.asdict(ended.count))
    return [_progress(ended, note or scans.remarks(ended))]


def _handed_over(state: ScanState, turn: Turn) -> ScanState:
    """The state with nothing left to queue."""
    return msgspec.structs.replace(state, outbox=(), worker=turn.scanner.worker)


def _progress(state: ScanState, note: str = "") -> ScanProgressedV1:
    return ScanProgressedV1(
        job_id=state.job_id,
        at=now(),
        page=state.page,
        total=state.total,
        count=state.count,
        finished=state.finished,
        note=note,
    )


def _job(request: ScanRequestedV1, total: int) -> JobCreatedV1:
    return JobCreatedV1(
        job_id=request.job_id,
        at=request.requested_at,
        kind=request.kind,
        title=request.title,
        source=request.source,
        total=total,
        library_id=",".join(request.library_ids),
        server_id=request.server_id,
        schedule_id=request.schedule_id,
        lane=request.lane,
        repeats=request.repeats,
    )
