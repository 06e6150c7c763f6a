"""A real broker for the length of a test, and honest ways to disturb it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from framewright.chassis.broker import EmbeddedServer
from framewright.chassis.bus import Bus, connect, provision
from framewright.contracts.catalogue import Topology

CHUNK = 65536


@asynccontextmanager
async def running_bus(store: Path, topology: Topology | None = None) -> AsyncGenerator[tuple[EmbeddedServer, Bus]]:
    """A nats-server with its state in `store`, provisioned, and a connection to it; both end with the context.

    The test may kill and start the server; a port and a store of its own keep it apart from every other one.
    """
    server = EmbeddedServer(store)
    server.start()
    try:
        bus = await connect(server.url, "test", wait=10)
        try:
            await provision(bus, topology)
            yield server, bus
        finally:
            await bus.close()
    finally:
        server.kill()  # nobody needs its state any more, and a clean stop takes a sixth of a second


async def until(true: Callable[[], Awaitable[bool]], wait: float = 10.0) -> None:
    """Wait until the question is answered with yes, asked every twentieth of a second.

    Raises:
        TimeoutError: it never was, within `wait` seconds.
    """
    async with asyncio.timeout(wait):
        while not await true():  # noqa: ASYNC110 - the answer lies in another process
            await asyncio.sleep(0.05)


class Wire:
    """A loopback proxy in front of a broker that swallows the broker's words while `mute` is set."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.mute = False
        self.swallowed = 0
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        """Pass everything on while the context is open; yields the address for clients."""
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as listener:
            self.url = f"nats://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
            yield self.url

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pass(reader, up_writer), self._pass(up_reader, writer, from_broker=True))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_broker: bool = False
    ) -> None:
        while chunk := await reader.read(CHUNK):
            if from_broker and self.mute:
                self.swallowed += len(chunk)
                continue
            writer.write(chunk)
            await writer.drain()
        writer.close()
