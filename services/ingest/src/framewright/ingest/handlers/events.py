"""Acting on stored events: a history row at once, a nudge for the servers, the changes after their quiet time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.media import MediaChangedV1, NudgeV1, RawEventV1
from framewright.contracts.playback import PlaybackHintV1
from framewright.domain.errors import Reject
from framewright.ingest.domain.deliveries import Delivery, deliveries, items
from framewright.ingest.domain.meaning import UNIVERSAL, Ground, history_row, standing, understood
from framewright.ingest.domain.merging import Waits, answers_a_half, is_parked
from framewright.ingest.handlers.joining import Moment, Room, join
from framewright.vendors.source import Status, Understood


@dataclass(frozen=True, slots=True)
class Acting:
    """What acting on events needs: what is configured, how long changes wait, and where."""

    ground: Callable[[], Ground]
    waits: Callable[[], Waits]
    room: Room


async def on_raw_event(event: RawEventV1, context: Context, *, acting: Acting) -> Sequence[Answer]:
    """Say what the event meant and let its changes become due when their quiet time is over.

    Raises:
        Retry: the bus is out of reach.
    """
    try:
        meaning = standing(understood(event), event, acting.ground())
    except Reject as error:
        broken = Understood(event.route or UNIVERSAL, Status.QUARANTINED, reason=error.reason)
        return [history_row(event, broken)]
    if meaning.watching is not None and meaning.status is not Status.DISABLED:
        await context.show(PlaybackHintV1(**_watched(meaning)))
    if meaning.status is not Status.QUEUED:
        return [history_row(event, meaning)]
    said = deliveries(event, meaning)
    fresh, before = await _undelivered(event, said, acting.room)
    if said and not fresh and not meaning.items:
        return [history_row(event, _duplicate(meaning, before))]
    moment = Moment(now(), acting.waits())
    nudges = _nudges(fresh) if moment.waits.quiet > 0 else []
    for nudge in nudges:
        await context.tell(nudge)
    for change in filter(answers_a_half, fresh):
        await acting.room.marks.will_answer(change.key, event.id)
    for change in fresh:
        await join(change, acting.room, moment)
    return [history_row(event, meaning), *items(event, meaning)]


async def _undelivered(
    event: RawEventV1, said: Sequence[Delivery], room: Room
) -> tuple[list[MediaChangedV1], dict[str, str]]:
    """The changes that did not come before, and for the others which event brought them; a replay is meant to repeat."""
    fresh: list[MediaChangedV1] = []
    before: dict[str, str] = {}
    for one in said:
        first = event.id if event.replay_of else await _first(event, one, room)
        if first == event.id:
            fresh.append(one.change)
        else:
            before[one.change.key] = first
    return fresh, before


async def _first(event: RawEventV1, one: Delivery, room: Room) -> str:
    """The event that said the same before: the same delivery, or the import to which this is the deletion half."""
    if is_parked(one.change):
        return await room.marks.answer(one.change.key) or event.id
    if one.name:
        return await room.marks.first_event(one.name, one.change.key, event.id)
    return event.id


def _duplicate(meaning: Understood, before: dict[str, str]) -> Understood:
    firsts = ", ".join(dict.fromkeys(before.values()))
    return replace(meaning, status=Status.DUPLICATE, reason=f"the same was told before, with event {firsts}")


def _nudges(changes: Sequence[MediaChangedV1]) -> list[Message]:
    """Not for half an upgrade: a server that looks between the halves finds neither file and forgets the item."""
    return [
        NudgeV1(
            event_id=change.event_id,
            key=change.key,
            path=change.path,
            observed_at=change.observed_at,
            kind=change.kind,
            server_id=change.server_id,
        )
        for change in changes
        if not is_parked(change)
    ]


def _watched(meaning: Understood) -> dict[str, str]:
    assert meaning.watching is not None
    return {"server_type": meaning.watching.server_type, "server_identity": meaning.watching.server_identity}
