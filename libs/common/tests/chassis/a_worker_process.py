"""Run as a program: takes one request from the bus and never ends it. `python a_worker_process.py URL`."""

import asyncio
import sys

from framewright.chassis.bus import connect
from framewright.chassis.delivery import Subscription, serve
from framewright.contracts.catalogue import JOBS
from framewright.contracts.extract import ExtractRequestedV1


async def hang(message: ExtractRequestedV1, _context: object) -> tuple[()]:
    sys.stdout.write(f"took {message.path}\n")
    sys.stdout.flush()
    await asyncio.sleep(60)
    return ()


async def main() -> None:
    bus = await connect(sys.argv[1], "victim")
    subscription = Subscription(JOBS, ("extract-hi-any",), ExtractRequestedV1, hang, ack_wait=1.0)
    await serve(bus, subscription, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main())
