"""The law of messages: one class is one message in one version on one subject.

Within a version only a field with a default may be added, and unknown fields are ignored on reading; anything else is a
new class on a new subject, and both are consumed for one release (consumers deploy before producers). The golden examples
under `tests/contracts/examples` decode for ever.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeVar

import msgspec

from framewright.domain.errors import Reject


class Lane(StrEnum):
    """Urgency of extraction work: hi for webhooks, mid for what was added lately, low for whole libraries."""

    HI = "hi"
    MID = "mid"
    LOW = "low"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Anything that is published; `HEAD` is the fixed part of its subject, version included."""

    HEAD: ClassVar[str] = ""

    def tokens(self) -> tuple[str, ...]:
        """What follows the head in the subject: routing words, identifiers last, never a path."""
        raise NotImplementedError

    def dedupe_key(self) -> str:
        """Names the fact for `Nats-Msg-Id`: equal for retries of one publish, different for every other fact."""
        raise NotImplementedError

    def guard(self) -> str | None:
        """Subject pattern of which no other message may be stored (queued or in flight) when this one is published."""
        return None

    def owner(self) -> str:
        """Tells apart two messages that wait for the same subject: each keeps its own place, so neither is lost."""
        return ""

    def united(self, waiting: Any) -> Self:  # noqa: ARG002 - one of its own kind
        """What shall wait where `waiting` waits already and this one comes to the same place; this one alone, unless said."""
        return self

    def subject(self) -> str:
        """The full subject."""
        return ".".join((self.HEAD, *self.tokens()))

    def waiting_subject(self) -> str:
        """Where the message stands while it waits for its time; the newest there replaces the older one."""
        area = self.HEAD.partition(".")[0]
        return ".".join(filter(None, ("wait", area, *self.tokens(), self.owner())))


M = TypeVar("M", bound=Message)

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
"""JSON bytes of a message."""


def decode(kind: type[M], data: bytes) -> M:
    """The message in the bytes.

    Raises:
        Reject: code UNDECODABLE when the bytes are not JSON or not of this shape.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Reject(f"not a {kind.__name__}: {error}", code="UNDECODABLE") from error
