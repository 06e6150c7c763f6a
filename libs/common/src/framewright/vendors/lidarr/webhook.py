"""Lidarr's webhooks. Only music videos matter here; everything else is understood and has no pictures.

There is no event about one deleted track. `AlbumDelete` names the folder of the artist, so it must never be acted on.
"""

from functools import partial

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.arr.dialect import (
    IMPORT_FAILED,
    NOT_YET,
    ArrEvent,
    File,
    Shape,
    imported,
    of_instance,
    path_of,
    renamed,
    understand,
    videos_only,
)
from framewright.vendors.source import NO_VIDEO, Change, Payload, Source, word

NAME = "lidarr"


class Artist(msgspec.Struct, rename="camel"):
    """`path` is the folder of the artist as Lidarr sees it."""

    name: object = ""
    path: str = ""


class MusicEvent(ArrEvent, rename="camel"):
    """The fields that are used, of every event type."""

    artist: Artist = msgspec.field(default_factory=Artist)
    track_file: File | None = None
    track_files: list[File] = msgspec.field(default_factory=list[File])
    renamed_track_files: list[File] = msgspec.field(default_factory=list[File])


def recognises(payload: Payload) -> bool:
    """An event type beside an artist or tracks, or the instance's name."""
    own = any(name in payload for name in ("artist", "trackFiles", "trackFile"))
    return ("eventType" in payload and own) or of_instance(payload, NAME)


def _retagged(event: MusicEvent) -> tuple[Change, ...]:
    """New tags are new content under the same name."""
    path = path_of(event.artist.path, event.track_file)
    return (Change(ChangeKind.CHANGED, path, why="retag"),) if path else ()


SHAPE = Shape(
    MusicEvent,
    lambda event: word(event.artist.name),
    {
        "Grab": lambda _event: NOT_YET,
        "Download": lambda event: videos_only(imported(event, event.artist.path, event.track_files)),
        "Rename": lambda event: videos_only(renamed(event.artist.path, event.renamed_track_files)),
        "Retag": lambda event: videos_only(_retagged(event)),
        "ImportFailure": lambda _event: IMPORT_FAILED,
        "AlbumDelete": lambda _event: NO_VIDEO,
        "ArtistDelete": lambda _event: NO_VIDEO,
    },
)

SOURCE = Source(NAME, "Lidarr", recognises, partial(understand, NAME, SHAPE))
