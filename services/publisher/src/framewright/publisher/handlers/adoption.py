"""After the telling: is the server seen to show the outputs, and if not, when is it asked again?

The wait is a message that comes back at its time: no slot, no lease and no other file is held meanwhile. It has a clock of its
own, which begins with the first question, and it never fails: what was written stays written. A server that is away or answers
nonsense is a server that does not show the outputs yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import Answer, Later
from framewright.contracts.record import PublishRecord, Stage
from framewright.domain.errors import FramewrightError, Reject, Retry
from framewright.domain.outcome import Outcome
from framewright.domain.publishing import Showing, ShowingState
from framewright.publisher.domain import records
from framewright.publisher.domain.telling import Standing
from framewright.publisher.handlers import playing
from framewright.publisher.handlers.given import Errand, Placed

NOT_SHOWN = "NOT_SHOWN"
"""Written and told, but the server does not show it; not to be confused with NOT_INDEXED, before anything is written."""

MISALIGNED = "MISALIGNED"
"""The server shows it wrongly, and time alone does not mend that."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of one question; `code` names a trouble on the way, `wish` is the server's own wish in seconds."""

    showing: Showing
    code: str = NOT_SHOWN
    wish: float | None = None


async def adopt(errand: Errand, placed: Placed, record: PublishRecord, *, just_told: bool) -> Sequence[Answer]:
    """How the request ends, or when the server is asked again."""
    look = await _look(errand, placed, record, just_told=just_told)
    state, reason = look.showing.state, look.showing.reason
    if state is ShowingState.NOT_YET:
        return await _wait(errand, record, look)
    if state is ShowingState.CANNOT_BE_ASKED:
        outcome = Outcome.PUBLISHED if just_told else Outcome.UP_TO_DATE
        return await _end(errand, record, Standing(outcome, placed.located.note))
    if state is ShowingState.MISALIGNED:
        return await _end(errand, record, Standing(Outcome.UNVERIFIED, reason, MISALIGNED))
    return await _end(errand, record, Standing(Outcome.ADOPTED, reason))


async def interrupted(errand: Errand, error: Retry | Reject) -> Sequence[Answer] | None:
    """When the server is asked again after trouble on the way to the question; None when nothing was told yet."""
    record = await errand.record()
    if record is None or not records.is_waited_for(record, errand.request):
        return None
    return await _wait(errand, record, _troubled(error))


async def _look(errand: Errand, placed: Placed, record: PublishRecord, *, just_told: bool) -> Look:
    """Ask; a server that does not show the outputs is reminded, at the times of the clock only.

    A question that an event of the server brought forward must not make it look again: that would be its next event.
    """
    written = records.known_contents(record, placed.located)
    reminds = not just_told and not records.is_early(record, now()) and not playing.is_playing(errand, placed)
    reminds = reminds and not errand.publisher.heavy_work_waits()
    try:
        showing = await errand.connection.showing(placed.target, placed.located, written)
        if showing.state is ShowingState.NOT_YET and reminds:
            await errand.connection.remind(placed.target, placed.located)
    except (Retry, Reject) as error:
        return _troubled(error)
    return Look(showing)


def _troubled(error: FramewrightError) -> Look:
    wish = error.after if isinstance(error, Retry) else None
    return Look(Showing(ShowingState.NOT_YET, error.reason), error.code, wish)


async def _wait(errand: Errand, record: PublishRecord, look: Look) -> Sequence[Answer]:
    """Come again at the next time of the clock; at its end the outputs stay, unverified."""
    asked = records.asked_once_more(record, errand.request, now(), errand.context.idle)
    assert asked.adoption is not None
    age = (now() - asked.adoption.since).total_seconds()
    delay = errand.publisher.patience().next_delay(asked.adoption.asked, age, look.wish)
    reason = look.showing.reason
    if delay is None:
        late = f"written, and not shown within {age / 3600:.0f} hours; the next event asks again: {reason}"
        return await _end(errand, asked, Standing(Outcome.UNVERIFIED, late, look.code))
    due = asked.adoption.due or after(delay)
    await errand.remember(records.to_be_asked(asked, due))
    # Of requests for one file and server only one waits: it takes the jobs of those whose place it takes with it.
    waiting = msgspec.structs.replace(errand.request, job_ids=asked.adoption.job_ids)
    said = f"written, not yet shown: {reason}"
    standing = Standing(Outcome.WAITING, said, look.code, asked.outputs, asked.call, due)
    return [errand.settled(standing, waiting), Later(waiting, due, errand.context.attempt + 1)]


async def _end(errand: Errand, record: PublishRecord, standing: Standing) -> Sequence[Answer]:
    """Nobody waits any more; every job that waited is told."""
    if standing.outcome is Outcome.ADOPTED:
        await errand.remember(records.ended(record, Stage.SHOWN, now(), standing.reason))
    elif record.adoption is not None:
        await errand.remember(records.ended(record, Stage.TOLD, now()))
    jobs = record.adoption.job_ids if record.adoption else ()
    request = msgspec.structs.replace(errand.request, job_ids=records.together(jobs, errand.request.job_ids))
    call = "" if standing.outcome is Outcome.UP_TO_DATE else record.call
    return [errand.settled(replace(standing, outputs=record.outputs, call=call), request)]
