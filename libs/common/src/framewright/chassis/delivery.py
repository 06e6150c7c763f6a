"""The one loop that serves every consumer: decode → handle → publish the answers → ack.

The order is the promise: a message is acked only when everything that follows from it is stored, so a crash at any point
means the message comes again and nothing is lost. What a handler raises decides how a failure is settled:

    Retry    a schedule brings the message back later (or a delayed nak where the stream has no schedules)
    Reject   the dead letters, with the reason
    else     a bug: logged, given back with a delay, dead-lettered after `max_bugs` deliveries

What was taken out of its queue while it was in work leads to no further work: something else stands for it.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from opentelemetry.trace import SpanKind

from framewright.chassis import telemetry
from framewright.chassis.burial import bury
from framewright.chassis.bus import Bus, Delivered, Lanes, Puller
from framewright.chassis.clock import after, now
from framewright.chassis.metrics import HANDLING, MESSAGES
from framewright.chassis.outgoing import ATTEMPT, FIRST, Answer, Later, Outgoing
from framewright.chassis.withdrawal import leads_on, was_withdrawn
from framewright.contracts.base import Message, decode
from framewright.contracts.catalogue import Stream
from framewright.domain.errors import Busy, FramewrightError, Reject, Retry

M = TypeVar("M", bound=Message)

IDLE_PULL = 5.0
"""Longest wait of one pull; a resumed consumer does not wake a pull that already waits (G10)."""

log = structlog.get_logger("delivery")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waiting times in seconds before each further attempt; when they are used up the message is dead-lettered.

    With `patience` the last delay repeats until the work is that many seconds old. A time that the error itself names
    is used instead of the planned one.
    """

    delays: tuple[float, ...] = (5.0, 30.0, 120.0, 600.0)
    patience: float = 0.0

    def next_delay(self, attempt: int, age: float, wish: float | None = None) -> float | None:
        """Seconds until the attempt after `attempt` (1-based), None when it is time to give up."""
        if attempt > len(self.delays) and age >= self.patience:
            return None
        planned = self.delays[min(attempt, len(self.delays)) - 1] if self.delays else 60.0
        return planned if wish is None else wish


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler may know about its delivery, and two ways to speak before it ends.

    `first` is when the work was first tried, moved on by all the time for which nobody took it out of its queue (`idle`, this
    time): a server that takes no calls, or a service that is away, uses up nobody's patience.

    `tell` stores a fact at once, `show` sends to whoever looks right now. What is entered into `until_settled` is closed
    after the ack: a lease held there covers the whole delivery.
    """

    attempt: int
    first: datetime
    delivery: int
    tell: Callable[[Message], Awaitable[None]]
    show: Callable[[Message], Awaitable[None]]
    until_settled: AsyncExitStack
    idle: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not succeed; `next_try` is None when it will not be tried again."""

    error: FramewrightError
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt(Generic[M]):
    """One try that must be repeated."""

    message: M
    context: Context
    error: Retry


Handler = Callable[[M, Context], Awaitable[Sequence[Answer]]]


def _no_facts(_message: Any, _context: Context, _failure: Failure) -> Sequence[Message]:
    return ()


@dataclass(frozen=True, slots=True)
class Subscription(Generic[M]):
    """One kind of message and who handles it.

    `consumers` are durables in order of urgency (several make lanes), `slots` how many messages are in work at once,
    `failed` the facts to tell when an attempt failed, `again` what comes in the message's stead at the next try.
    """

    stream: Stream
    consumers: tuple[str, ...]
    message: type[M]
    handler: Handler[M]
    slots: int = 1
    ack_wait: float = 30.0
    retry: Callable[[], RetryPolicy] = RetryPolicy
    failed: Callable[[M, Context, Failure], Sequence[Message]] = _no_facts
    again: Callable[[M], M] = lambda message: message
    max_bugs: int = 5


async def serve(bus: Bus, subscription: Subscription[Any], stopping: asyncio.Event) -> None:
    """Run every slot of a subscription until told to stop; a slot finishes the message it holds first."""
    async with asyncio.TaskGroup() as group:
        for _ in range(subscription.slots):
            group.create_task(_slot(bus, subscription, stopping))


async def _slot(bus: Bus, subscription: Subscription[Any], stopping: asyncio.Event) -> None:
    lanes = Lanes([Puller(bus, subscription.stream.name, name) for name in subscription.consumers])
    expires = 1.0 if len(subscription.consumers) > 1 else IDLE_PULL
    try:
        while (delivered := await _next(lanes, expires, stopping)) is not None or not stopping.is_set():
            if delivered is not None:
                await settle(bus, subscription, delivered)
    finally:
        await lanes.close()


async def _next(lanes: Lanes, expires: float, stopping: asyncio.Event) -> Delivered | None:
    """The next message; None when there is none yet or when it is time to stop."""
    if stopping.is_set():
        return None
    pull = asyncio.create_task(lanes.next(expires))
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait((pull, stop), return_when=asyncio.FIRST_COMPLETED)
        return await pull if pull.done() else None
    except Retry as error:
        await asyncio.sleep(error.after or 0.5)
        return None
    finally:
        pull.cancel()
        stop.cancel()


