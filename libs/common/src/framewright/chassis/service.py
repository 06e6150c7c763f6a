"""How every service lives: read settings, set up telemetry, open the bus, serve, drain on SIGTERM, close in order."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from starlette.types import ASGIApp

from framewright.chassis import telemetry
from framewright.chassis.bus import Bus, connect
from framewright.chassis.delivery import Subscription, serve
from framewright.chassis.http import bound_socket, health_app, serving
from framewright.chassis.settings import ProcessSettings, from_environment
from framewright.domain.errors import FramewrightError

S = TypeVar("S", bound=ProcessSettings)

log = structlog.get_logger("service")

Task = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Work that runs beside the subscriptions until the event is set."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a service consists of once it is wired."""

    subscriptions: Sequence[Subscription[Any]] = ()
    tasks: Sequence[Task] = ()
    app: ASGIApp | None = None


Build = Callable[[S, Bus], AbstractAsyncContextManager[Service]]


def run(name: str, kind: type[S], build: Build[S]) -> None:
    """The whole life of a process; exits 0 after a clean stop, 1 with one readable line when it cannot start."""
    try:
        settings = from_environment(kind)
        telemetry.set_up(name, log_format=settings.log_format, log_level=settings.log_level)
        asyncio.run(_live(name, settings, build))
    except (FramewrightError, OSError) as error:
        print(f"framewright {name}: {error}", file=sys.stderr)  # noqa: T201 - a start-up failure must be readable without logs
        raise SystemExit(1) from error
    finally:
        telemetry.shut_down()


async def _live(name: str, settings: S, build: Build[S]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    bus = await connect(settings.nats_url, f"{name}-{os.getpid()}", seed=settings.nats_seed)
    try:
        async with build(settings, bus) as service:
            await _serve(name, settings, bus, service, stopping)
    finally:
        await bus.close()


async def _serve(name: str, settings: ProcessSettings, bus: Bus, service: Service, stopping: asyncio.Event) -> None:
    async def ready() -> str:
        return "" if bus.connected else "the bus is out of reach"

    app = service.app or health_app(ready)
    async with serving(app, bound_socket(settings.framewright_host, settings.http_port)) as url:
        log.info("serving", name=name, url=url)
        work = [serve(bus, subscription, stopping) for subscription in service.subscriptions]
        running = {asyncio.ensure_future(one) for one in (*work, *(task(stopping) for task in service.tasks))}
        watch = asyncio.ensure_future(stopping.wait())
        done, _ = await asyncio.wait({watch, *running}, return_when=asyncio.FIRST_COMPLETED)
        stopping.set()
        log.info("stopping", name=name)
        await _drain(running, settings.drain_seconds)
        for task in done - {watch}:
            task.result()


async def _drain(running: set[asyncio.Task[None]], seconds: float) -> None:
    """Let everything finish what it holds; what takes longer is cut off and comes again from the bus."""
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=seconds)
    for task in late:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*late)
