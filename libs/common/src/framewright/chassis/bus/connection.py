"""One connection to NATS and the one way to publish: acknowledged, retried with the same id, guarded when asked.

A publish that times out may have been stored all the same (G15), so every retry carries the same `Nats-Msg-Id`. Answers
that mean "not now" (no leader yet, server restarting) are retried until the caller's deadline and then become `Retry`.
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import nats
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext, api

from framewright.domain.errors import Retry

ATTEMPT_SECONDS = 2.0
OCCUPIED_CODES = frozenset({10_071, 10_077})
UNSURE = (
    nats.errors.TimeoutError,
    nats.errors.NoRespondersError,
    nats.errors.ConnectionClosedError,
    nats.errors.ConnectionReconnectingError,
    nats.errors.OutboundBufferLimitError,
    nats.js.errors.NoStreamResponseError,
    nats.js.errors.ServiceUnavailableError,
)

log = structlog.get_logger("bus")


class Occupied(Retry):
    """The guarded subject already holds a message: the same work is queued or running."""

    code = "OCCUPIED"


class Bus:
    """A connected client; one per process for messages, a second one where big frames travel (G20)."""

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = name
        self.js: JetStreamContext = client.jetstream(timeout=ATTEMPT_SECONDS)

    @property
    def connected(self) -> bool:
        """Whether the socket is up right now."""
        return self.client.is_connected

    @property
    def reconnects(self) -> int:
        """How often the connection was lost and found again."""
        return self.client.stats["reconnects"]

    async def publish(
        self,
        subject: str,
        data: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        msg_id: str = "",
        deadline: float = 30.0,
    ) -> int:
        """Store one message and answer its sequence; a duplicate of an earlier publish answers that one's.

        Raises:
            Occupied: an `Nats-Expected-…` header did not hold.
            Retry: code BUS_UNAVAILABLE, not known to be stored within `deadline` seconds.
        """
        sent = {**(headers or {}), "Nats-Msg-Id": msg_id or uuid.uuid4().hex}
        ends = time.monotonic() + deadline
        while True:
            try:
                # A copy per attempt: the client adds headers of its own to the one it is given.
                stored = await self.js.publish(
                    subject, data, headers=dict(sent), timeout=min(ATTEMPT_SECONDS, deadline)
                )
            except UNSURE as error:
                if time.monotonic() >= ends:
                    raise Retry(f"the bus did not confirm {subject}", code="BUS_UNAVAILABLE") from error
                await asyncio.sleep(0.1)
            except nats.js.errors.APIError as error:
                raise _translated(error, subject) from error
            else:
                return stored.seq

    async def publish_live(self, subject: str, data: bytes) -> None:
        """Send to whoever listens right now; nothing is stored and nothing is retried."""
        with contextlib.suppress(*UNSURE):
            await self.client.publish(subject, data)

    @asynccontextmanager
    async def listening(self, subject: str) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Live messages (never stored) on the subject while the context is open."""
        subscription = await self.client.subscribe(subject)
        try:
            yield (message.data async for message in subscription.messages)
        finally:
            with contextlib.suppress(*UNSURE, nats.errors.BadSubscriptionError):
                await subscription.unsubscribe()

    async def get_last(self, stream: str, subject: str) -> tuple[int, bytes] | None:
        """The newest stored message on a literal subject as (sequence, body), by direct get; None when there is none.

        Raises:
            Retry: the bus is out of reach.
        """
        try:
            found = await self.js.get_msg(stream, subject=subject, direct=True)
        except nats.js.errors.NotFoundError:
            return None
        except UNSURE as error:
            raise Retry(f"the bus did not answer for {subject}", code="BUS_UNAVAILABLE") from error
        except nats.js.errors.APIError as error:
            raise _translated(error, subject) from error
        return (found.seq or 0, found.data or b"")

    async def get_matching(self, stream: str, pattern: str) -> bytes | None:
        """Body of the newest stored message on a subject pattern (wildcards allowed); None when there is none."""
        try:
            found = await self._api(self.js.get_msg(stream, subject=pattern))
        except nats.js.errors.NotFoundError:
            return None
        return found.data or b""

    async def get_sequence(self, stream: str, sequence: int) -> api.RawStreamMsg | None:
        """One stored message by its sequence; None when it is gone."""
        try:
            return await self.js.get_msg(stream, seq=sequence)
        except nats.js.errors.NotFoundError:
            return None
        except UNSURE as error:
            raise Retry(f"the bus did not answer for {stream} {sequence}", code="BUS_UNAVAILABLE") from error

    async def delete_message(self, stream: str, sequence: int) -> None:
        """Remove one message; one that is already gone is no error."""
        with contextlib.suppress(nats.js.errors.NotFoundError, nats.js.errors.BadRequestError):
            await self._api(self.js.delete_msg(stream, sequence))

    async def purge(self, stream: str, subject: str) -> None:
        """Remove every message on a subject (wildcards allowed)."""
        await self._api(self.js.purge_stream(stream, subject=subject))

    async def count(self, stream: str, subject: str = ">") -> int:
        """Number of messages stored on a subject pattern."""
        info = await self._api(self.js.stream_info(stream, subjects_filter=subject))
        return sum((info.state.subjects or {}).values())

    async def stream_state(self, stream: str) -> tuple[str, int]:
        """Identity (creation time) and last sequence of a stream."""
        answer = await self._api(self.client.request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=ATTEMPT_SECONDS))
        info = msgspec.json.decode(answer.data)
        return str(info["created"]), int(info["state"]["last_seq"])

    async def close(self) -> None:
        """Flush what is buffered and leave."""
        with contextlib.suppress(*UNSURE, nats.errors.FlushTimeoutError):
            await asyncio.wait_for(self.client.flush(), timeout=1)
        await self.client.close()

    async def _api(self, call: Any) -> Any:
        try:
            return await call
        except UNSURE as error:
            raise Retry("the bus did not answer", code="BUS_UNAVAILABLE") from error