async def settle(bus: Bus, subscription: Subscription[M], delivered: Delivered) -> None:
    """Bring one delivery to its end."""
    began = time.perf_counter()
    outgoing = Outgoing(bus)
    name = f"process {subscription.message.HEAD}"
    with telemetry.span(name, headers=delivered.headers, kind=SpanKind.CONSUMER, deliveries=delivered.count):
        async with _heartbeat(delivered, subscription.ack_wait / 4), AsyncExitStack() as stack:
            try:
                ending = await _work(bus, subscription, delivered, _context(subscription, delivered, outgoing, stack))
            except Retry as error:  # the bus itself failed while settling: the message stays and comes again
                log.warning("not settled, will come again", subject=delivered.subject, reason=error.reason)
                await delivered.give_back(error.after or 2.0)
                ending = "unsettled"
            except Exception:
                log.exception("bug in a handler", subject=delivered.subject, delivery=delivered.count)
                ending = await _bug(bus, subscription, delivered)
    MESSAGES.labels(delivered.consumer, ending).inc()
    HANDLING.labels(delivered.consumer).observe(time.perf_counter() - began)


async def _work(bus: Bus, subscription: Subscription[M], delivered: Delivered, context: Context) -> str:
    outgoing = Outgoing(bus)
    try:
        message = decode(subscription.message, delivered.data)
    except Reject as error:
        await bury(bus, delivered, error)
        return "undecodable"
    try:
        return await _handle(bus, subscription, delivered, message, context)
    except Reject as error:
        await _tell(outgoing, subscription.failed(message, context, Failure(error, None)))
        await bury(bus, delivered, error)
        return "rejected"


async def _handle(bus: Bus, subscription: Subscription[M], delivered: Delivered, message: M, context: Context) -> str:
    try:
        answers = await subscription.handler(message, context)
    except Retry as error:
        return await _postpone(bus, subscription, delivered, Attempt(message, context, error))
    if any(map(leads_on, answers)) and await was_withdrawn(bus, subscription.stream, delivered):
        return await _let_go(delivered)
    await _tell(Outgoing(bus), [_as_next(subscription, answer) for answer in answers])
    await delivered.ack()
    return "done"


async def _postpone(bus: Bus, subscription: Subscription[M], delivered: Delivered, attempt: Attempt[M]) -> str:
    if await was_withdrawn(bus, subscription.stream, delivered):
        return await _let_go(delivered)
    outgoing = Outgoing(bus)
    message, context, error = attempt.message, attempt.context, attempt.error
    age = (now() - context.first).total_seconds()
    busy = isinstance(error, Busy)
    delay = (error.after or 2.0) if busy else subscription.retry().next_delay(context.attempt, age, error.after)
    if delay is None:
        await _tell(outgoing, subscription.failed(message, context, Failure(error, None)))
        await bury(bus, delivered, error)
        return "exhausted"
    due = after(delay)
    if not busy:
        await _tell(outgoing, subscription.failed(message, context, Failure(error, due)))
    if not subscription.stream.schedules:
        await delivered.give_back(delay)
        return "postponed"
    again = subscription.again(message)
    await outgoing.send(Later(again, due, context.attempt + (0 if busy else 1), context.first))
    await delivered.ack()
    return "postponed"


def _as_next(subscription: Subscription[Any], answer: Answer) -> Answer:
    """The answer as it is sent: what is tried again comes as it shall be then."""
    if not isinstance(answer, Later) or not isinstance(answer.message, subscription.message):
        return answer
    return replace(answer, message=subscription.again(answer.message))


async def _let_go(delivered: Delivered) -> str:
    log.info("taken out while it was in work", subject=delivered.subject)
    await delivered.ack()
    return "withdrawn"


async def _bug(bus: Bus, subscription: Subscription[Any], delivered: Delivered) -> str:
    if delivered.count < subscription.max_bugs:
        await delivered.give_back(min(60.0, 2.0**delivered.count))
        return "bug"
    try:
        await bury(bus, delivered, Reject("a bug in the handler; see the log", code="BUG"))
    except Retry:
        await delivered.give_back(5.0)
    return "buried"


async def _tell(outgoing: Outgoing, answers: Sequence[Answer]) -> None:
    for answer in answers:
        await outgoing.send(answer)


def _context(
    subscription: Subscription[Any], delivered: Delivered, outgoing: Outgoing, stack: AsyncExitStack
) -> Context:
    first = delivered.headers.get(FIRST)
    idle = max(timedelta(0), now() - delivered.stored_at) if delivered.count == 1 else timedelta(0)
    # Where no schedule can carry the count, every delivery is an attempt.
    attempt = int(delivered.headers.get(ATTEMPT, "1")) if subscription.stream.schedules else delivered.count
    return Context(
        attempt=attempt,
        first=datetime.fromisoformat(first) + idle if first else now(),
        delivery=delivered.count,
        tell=outgoing.send,
        show=outgoing.show,
        until_settled=stack,
        idle=idle,
    )


@contextlib.asynccontextmanager
async def _heartbeat(delivered: Delivered, every: float) -> AsyncGenerator[None]:
    """Keep the message ours while the work goes on."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(every)
            await delivered.keep()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
