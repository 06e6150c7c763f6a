"""From the door to the router: the raw event as it came, and the change it means."""

from datetime import datetime
from typing import ClassVar

from framewright.contracts.base import Lane, Message
from framewright.domain.outcome import ChangeKind


class RawEventV1(Message, frozen=True, kw_only=True):
    """A webhook exactly as it came in; stored before it is answered, kept seven days, replayable.

    `route` is the endpoint's name (radarr, sonarr, custom, incoming, …), `server_id` the pin of a per-server URL.
    """

    HEAD: ClassVar[str] = "ingest.v1"
    id: str
    route: str
    received_at: datetime
    body: bytes
    content_type: str = ""
    server_id: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.route,)

    def dedupe_key(self) -> str:
        return self.id


class MediaChangedV1(Message, frozen=True, kw_only=True):
    """One path that a source says changed, in the source's own spelling.

    `key` is the debounce identity (blake2b of source and path); `job_id` is empty unless a scan already opened its job.
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

    def tokens(self) -> tuple[str, ...]:
        return (self.key,)

    def dedupe_key(self) -> str:
        return f"{self.event_id}.{self.key}"
