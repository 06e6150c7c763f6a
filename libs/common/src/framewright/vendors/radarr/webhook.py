"""Radarr payloads (camelCase, nulls left out); field names from Radarr's `Webhook*` payload classes.

`Download` covers imports and upgrades. Radarr removes the old file before it moves the new one in, so the delete half of
an upgrade (`MovieFileDelete` with reason upgrade, `deletedFiles`) is never acted on: the import that follows says it all.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    Change,
    Payload,
    Source,
    Status,
    Understood,
    joined,
    quarantined,
    settled,
    shaped,
    word,
)

NAME = "radarr"
IMPORTED = frozenset({"Download"})
DELETED = frozenset({"MovieDelete", "MovieFileDelete"})


class Movie(msgspec.Struct, rename="camel"):
    """`folder_path` is the movie's folder as Radarr sees it."""

    title: str = ""
    folder_path: str = ""
    year: int = 0


class MovieFile(msgspec.Struct, rename="camel"):
    """An imported or renamed file."""

    path: str = ""
    relative_path: str = ""
    previous_path: str = ""


class RadarrEvent(msgspec.Struct, rename="camel"):
    """The fields that are used, of every event type."""

    event_type: str = ""
    movie: Movie = msgspec.field(default_factory=Movie)
    movie_file: MovieFile | None = None
    renamed_movie_files: list[MovieFile] = msgspec.field(default_factory=list[MovieFile])
    is_upgrade: bool = False


def recognises(payload: Payload) -> bool:
    """An event type beside a movie; health and update events name no movie, only the instance."""
    instance = word(payload.get("instanceName"))
    return "eventType" in payload and ("movie" in payload or NAME in instance.casefold())


def understand(payload: Payload) -> Understood:
    """What a Radarr payload means."""
    try:
        event = shaped(payload, RadarrEvent)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("eventType"), error)
    title = event.movie.title
    if event.event_type == "Test":
        return Understood(NAME, Status.TEST, "Test", title)
    if event.event_type in IMPORTED:
        return settled(NAME, event.event_type, title, _imported(event))
    if event.event_type == "Rename":
        return settled(NAME, event.event_type, title, _renamed(event))
    if event.event_type in DELETED:
        return Understood(NAME, Status.IGNORED, event.event_type, title, "deletions are left to the servers' own scans")
    return Understood(NAME, Status.IGNORED, event.event_type, title, "the event changes no file")


def _imported(event: RadarrEvent) -> tuple[Change, ...]:
    kind = ChangeKind.UPGRADED if event.is_upgrade else ChangeKind.ADDED
    folder = event.movie.folder_path
    if event.movie_file is None:
        return (Change(kind, folder),) if folder else ()
    path = event.movie_file.path or joined(folder, event.movie_file.relative_path)
    return (Change(kind, path),) if path else ()


def _renamed(event: RadarrEvent) -> tuple[Change, ...]:
    folder = event.movie.folder_path
    files = [
        (joined(folder, file.relative_path) or file.path, file.previous_path) for file in event.renamed_movie_files
    ]
    if not files and folder:  # versions before the list existed name the folder only
        files = [(folder, "")]
    return tuple(Change(ChangeKind.RENAMED, path, previous) for path, previous in files if path)


SOURCE = Source(NAME, "Radarr", recognises, understand)
