"""What a scan goes through, what it queues, and when a part that could not be read is tried again. Pure."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from framewright.contracts.base import Lane
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanKind, ScanPart, ScanRequestedV1, ScanState, SortBy
from framewright.contracts.server import Server, server_paths
from framewright.domain.listing import ListingSort
from framewright.domain.media import segments
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library, to_local
from framewright.ingest.domain.meaning import debounce_key
from framewright.vendors import lists_files

RETRY_SECONDS = (30.0, 120.0, 600.0, 1800.0, 3600.0)
"""How long a part rests that could not be read; the last one repeats."""

MOST_TRIES = 28
"""Tries of one part in a row: a server may be away for a day."""

EMPTY_TRIES = 2
"""How often a library must be empty to be believed: a mount that is gone and a server that starts look the same."""


@dataclass(frozen=True, slots=True)
class Page:
    """Paths as the part spells them (local ones where it is walked); the cursor is empty at the end.

    `total` is what the server announces, None where nobody counted.
    """

    paths: tuple[str, ...]
    cursor: str = ""
    total: int | None = None


def scan_change(path: str, request: ScanRequestedV1, lane: Lane, at: datetime) -> MediaChangedV1:
    """The message for one file that a scan found; its own key, so that no webhook swallows it."""
    return MediaChangedV1(
        event_id=request.job_id,
        key=debounce_key(path, request.job_id),
        source="scan",
        kind=ChangeKind.CHANGED,
        path=path,
        observed_at=at,
        job_id=request.job_id,
        lane=lane,
        regenerate=request.regenerate,
    )


def scan_parts(request: ScanRequestedV1, servers: Iterable[Server]) -> tuple[ScanPart, ...]:
    """The enabled libraries that are asked for: a folder server's by folder, any other's by section."""
    parts: list[ScanPart] = []
    for server in servers:
        if not server.enabled or request.server_id not in {"", server.id}:
            continue
        wanted = [one for one in server.libraries if one.enabled and _is_asked_for(one, request)]
        if is_walked(server):
            parts += [ScanPart(server_id=server.id, library_id="", root=root) for root in scan_roots(server, wanted)]
        else:
            parts += [ScanPart(server_id=server.id, library_id=one.id) for one in wanted]
    return tuple(parts)


def is_walked(server: Server) -> bool:
    """Whether the server's libraries are folders here and nothing else: it has no list of its own."""
    return not lists_files(server.type)


def scan_roots(server: Server, libraries: Iterable[Library]) -> list[str]:
    """The local folders of these libraries, none inside another, so that no file counts twice."""
    paths = server_paths(server)
    remotes = [remote for library in libraries for remote in library.remote_paths]
    roots = {segments(local): local for remote in remotes for local in to_local(paths, remote)}
    return [
        root
        for parts, root in roots.items()
        if not any(other != parts and parts[: len(other)] == other for other in roots)
    ]


def added_since(request: ScanRequestedV1) -> datetime | None:
    """From when on a file counts as added lately; None when all count."""
    if request.kind is not ScanKind.RECENTLY_ADDED:
        return None
    return request.requested_at - timedelta(hours=request.lookback_hours)


def next_part(state: ScanState, at: datetime) -> int | None:
    """The first part that is not done and whose time has come."""
    ready = (
        number
        for number, part in enumerate(state.parts)
        if not part.done and (part.next_try is None or part.next_try <= at)
    )
    return next(ready, None)


def seconds_to_wait(state: ScanState, at: datetime) -> float | None:
    """Until a part that rests is tried again; None when every part is done."""
    moments = [part.next_try for part in state.parts if not part.done and part.next_try is not None]
    return max(0.0, (min(moments) - at).total_seconds()) if moments else None


def postponed(part: ScanPart, reason: str, at: datetime) -> ScanPart:
    """The part after it could not be read; given up when that went on for a day."""
    tries = part.tries + 1
    if tries >= MOST_TRIES:
        return msgspec.structs.replace(part, tries=tries, done=True, next_try=None, note=reason)
    wait = RETRY_SECONDS[min(tries, len(RETRY_SECONDS)) - 1]
    return msgspec.structs.replace(part, tries=tries, next_try=at + timedelta(seconds=wait), note=reason)


def with_part(state: ScanState, number: int, part: ScanPart) -> ScanState:
    """The state with one part replaced."""
    parts = (*state.parts[:number], part, *state.parts[number + 1 :])
    return msgspec.structs.replace(state, parts=parts)


def spans_servers(state: ScanState) -> bool:
    """Whether one file may be listed twice."""
    return len({part.server_id for part in state.parts}) > 1


def listing_sort(sort_by: SortBy) -> ListingSort:
    """The order that a server is asked for; random pages would repeat and skip, so random is done within a page."""
    return ListingSort.NATURAL if sort_by is SortBy.RANDOM else ListingSort(sort_by.value)


def shuffled(paths: Sequence[str], seed: str) -> tuple[str, ...]:
    """The paths of a page in an order that is random and the same at every try."""
    return tuple(random.Random(seed).sample(paths, len(paths)))  # noqa: S311 - spreads reads over disks


def remarks(state: ScanState) -> str:
    """What people should know of a scan: parts that wait or were given up, and why."""
    return "; ".join(dict.fromkeys(part.note for part in state.parts if part.note))


def was_interrupted(state: ScanState, worker: str, delivery: int) -> datetime | None:
    """When the process that did the scan ended in the middle of it; None when it was handed over properly."""
    if state.interrupted_at is not None:
        return state.interrupted_at
    return state.at if delivery > 1 and state.worker != worker else None


def _is_asked_for(library: Library, request: ScanRequestedV1) -> bool:
    return not request.library_ids or library.id in request.library_ids


def lost_part(state: ScanState, number: int, part: ScanPart) -> ScanState:
    """The state with a part that could not be read; what is left of one that was given up counts as failed."""
    left = max(0, (part.total or 0) - part.seen) if part.done and part.note else 0
    count = msgspec.structs.replace(state.count, checked=state.count.checked + left, failed=state.count.failed + left)
    part = msgspec.structs.replace(part, seen=part.seen + left)
    return msgspec.structs.replace(with_part(state, number, part), count=count)
