"""Key-value state: direct reads, compare-and-set writes, leases, and a watch that survives restarts.

Layout and headers are the KV convention of NATS (ADR-8), so any NATS tool reads these buckets. The library's own watch is
not used: after a server restart its updates come 20 s late (G11); a pull consumer that resumes by sequence is back in 1 s.
Keys are `[-/_=.a-zA-Z0-9]`, so paths go in as hashes (G18).
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec
from nats.aio.msg import Msg
from nats.js.errors import APIError, NotFoundError

from framewright.chassis.bus.connection import UNSURE, Bus, Occupied
from framewright.chassis.bus.following import follow
from framewright.domain.errors import Retry

DELETED = frozenset({"DEL", "PURGE"})

MOST_AT_ONCE = 1000
"""Keys in one request; the server refuses more than 1024 (NATS ADR-31)."""

BULK_SECONDS = 5.0

END, NOTHING = "204", "404"
"""Status words that end the answer to a request for many keys."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a key; `value` is None when the key was deleted, `revision` is what a compare-and-set names."""

    key: str
    value: bytes | None
    revision: int


class Bucket:
    """One bucket of the catalogue."""

    def __init__(self, bus: Bus, name: str) -> None:
        self._bus = bus
        self.name = name
        self._stream = f"KV_{name}"
        self._prefix = f"$KV.{name}."

    async def get(self, key: str) -> Entry | None:
        """The present value of a key, None when it was never set, deleted or has expired.

        Raises:
            Retry: the bus is out of reach.
        """
        try:
            found = await self._bus.js.get_msg(self._stream, subject=self._prefix + key, direct=True)
        except NotFoundError:
            return None
        except (*UNSURE, APIError) as error:
            raise Retry(f"bucket {self.name} did not answer", code="BUS_UNAVAILABLE") from error
        if (found.headers or {}).get("KV-Operation") in DELETED:
            return None
        return Entry(key, found.data or b"", found.seq or 0)

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The present values of those keys that have one, a thousand to a request (25 ms on loopback).

        A key may be a pattern (`>` at its end); then it must stand for fewer than a thousand.

        Source: NATS ADR-31, direct get with `multi_last`.

        Raises:
            Retry: the bus is out of reach, or did not answer in full.
        """
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), MOST_AT_ONCE):
            found.update(await self._get_batch(keys[start : start + MOST_AT_ONCE]))
        return found

    async def put(self, key: str, value: bytes, *, seconds: int = 0) -> int:
        """Set a key whatever it held; answers the new revision.

        With `seconds` the key goes away by itself unless it is set again; watchers are not told (G13). Only a bucket with
        `key_ttl` can do that.
        """
        return await self._bus.publish(self._prefix + key, value, headers=_living(seconds))

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Set a key that still is at `revision` (0: does not exist, was deleted or has expired).

        Raises:
            Occupied: somebody else changed it first.
        """
        expected = revision or await self._tombstone(key)
        return await self._bus.publish(
            self._prefix + key, value, headers={"Nats-Expected-Last-Subject-Sequence": str(expected)}
        )

    async def delete(self, key: str, *, seconds: int = 0) -> None:
        """Remove a key; watchers see it go. With `seconds` its marker goes away too, for keys that never come again."""
        await self._bus.publish(self._prefix + key, b"", headers={"KV-Operation": "DEL", **_living(seconds)})

    async def lease(self, key: str, holder: str, seconds: int) -> int | None:
        """Take or renew a lease: its revision, or None while somebody else holds it; ends by itself after `seconds`."""
        current = await self.get(key)
        if current is not None and current.value != holder.encode():
            return None
        expected = current.revision if current is not None else await self._tombstone(key)
        headers = {"Nats-TTL": f"{seconds}s", "Nats-Expected-Last-Subject-Sequence": str(expected)}
        try:
            return await self._bus.publish(self._prefix + key, holder.encode(), headers=headers)
        except Occupied:
            return None

    async def release(self, key: str, revision: int) -> None:
        """Give a lease back early; a lease that passed to somebody else stays theirs."""
        headers = {"KV-Operation": "DEL", "Nats-Expected-Last-Subject-Sequence": str(revision), "Nats-TTL": "60s"}
        with contextlib.suppress(Occupied):
            await self._bus.publish(self._prefix + key, b"", headers=headers)

    async def watch(self, pattern: str = ">") -> AsyncIterator[Entry | None]:
        """Every present value, then None once ("that was all"), then every change; goes on through server restarts."""
        async for found in follow(self._bus, self._stream, self._prefix + pattern, after=None):
            if found is None:
                yield None
                continue
            gone = found.headers.get("KV-Operation") in DELETED
            yield Entry(found.subject.removeprefix(self._prefix), None if gone else found.data, found.sequence)

    async def _get_batch(self, keys: Sequence[str]) -> dict[str, bytes]:
        client = self._bus.client
        found: dict[str, bytes] = {}
        try:
            inbox = await client.subscribe(client.new_inbox())
            try:
                wanted = msgspec.json.encode({"multi_last": [self._prefix + key for key in keys]})
                await client.publish(f"$JS.API.DIRECT.GET.{self._stream}", wanted, reply=inbox.subject)
                while not self._ends(answer := await inbox.next_msg(BULK_SECONDS)):
                    headers = answer.headers or {}
                    if headers.get("KV-Operation") not in DELETED:
                        found[headers["Nats-Subject"].removeprefix(self._prefix)] = answer.data
            finally:
                await inbox.unsubscribe()
        except UNSURE as error:
            raise Retry(f"bucket {self.name} did not answer", code="BUS_UNAVAILABLE") from error
        return found

    def _ends(self, answer: Msg) -> bool:
        status = (answer.headers or {}).get("Status")
        if status not in {None, END, NOTHING}:
            raise Retry(f"bucket {self.name} refused to answer: {status}", code="BUS_REFUSED")
        return status is not None

    async def _tombstone(self, key: str) -> int:
        """The sequence that a compare-and-set on an absent key must name: that of its delete marker, or 0."""
        try:
            found = await self._bus.js.get_msg(self._stream, subject=self._prefix + key, direct=True)
        except NotFoundError:
            return 0
        except (*UNSURE, APIError) as error:
            raise Retry(f"bucket {self.name} did not answer", code="BUS_UNAVAILABLE") from error
        return (found.seq or 0) if (found.headers or {}).get("KV-Operation") in DELETED else 0


def _living(seconds: int) -> dict[str, str]:
    return {"Nats-TTL": f"{seconds}s"} if seconds else {}
