"""Overseerr's and Jellyseerr's notification agent "Webhook", default template. It names catalogue ids and no path.

An id of TMDB may be that of a film and that of a series; so a series is named by its TVDB id where there is one.
"""

import msgspec

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    NamedItem,
    Payload,
    Source,
    Status,
    Understood,
    identifier,
    ignored,
    quarantined,
    settled,
    shaped,
    word,
)

NAME = "overseerr"
NO_ID = "the event names neither a path nor an id of a catalogue"
UNKNOWN = frozenset({"", "0"})


class Media(msgspec.Struct):
    """What was asked for."""

    media_type: object = ""
    tmdb_id: str | int = msgspec.field(default="", name="tmdbId")
    tvdb_id: str | int = msgspec.field(default="", name="tvdbId")
    imdb_id: str | int = msgspec.field(default="", name="imdbId")


class Notification(msgspec.Struct):
    """The fields that are used."""

    notification_type: str = ""
    subject: object = ""
    media: Media = msgspec.field(default_factory=Media)


def recognises(payload: Payload) -> bool:
    """The agent's notification type, in lower case."""
    return "notification_type" in payload


def understand(payload: Payload) -> Understood:
    """What a notification means."""
    try:
        told = shaped(payload, Notification)
    except msgspec.ValidationError as error:
        return quarantined(NAME, payload.get("notification_type"), error)
    said, title = told.notification_type, word(told.subject)
    if said == "TEST_NOTIFICATION":
        return Understood(NAME, Status.TEST, said)
    if said != "MEDIA_AVAILABLE":
        return ignored(NAME, said, title)
    ids = _ids(told.media)
    if not ids:
        return Understood(NAME, Status.IGNORED_NO_PATH, said, title, NO_ID)
    return settled(NAME, said, title or " ".join(ids[0]), items=(NamedItem(ChangeKind.ADDED, provider_ids=ids),))


def _ids(media: Media) -> tuple[tuple[str, str], ...]:
    given = {"tmdb": media.tmdb_id, "tvdb": media.tvdb_id, "imdb": media.imdb_id}
    known = {name: text for name, value in given.items() if (text := identifier(value)) not in UNKNOWN}
    if media.media_type == "tv" and "tvdb" in known:
        known.pop("tmdb", None)
    if media.media_type == "movie":
        known.pop("tvdb", None)
    return tuple(known.items())


SOURCE = Source(NAME, "Overseerr", recognises, understand)
