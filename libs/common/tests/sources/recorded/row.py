"""One line of the table of webhooks: what a sender sends, what it means, what it is told."""

import json
from dataclasses import dataclass
from enum import StrEnum

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import UPGRADE, Change, NamedItem, Payload, Status, Understood

BOUNDARY = "----------------------------94e0a1b3"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 40 + b"\r\n\xff\xd9"


class Wrapping(StrEnum):
    """How the sender packs its JSON."""

    JSON = "application/json"
    TEXT = "text/plain; charset=utf-8"
    PAYLOAD = "payload"  # a multipart part beside a picture
    DATA = "data"  # a multipart part


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded payload.

    `means` is `in_words` of its meaning, `answer` status code and status of the reply; `status` is the source's own word
    where ingest, which knows more, says another. `taken_for` is whom the universal endpoint takes the sender for: itself,
    unless said otherwise; `entry` is the address where it is not `/api/webhooks/<source>`.
    """

    source: str
    event: str
    payload: Payload
    means: str
    answer: str = "202 queued"
    wrapping: Wrapping = Wrapping.JSON
    taken_for: str = ""
    entry: str = ""
    status: str = ""

    @property
    def name(self) -> str:
        """The case as tests call it."""
        return f"{self.source}: {self.event}"

    def cells(self, label: str) -> tuple[str, ...]:
        """The row of the table as the document shows it."""
        endpoint = self.entry or f"/api/webhooks/{self.source}"
        return label, self.event, f"`{endpoint}`", self.means, self.answer


def packed(case: Case) -> tuple[bytes, str]:
    """The body and the content type that the sender would use."""
    document = json.dumps(case.payload).encode()
    if case.wrapping not in {Wrapping.PAYLOAD, Wrapping.DATA}:
        return document, case.wrapping.value
    parts = [part(case.wrapping.value, document), picture() if case.wrapping is Wrapping.PAYLOAD else b""]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()]), f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, document: bytes) -> bytes:
    """A part of a multipart body with JSON in it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: application/json\r\n\r\n'
    return head.encode() + document + b"\r\n"


def picture() -> bytes:
    """The part with the picture that Plex sends along."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="thumb"; filename="thumb.jpg"\r\n'
    return head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + PICTURE + b"\r\n"


def in_words(meaning: Understood) -> str:
    """What comes of the payload, short enough for a table."""
    if meaning.status is Status.TEST:
        return "nothing: a test"
    if meaning.status is Status.QUARANTINED:
        return "kept in quarantine"
    if meaning.watching:
        return f"somebody watches on {meaning.watching.server_type} `{meaning.watching.server_identity}`"
    if meaning.status is not Status.QUEUED:
        return f"nothing: {meaning.reason}"
    told = [*map(_change, meaning.changes), *map(_item, meaning.items)]
    told += ["made anew even if fresh"] if meaning.regenerate else []
    return "; ".join([*told, *([meaning.reason] if meaning.reason else [])])


def _change(change: Change) -> str:
    if change.previous_path:
        return f"renamed `{change.previous_path}` to `{change.path}`"
    said = f"{change.kind} `{change.path}`"
    if change.replaces:
        return f"{said} in place of {', '.join(f'`{path}`' for path in change.replaces)}"
    if change.kind is ChangeKind.DELETED and change.why == UPGRADE:
        return f"{said}, waits for its upgrade"
    return f"{said} ({change.why})" if change.why else said


def _item(item: NamedItem) -> str:
    if item.provider_ids:
        ids = ", ".join(" ".join(pair) for pair in item.provider_ids)
        return f"every server is asked for `{ids}` ({item.kind})"
    if item.kind is ChangeKind.DELETED:
        return f"item `{item.item_id}` of {item.server_type} `{item.server_identity}` is gone, and with it the way to its path"
    return f"{item.server_type} `{item.server_identity}` is asked for item `{item.item_id}` ({item.kind})"
