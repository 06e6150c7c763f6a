"""From the door to the router: the raw event as it came, the change it means, and what is known before it is acted on."""

from datetime import datetime
from typing import ClassVar, Self

import msgspec

from framewright.contracts.base import Lane, Message
from framewright.domain.outcome import ChangeKind

RENAMED_AWAY = "renamed"
"""Why a path is deleted whose file goes on under another name: its outputs move, and nothing is removed."""


class RawEventV1(Message, frozen=True, kw_only=True):
    """A webhook exactly as it came in; stored before it is answered, kept seven days, replayable.

    `route` is the endpoint's name (radarr, sonarr, custom, incoming, …), `server_id` the pin of a per-server URL,
    `replay_of` the id of the stored event that this one repeats.
    """

    HEAD: ClassVar[str] = "ingest.v1"
    id: str
    route: str
    received_at: datetime
    body: bytes
    content_type: str = ""
    server_id: str = ""
    replay_of: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.route,)

    def dedupe_key(self) -> str:
        return self.id


class MediaChangedV1(Message, frozen=True, kw_only=True):
    """One path that a source says changed, in the source's own spelling.

    `key` is the debounce identity (blake2b of path and pin); `job_id` is empty unless somebody already opened its job.
    Events of one key within the quiet time are one: `first_at` is when the first of them came, `merged` holds the ids of
    the others. `previous_path` is where a renamed file was, also one that was deleted afterwards: its outputs may be there yet.
    `replaces` are paths whose files the new one took the place of, `why` is the sender's reason for a deletion.
    """

    HEAD: ClassVar[str] = "due.v1"
    event_id: str
    key: str
    source: str
    kind: ChangeKind
    path: str
    observed_at: datetime
    previous_path: str = ""
    title: str = ""
    server_id: str = ""
    job_id: str = ""
    lane: Lane = Lane.HI
    regenerate: bool = False
    first_at: datetime | None = None
    merged: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    why: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.key,)

    def dedupe_key(self) -> str:
        return f"{self.event_id}.{self.key}"

    def united(self, waiting: Self) -> Self:
        """This change, tried again, and a newer one of its path that waits: what the newer one says, under this one's id."""
        ids = dict.fromkeys((*self.merged, waiting.event_id, *waiting.merged))
        ids.pop(self.event_id, None)
        gone = waiting.kind is ChangeKind.DELETED
        previous = "" if gone and waiting.why == RENAMED_AWAY else waiting.previous_path or self.previous_path
        renamed = not gone and (previous or self.kind is ChangeKind.RENAMED)
        return msgspec.structs.replace(
            waiting,
            event_id=self.event_id,
            kind=ChangeKind.RENAMED if renamed else waiting.kind,
            previous_path=previous,
            first_at=self.first_at or waiting.first_at,
            regenerate=self.regenerate or waiting.regenerate,
            merged=tuple(ids),
        )


class ItemChangedV1(Message, frozen=True, kw_only=True):
    """Something that a source names by an id and not by a path: whoever knows the paths is asked, then changes follow.

    `item_id` is the id on the server `server_id` or, without one, on every server of type `server_type` whose identity is
    `server_identity` (any, when that is empty). `provider_ids` (`tmdb`, `tvdb`, `imdb`) are asked of every server.
    """

    HEAD: ClassVar[str] = "item.v1"
    event_id: str
    key: str
    source: str
    kind: ChangeKind
    observed_at: datetime
    item_id: str = ""
    provider_ids: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    server_type: str = ""
    server_identity: str = ""
    server_id: str = ""
    title: str = ""
    lane: Lane = Lane.HI
    regenerate: bool = False

    def tokens(self) -> tuple[str, ...]:
        return (self.key,)

    def dedupe_key(self) -> str:
        return f"{self.event_id}.{self.key}"


class NudgeV1(Message, frozen=True, kw_only=True):
    """The quiet time of a change has begun: its owners may look for the file already. Nothing depends on it."""

    HEAD: ClassVar[str] = "nudge.v1"
    event_id: str
    key: str
    path: str
    observed_at: datetime
    kind: ChangeKind
    server_id: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.key,)

    def dedupe_key(self) -> str:
        return f"nudge.{self.event_id}.{self.key}"
