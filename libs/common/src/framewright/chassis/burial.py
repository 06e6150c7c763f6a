"""Setting a message aside for good: a copy with the reason in the dead letters, a fact for everyone, and then its end."""

import structlog

from framewright.chassis.bus import Bus, Delivered
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.facts import DeadLetteredV1
from framewright.domain.errors import FramewrightError

log = structlog.get_logger("delivery")


async def bury(bus: Bus, delivered: Delivered, error: FramewrightError) -> None:
    """Copy a message to the dead letters with its reason, tell about it, and settle it."""
    headers = {
        "Framewright-Reason": error.reason.replace("\n", " ")[:500].encode("ascii", "replace").decode(),
        "Framewright-Code": error.code,
        "Framewright-Subject": delivered.subject,
        "Framewright-Delivery": str(delivered.count),
    }
    key = f"dead.{delivered.stream}.{delivered.sequence}"
    await bus.publish(f"dead.{delivered.stream}.{delivered.consumer}", delivered.data, headers=headers, msg_id=key)
    fact = DeadLetteredV1(
        stream=delivered.stream,
        consumer=delivered.consumer,
        sequence=delivered.sequence,
        subject_was=delivered.subject,
        at=now(),
        code=error.code,
        reason=error.reason,
    )
    await Outgoing(bus).send(fact)
    await delivered.ack()
    log.warning("dead-lettered", subject=delivered.subject, code=error.code, reason=error.reason)
