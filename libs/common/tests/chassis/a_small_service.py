"""Run as a program: the smallest service there can be, with the life of every other."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from framewright.chassis.bus import Bus
from framewright.chassis.delivery import Subscription
from framewright.chassis.service import Service, run
from framewright.chassis.settings import ProcessSettings
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1

log = structlog.get_logger("small")


async def work(_message: ExtractRequestedV1, _context: object) -> tuple[()]:
    log.info("took it")
    await asyncio.sleep(0.5)
    return ()


@asynccontextmanager
async def build(_settings: ProcessSettings, _bus: Bus) -> AsyncGenerator[Service]:
    yield Service(subscriptions=[Subscription(JOBS, ("extract-hi-any",), ExtractRequestedV1, work)])


if __name__ == "__main__":
    run("small", ProcessSettings, build)
