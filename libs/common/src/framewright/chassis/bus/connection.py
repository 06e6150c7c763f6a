"""One connection to NATS and the one way to publish: acknowledged, retried with the same id, guarded when asked.

A publish that times out may have been stored all the same (G15), so every retry carries the same `Nats-Msg-Id`. The server
checks guards before ids, so a guarded retry may find its own message in the place: that counts as stored. Answers that
mean "not now" (no leader yet, server restarting) are retried until the caller's deadline and then become `Retry`.
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
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext, api

from framewright.chassis.clock import now, rfc3339
from framewright.domain.errors import Reject, Retry

ATTEMPT_SECONDS = 2.0
SHORTEST_ATTEMPT = 0.2
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
    def closed(self) -> bool:
        """Whether `close` was called; nothing will ever come again."""
        return self.client.is_closed

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
            Reject: code TOO_LARGE, more than the server takes in one message.
            Retry: code BUS_UNAVAILABLE, not known to be stored within `deadline` seconds.
        """
        sent = {**(headers or {}), "Nats-Msg-Id": msg_id or uuid.uuid4().hex}
        ends = time.monotonic() + deadline
        unsure = False
        while True:
            try:
                # A copy per attempt: the client adds headers of its own to the one it is given.
                wait = min(ATTEMPT_SECONDS, max(SHORTEST_ATTEMPT, ends - time.monotonic()))
                stored = await self.js.publish(subject, data, headers=dict(sent), timeout=wait)
            except UNSURE as error:
                if time.monotonic() >= ends:
                    raise Retry(self._unconfirmed(subject), code="BUS_UNAVAILABLE") from error
                unsure = True
                await asyncio.sleep(0.1)
            except nats.js.errors.APIError as error:
                ours = await self._stored_as(subject, sent["Nats-Msg-Id"]) if unsure and _occupied(error) else None
                if ours is None:
                    raise _translated(error, subject) from error
                return ours
            except nats.errors.MaxPayloadError as error:
                raise Reject(f"{subject}: {len(data)} bytes are too many for one message", code="TOO_LARGE") from error
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
        # The server shall know of it before anyone publishes on account of it; one that is away is told when it is back.
        with contextlib.suppress(*UNSURE):
            await self.client.flush()
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

    async def get_matching(self, stream: str, pattern: str) -> tuple[int, bytes] | None:
        """The newest stored message on a subject pattern (wildcards allowed) as (sequence, body); None without one."""
        try:
            found = await self._api(self.js.get_msg(stream, subject=pattern))
        except nats.js.errors.NotFoundError:
            return None
        return (found.seq or 0, found.data or b"")

    async def get_sequence(self, stream: str, sequence: int) -> api.RawStreamMsg | None:
        """One stored message by its sequence; None when it is gone."""
        try:
            return await self.js.get_msg(stream, seq=sequence)
        except nats.js.errors.NotFoundError:
            return None
        except UNSURE as error:
            raise Retry(f"the bus did not answer for {stream} {sequence}", code="BUS_UNAVAILABLE") from error

    async def delete_message(self, stream: str, sequence: int) -> bool:
        """Remove one message; False when it is gone already."""
        try:
            await self._api(self.js.delete_msg(stream, sequence))
        except nats.js.errors.APIError as error:
            # Of a message that is gone the server says 10037, 10043 or, as of a disk that refuses, 10057.
            if await self.get_sequence(stream, sequence) is not None:
                raise _translated(error, f"to delete {stream} {sequence}") from error
            return False
        return True

    async def purge(self, stream: str, subject: str) -> None:
        """Remove every message on a subject (wildcards allowed)."""
        await self._api(self.js.purge_stream(stream, subject=subject))

    async def fire_now(self, stream: str, waiting: str) -> bool:
        """Let a message that waits for its time go within half a second, exactly once; False when none waits any more.

        Its time is brought forward, on condition that it is still the message that was seen: one that is sent past the
        schedule could go twice, when its own time comes at that very moment. One that was changed meanwhile is looked at again.

        Raises:
            Retry: the bus is out of reach.
        """
        while True:
            try:
                found = await self._api(self.js.get_msg(stream, subject=waiting))
            except nats.js.errors.NotFoundError:
                return False
            known, at_once = found.headers or {}, f"@at {rfc3339(now())}"
            if known.get("Nats-Schedule", "") <= at_once:
                return False
            headers = {
                **{name: value for name, value in known.items() if name != "Nats-Msg-Id"},
                "Nats-Schedule": at_once,
                "Nats-Expected-Last-Subject-Sequence": str(found.seq),
            }
            with contextlib.suppress(Occupied):
                await self.publish(waiting, found.data or b"", headers=headers, msg_id=f"now.{waiting}.{found.seq}")
                return True

    async def count(self, stream: str, subject: str = ">") -> int:
        """Number of messages stored on a subject pattern."""
        return sum((await self.subjects(stream, subject)).values())

    async def subjects(self, stream: str, pattern: str) -> dict[str, int]:
        """Every subject of a pattern that holds messages, with their number (100,000 take about 0.2 s)."""
        info = await self._api(self.js.stream_info(stream, subjects_filter=pattern))
        return info.state.subjects or {}

    async def stream_state(self, stream: str) -> tuple[str, int]:
        """Identity (creation time) and last sequence of a stream.

        Raises:
            Retry: the bus is out of reach, or has no such stream yet.
        """
        answer = await self._api(self.client.request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=ATTEMPT_SECONDS))
        info = msgspec.json.decode(answer.data)
        if "error" in info:
            raise Retry(f"there is no stream {stream} yet", code="BUS_UNAVAILABLE")
        return str(info["created"]), int(info["state"]["last_seq"])

    async def close(self) -> None:
        """Flush what is buffered and leave."""
        with contextlib.suppress(*UNSURE, nats.errors.FlushTimeoutError, OSError):
            await asyncio.wait_for(self.client.flush(), timeout=1)
        with contextlib.suppress(OSError):  # the socket of a broker that is gone cannot be flushed
            await self.client.close()

    async def _stored_as(self, subject: str, msg_id: str) -> int | None:
        """Sequence of the newest message on the subject when it is the one that was published with this id."""
        stream = await self._api(self.js.find_stream_name_by_subject(subject))
        try:
            found = await self._api(self.js.get_msg(stream, subject=subject))
        except nats.js.errors.NotFoundError:
            return None
        return found.seq if (found.headers or {}).get("Nats-Msg-Id") == msg_id else None

    def _unconfirmed(self, subject: str) -> str:
        """A refusal by permissions comes as a silence and, beside it, as an error of the connection."""
        last = str(self.client.last_error or "")
        denied = "permissions violation" in last and subject in last
        return f"the bus did not confirm {subject}{': not permitted' if denied else ''}"

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
    client = Client()
    try:
        # The client itself never gives up the first connection when it may reconnect for ever.
        async with asyncio.timeout(wait):
            await client.connect(
                url.split(","),
                name=name,
                inbox_prefix=f"_INBOX_{name.partition('-')[0]}".encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,  # pyright: ignore[reportArgumentType] - a sleep, fractions are fine
                connect_timeout=2,
                ping_interval=10,
                max_outstanding_pings=2,
                pending_size=32 * 1024 * 1024,
                error_cb=_log_error,
                disconnected_cb=_log_disconnect,
                reconnected_cb=_log_reconnect,
                **options,
            )
    except TimeoutError as error:
        cause = client.last_error
        await client.close()
        raise Retry(f"no NATS server answered: {cause}", code="BUS_UNAVAILABLE") from error
    return Bus(client, name)


def _occupied(error: nats.js.errors.APIError) -> bool:
    return error.err_code in OCCUPIED_CODES


def _translated(error: nats.js.errors.APIError, subject: str) -> Retry:
    if _occupied(error):
        return Occupied(f"{subject} is already taken")
    return Retry(f"the bus refused {subject}: {error.description}", code="BUS_REFUSED")


async def _log_error(error: Exception) -> None:
    log.warning("bus error", error=str(error) or type(error).__name__)


async def _log_disconnect() -> None:
    log.info("disconnected from the bus")


async def _log_reconnect() -> None:
    log.info("reconnected to the bus")
