"""The senders whose history is read: what the routes need, and what a browser may say of one."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from framewright.contracts.senders import Reconciled, Sender, keep_key, parse_sender
from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject


class Senders(Protocol):
    """The stored senders; every method may raise `Retry`, and `Reject` (NOT_FOUND, CONFLICT)."""

    async def all(self) -> list[Sender]:
        """Every sender."""
        ...

    async def find(self, sender_id: str) -> Sender:
        """One sender."""
        ...

    async def add(self, sender: Sender) -> None:
        """Store a new one."""
        ...

    async def change(self, sender_id: str, change: Callable[[Sender], Sender]) -> Sender:
        """Apply a pure change."""
        ...

    async def delete(self, sender_id: str) -> None:
        """Forget one."""
        ...

    async def reconciled(self, sender_id: str) -> Reconciled:
        """How far its history is dealt with."""
        ...

    async def ask(self, sender_id: str, at: datetime) -> None:
        """Have its history read now."""
        ...


class NewSender(msgspec.Struct, frozen=True):
    """What may be said of a sender; `type`, `url` and `api_key` must be when it is added."""

    id: str | None = None
    type: Literal["sonarr", "radarr"] | None = None
    name: str | None = None
    url: str | None = None
    api_key: str | None = None
    enabled: bool | None = None
    verify_ssl: bool | None = None
    every_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class SenderPage:
    """Every sender, its key masked."""

    senders: tuple[Sender, ...]


@dataclass(frozen=True, slots=True)
class SenderDesk:
    """The stored senders, and the question that proves one to be reachable: the version that answers."""

    store: Senders
    version: Callable[[Sender], Awaitable[str]]


def new_sender(data: Mapping[str, Any], fresh_id: str) -> Sender:
    """A sender that is to be added; it is given an id where it has none.

    Raises:
        Reject: code VALIDATION_ERROR, the reason begins with the field.
    """
    sender = parse_sender({**data, "id": data.get("id") or fresh_id})
    if sender.api_key in {"", REDACTED}:
        raise Reject("api_key must be given", code="VALIDATION_ERROR")
    return sender


def changed_sender(stored: Sender, changes: Mapping[str, Any]) -> Sender:
    """The stored sender with the given fields replaced; its id stays, and so does a masked key.

    Raises:
        Reject: code VALIDATION_ERROR, the reason begins with the field.
    """
    changed = parse_sender({**msgspec.to_builtins(stored), "api_key": REDACTED, **changes, "id": stored.id})
    return keep_key(changed, stored)