async def connect(url: str, name: str, *, seed: str = "", wait: float = 60.0) -> Bus:
    """Connect and keep reconnecting for ever; `url` may be a comma-separated list, `seed` an nkey seed.

    Raises:
        Retry: code BUS_UNAVAILABLE, no server answered within `wait` seconds.
    """
    options: dict[str, Any] = {"nkeys_seed_str": seed} if seed else {}
    ends = time.monotonic() + wait
    while True:
        try:
            client = await nats.connect(  # pyright: ignore[reportUnknownMemberType]
                url.split(","),
                name=name,
                inbox_prefix=f"_INBOX_{name.partition('-')[0]}".encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,
                connect_timeout=2,
                ping_interval=10,
                max_outstanding_pings=2,
                pending_size=32 * 1024 * 1024,
                error_cb=_log_error,
                disconnected_cb=_log_disconnect,
                reconnected_cb=_log_reconnect,
                **options,
            )
        except (OSError, *UNSURE, nats.errors.NoServersError) as error:
            if time.monotonic() >= ends:
                raise Retry("no NATS server answered", code="BUS_UNAVAILABLE") from error
            await asyncio.sleep(0.25)
        else:
            return Bus(client, name)


def _translated(error: nats.js.errors.APIError, subject: str) -> Retry:
    if error.err_code in OCCUPIED_CODES:
        return Occupied(f"{subject} is already taken")
    return Retry(f"the bus refused {subject}: {error.description}", code="BUS_REFUSED")


async def _log_error(error: Exception) -> None:
    log.warning("bus error", error=str(error) or type(error).__name__)


async def _log_disconnect() -> None:
    log.info("disconnected from the bus")


async def _log_reconnect() -> None:
    log.info("reconnected to the bus")
