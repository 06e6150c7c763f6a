"""From the router to the extractor: one canonical path, every rendition that its owners want."""

from datetime import datetime
from typing import ClassVar, Self

import msgspec

from framewright.contracts.base import Lane, Message
from framewright.domain.frames import Picture, Rendition

URGENCY = tuple(Lane)
"""The lanes, most urgent first."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One owning server of the file and what it wants; `remote_paths` in the server's spelling, best first.

    `further` are the renditions that it wants besides `rendition`. `library_ids` are all of its enabled libraries that hold the file, `library_id` the closest of them. `previous_path` is
    where this server's outputs were made when that is another place than the whole request names.
    """

    server_id: str
    server_type: str
    server_name: str = ""
    library_id: str = ""
    remote_paths: tuple[str, ...] = ()
    rendition: Rendition
    library_ids: tuple[str, ...] = ()
    previous_path: str = ""
    further: tuple[Rendition, ...] = ()

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """All that it wants."""
        return (self.rendition, *self.further)

    def coming_from(self, place: str, usual: str) -> "Target":
        """The target whose outputs were made at `place`, in a request that names the `usual` one for all."""
        return msgspec.structs.replace(self, previous_path="" if place in {"", usual} else place)


class ExtractRequestedV1(Message, frozen=True, kw_only=True):
    """Extract the frames of one canonical path; guarded so that one path is queued at most once over all lanes.

    `device` is the class of worker that may take it: any, gpu or cpu. `previous_path` is where the same file was before.
    `anew` are the widths whose frames went missing: they alone are made anew; `regenerate` without them means every width.
    While it waits for its next try its place names no lane, so that an order can change the lane where it waits.
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
    anew: tuple[int, ...] = ()

    def tokens(self) -> tuple[str, ...]:
        return (self.lane, self.device, self.path_id)

    def dedupe_key(self) -> str:
        servers = "+".join(sorted(target.server_id for target in self.targets))
        return f"{'+'.join(self.job_ids)}.{self.path_id}.{self.lane}.{self.attempt}.{servers}"

    def guard(self) -> str:
        return f"{self.HEAD}.*.*.{self.path_id}"

    def owner(self) -> str:
        return self.job_ids[0] if self.job_ids else ""

    def waiting_subject(self) -> str:
        return f"wait.jobs.{self.path_id}.{self.owner() or '-'}"

    def united(self, waiting: Self) -> Self:
        """One request that does what both ask: newer wishes before older ones, the more urgent lane, every job and server."""
        newer, older = (waiting, self) if waiting.requested_at > self.requested_at else (self, waiting)
        previous = newer.previous_path or older.previous_path
        places = {
            one.server_id: place
            for request in (older, newer)
            for one in request.targets
            if (place := request.previous_of(one))
        }
        named = {target.server_id for target in newer.targets}
        targets = (*newer.targets, *(target for target in older.targets if target.server_id not in named))
        return msgspec.structs.replace(
            newer,
            job_ids=tuple(dict.fromkeys((*newer.job_ids, *older.job_ids))),
            targets=tuple(target.coming_from(places.get(target.server_id, ""), previous) for target in targets),
            lane=min(newer.lane, older.lane, key=URGENCY.index),
            regenerate=newer.regenerate or older.regenerate,
            attempt=max(newer.attempt, older.attempt),
            previous_path=previous,
            anew=() if newer.remakes_all or older.remakes_all else tuple(sorted({*newer.anew, *older.anew})),
        )

    @property
    def remakes_all(self) -> bool:
        """Whether frames of every width are to be made anew."""
        return self.regenerate and not self.anew

    def remakes(self, width: int) -> bool:
        """Whether frames of this width are to be made anew, whatever is known of them."""
        return self.remakes_all or width in self.anew

    def in_lane_of(self, job_id: str, lane: Lane) -> Self:
        """The request in the lane that one of its jobs was given; one that other jobs wait for too never becomes less urgent."""
        others = self.job_ids != (job_id,)
        return msgspec.structs.replace(self, lane=min(lane, self.lane, key=URGENCY.index) if others else lane)

    def previous_of(self, target: Target) -> str:
        """Where the outputs of one of its targets were made before; empty when the file did not move."""
        return target.previous_path or self.previous_path
