"""A door to the broker through which a process speaks, and where it dies before a chosen word of it is heard."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

CHUNK = 65536


class Doorman:
    """Stands before the broker at `port` and kills the process that it lets in when that says the fatal word.

    Words are of the broker's own protocol: `HPUB $KV.files.`. What was said before is passed on.
    """

    def __init__(self, port: int, fatal: str) -> None:
        self._port = port
        self._fatal = fatal.encode()
        self._guest: Process | None = None

    async def let_in(self, *command: str, **environment: str) -> int:
        """Run a Python program with `NATS_URL` set to this door until it has died; answers its exit status."""
        async with self._open() as url:
            surroundings = {**os.environ, **environment, "NATS_URL": url}
            self._guest = await asyncio.create_subprocess_exec(sys.executable, *command, env=surroundings)
            try:
                return await asyncio.wait_for(self._guest.wait(), 60)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    self._guest.kill()

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[str]:
        async with await asyncio.start_server(self._carry, "127.0.0.1", 0) as listener:
            yield f"nats://127.0.0.1:{listener.sockets[0].getsockname()[1]}"

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(OSError):
            await asyncio.gather(self._pass(reader, broker_writer, self._fatal), self._pass(broker_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fatal: bytes = b"") -> None:
        """Pass everything on up to the fatal word; messages are small, so a word comes in one piece."""
        while chunk := await reader.read(CHUNK):
            said, found, _ = chunk.partition(fatal) if fatal else (chunk, b"", b"")
            writer.write(said)
            await writer.drain()
            if found and self._guest:
                self._guest.kill()
                break
        writer.close()
