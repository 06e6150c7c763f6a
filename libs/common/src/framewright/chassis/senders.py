"""The configured senders and how far their histories are dealt with, in the bucket `config`; keys are sealed."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Bus, Entry, Occupied
from framewright.chassis.sealing import Sealer
from framewright.contracts.catalogue import CONFIG
from framewright.contracts.senders import (
    ASKED_PREFIX,
    RECONCILED_PREFIX,
    SENDER_PREFIX,
    Reconciled,
    Sender,
    is_sender_id,
)
from framewright.domain.errors import Reject

log = structlog.get_logger("senders")

T = TypeVar("T")


class SenderStore:
    """Reads and changes senders; nothing is held in memory. Every method raises `Retry` when the bus is out of reach."""

    def __init__(self, bus: Bus, sealer: Sealer) -> None:
        self._bus = bus
        self._bucket = Bucket(bus, CONFIG.name)
        self._sealer = sealer

    async def all(self) -> list[Sender]:
        """Every sender by id, keys opened; one that cannot be read is left out and logged."""
        prefix = f"$KV.{CONFIG.name}."
        subjects = await self._bus.subjects(f"KV_{CONFIG.name}", f"{prefix}{SENDER_PREFIX}*")
        found = await self._bucket.get_many(sorted(subject.removeprefix(prefix) for subject in subjects))
        senders: list[Sender] = []
        for key in sorted(found):
            try:
                senders.append(self._opened(found[key]))
            except Reject as error:
                log.warning("a stored sender is unusable", key=key, reason=error.reason)
        return senders

    async def find(self, sender_id: str) -> Sender:
        """One sender, its key opened.

        Raises:
            Reject: code NOT_FOUND.
        """
        return self._opened((await self._entry(sender_id)).value or b"")

    async def add(self, sender: Sender) -> None:
        """Store a new sender.

        Raises:
            Reject: code CONFLICT, one with this id exists.
        """
        try:
            await self._bucket.update(SENDER_PREFIX + sender.id, self._sealed(sender), 0)
        except Occupied as error:
            raise Reject(f"a sender with id {sender.id!r} exists", code="CONFLICT") from error

    async def change(self, sender_id: str, change: Callable[[Sender], Sender]) -> Sender:
        """Apply a pure change, again when somebody else wrote in between.

        Raises:
            Reject: code NOT_FOUND, or what `change` raises.
        """
        while True:
            entry = await self._entry(sender_id)
            changed = change(self._opened(entry.value or b""))
            try:
                await self._bucket.update(SENDER_PREFIX + sender_id, self._sealed(changed), entry.revision)
            except Occupied:
                continue
            return changed

    async def delete(self, sender_id: str) -> None:
        """Forget a sender and what is remembered of it.

        Raises:
            Reject: code NOT_FOUND.
        """
        await self._entry(sender_id)
        for prefix in (SENDER_PREFIX, RECONCILED_PREFIX, ASKED_PREFIX):
            await self._bucket.delete(prefix + sender_id)

    async def reconciled(self, sender_id: str) -> Reconciled:
        """How far the sender's history is dealt with."""
        entry = await self._bucket.get(RECONCILED_PREFIX + sender_id)
        return _decoded(entry.value, Reconciled) if entry and entry.value else Reconciled()

    async def keep_reconciled(self, sender_id: str, reconciled: Reconciled) -> None:
        """Remember it; whoever does so holds the sender's lease."""
        await self._bucket.put(RECONCILED_PREFIX + sender_id, msgspec.json.encode(reconciled))

    async def ask(self, sender_id: str, at: datetime) -> None:
        """Have the sender's history read as soon as ingest runs.

        Raises:
            Reject: code NOT_FOUND.
        """
        await self._entry(sender_id)
        await self._bucket.put(ASKED_PREFIX + sender_id, msgspec.json.encode(at))

    async def asked_at(self, sender_id: str) -> datetime | None:
        """When a reading was asked for last."""
        entry = await self._bucket.get(ASKED_PREFIX + sender_id)
        return _decoded(entry.value, datetime) if entry and entry.value else None

    async def _entry(self, sender_id: str) -> Entry:
        entry = await self._bucket.get(SENDER_PREFIX + sender_id) if is_sender_id(sender_id) else None
        if entry is None or not entry.value:
            raise Reject(f"no sender {sender_id!r}", code="NOT_FOUND")
        return entry

    def _sealed(self, sender: Sender) -> bytes:
        return msgspec.json.encode(msgspec.structs.replace(sender, api_key=self._sealer.seal(sender.api_key)))

    def _opened(self, value: bytes) -> Sender:
        """The sender with its key; an empty one when it was sealed by another installation."""
        sender = _decoded(value, Sender)
        try:
            key = self._sealer.open(sender.api_key)
        except Reject as error:
            log.warning("a stored key is unusable; enter it again", sender=sender.id, code=error.code)
            key = ""
        return msgspec.structs.replace(sender, api_key=key)


def _decoded(value: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(value, type=kind)
    except msgspec.DecodeError as error:
        raise Reject(f"stored value is not a {kind.__name__}: {error}", code="UNDECODABLE") from error
