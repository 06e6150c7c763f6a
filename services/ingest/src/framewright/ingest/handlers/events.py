"""Acting on stored events: a history row at once, the changes after their quiet time."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Answer, Later
from framewright.contracts.media import RawEventV1
from framewright.domain.errors import Reject
from framewright.ingest.domain.meaning import UNIVERSAL, changes, disabled, history_row, understood
from framewright.vendors.source import Status, Understood


async def on_raw_event(
    event: RawEventV1, _context: Context, *, quiet: Callable[[], float], enabled: Callable[[], bool]
) -> Sequence[Answer]:
    """Say what the event meant and let its changes become due when their quiet time (seconds) is over.

    A newer event for the same path replaces the one that waits, which restarts the quiet time.
    """
    try:
        meaning = understood(event)
    except Reject as error:
        broken = Understood(event.route or UNIVERSAL, Status.QUARANTINED, reason=error.reason)
        return [history_row(event, broken)]
    if not enabled():
        meaning = disabled(meaning)
    row = history_row(event, meaning)
    if meaning.status is not Status.QUEUED:
        return [row]
    seconds = quiet()
    due = event.received_at + timedelta(seconds=seconds)
    return [row, *(Later(change, due) if seconds > 0 else change for change in changes(event, meaning))]
