"""Real requests, and a subscription that is served while a test looks on."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from framewright.chassis.bus import Bus, ensure_consumer
from framewright.chassis.delivery import Context, Subscription, serve
from framewright.chassis.outgoing import Answer
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane, Message
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1
from framewright.domain.errors import Retry
from framewright.domain.frames import Picture
from framewright.domain.media import media_id

AT = datetime(2026, 11, 20, tzinfo=UTC)
HI = "extract-hi-any"


def a_request(name: str = "film", *, lane: Lane = Lane.HI, job: str = "job1") -> ExtractRequestedV1:
    path = f"/data/{name}.mkv"
    return ExtractRequestedV1(
        job_ids=(job,),
        path=path,
        path_id=media_id(path),
        targets=(),
        picture=Picture(),
        requested_at=AT,
        lane=lane,
    )


@dataclass
class Desk:
    """A handler that notes what it got and does what the test says: an answer, or an error to raise."""

    answer: Callable[[Any, Context], Any] = lambda _message, _context: ()
    seen: list[tuple[Any, Context]] = field(default_factory=list)

    async def __call__(self, message: Message, context: Context) -> tuple[Answer, ...]:
        self.seen.append((message, context))
        result = self.answer(message, context)
        if asyncio.iscoroutine(result):
            result = await result
        if isinstance(result, BaseException):
            raise result
        return tuple(result or ())

    async def saw(self, times: int, wait: float = 10.0) -> None:
        async def enough() -> bool:
            return len(self.seen) >= times

        await until(enough, wait)


def subscribe(desk: Desk, **changes: Any) -> Subscription[Any]:
    return replace(Subscription(JOBS, (HI,), ExtractRequestedV1, desk), **changes)


Serving = Callable[[Subscription[Any]], AbstractAsyncContextManager[asyncio.Event]]


@pytest.fixture
def serving(bus: Bus) -> Serving:
    """Serve a subscription while the context is open; yields the event that stops it."""

    @asynccontextmanager
    async def run(subscription: Subscription[Any]) -> AsyncGenerator[asyncio.Event]:
        stopping = asyncio.Event()
        task = asyncio.create_task(serve(bus, subscription, stopping))
        try:
            yield stopping
        finally:
            stopping.set()
            await asyncio.wait_for(task, 15)

    return run


@pytest.fixture
def request_for() -> Callable[..., ExtractRequestedV1]:
    return a_request


@pytest.fixture
def desk() -> type[Desk]:
    return Desk


@pytest.fixture
def subscribed() -> Callable[..., Subscription[Any]]:
    return subscribe


@pytest.fixture
def consumer(bus: Bus) -> Callable[..., Any]:
    """Change the limits of the consumer of urgent work for the test."""

    async def change(**limits: Any) -> None:
        fixed = next(consumer for consumer in JOBS.consumers if consumer.name == HI)
        await ensure_consumer(bus, JOBS.name, replace(fixed, **limits))

    return change


@pytest.fixture
def emptied(bus: Bus) -> Callable[..., Any]:
    """Wait until a stream holds so many messages."""

    async def wait(stream: str, left: int = 0, seconds: float = 10.0) -> None:
        async def done() -> bool:
            try:
                return await bus.count(stream) == left
            except Retry:  # asked while the broker was away
                return False

        await until(done, seconds)

    return wait
