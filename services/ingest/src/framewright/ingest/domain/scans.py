"""What a scan goes through and what it queues."""

from datetime import datetime

from framewright.contracts.base import Lane
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.server import Server, server_paths
from framewright.domain.media import segments
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import to_local
from framewright.ingest.domain.meaning import debounce_key


def scan_change(path: str, job_id: str, at: datetime) -> MediaChangedV1:
    """The message for one file that a scan found; its own key, so that no webhook swallows it."""
    return MediaChangedV1(
        event_id=job_id,
        key=debounce_key(path, job_id),
        source="scan",
        kind=ChangeKind.CHANGED,
        path=path,
        observed_at=at,
        job_id=job_id,
        lane=Lane.LOW,
    )


def scan_roots(server: Server) -> list[str]:
    """The local folders of the enabled libraries, none inside another, so that no file counts twice."""
    paths = server_paths(server)
    remotes = [remote for library in server.libraries if library.enabled for remote in library.remote_paths]
    roots = {segments(local): local for remote in remotes for local in to_local(paths, remote)}
    return [
        root
        for parts, root in roots.items()
        if not any(other != parts and parts[: len(other)] == other for other in roots)
    ]
