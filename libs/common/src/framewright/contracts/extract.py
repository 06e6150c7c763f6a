"""From the router to the extractor: one canonical path, every rendition that its owners want."""

from datetime import datetime
from typing import ClassVar

import msgspec

from framewright.contracts.base import Lane, Message
from framewright.domain.frames import Picture, Rendition


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One owning server of the file and what it wants; `remote_paths` in the server's spelling, best first.

    `library_ids` are all of its enabled libraries that hold the file, `library_id` the closest of them.
    """

    server_id: str
    server_type: str
    server_name: str = ""
    library_id: str = ""
    remote_paths: tuple[str, ...] = ()
    rendition: Rendition
    library_ids: tuple[str, ...] = ()


class ExtractRequestedV1(Message, frozen=True, kw_only=True):
    """Extract the frames of one canonical path; guarded so that one path is queued at most once over all lanes.

    `device` is the class of worker that may take it: any, gpu or cpu. `previous_path` is where the same file was before.
    """

    HEAD: ClassVar[str] = "jobs.v1"
    job_ids: tuple[str, ...]
    path: str
    path_id: str
    targets: tuple[Target, ...]
    picture: Picture
    requested_at: datetime
    lane: Lane = Lane.HI
    device: str = "any"
    regenerate: bool = False
    attempt: int = 1
    previous_path: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.lane, self.device, self.path_id)

    def dedupe_key(self) -> str:
        servers = "+".join(sorted(target.server_id for target in self.targets))
        return f"{'+'.join(self.job_ids)}.{self.path_id}.{self.lane}.{self.attempt}.{servers}"

    def guard(self) -> str:
        return f"{self.HEAD}.*.*.{self.path_id}"

    def owner(self) -> str:
        return self.job_ids[0] if self.job_ids else ""
