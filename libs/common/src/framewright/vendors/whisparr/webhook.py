"""Whisparr's webhooks: v2 is a Sonarr without the batch event, v3 a Radarr whose movies have an `itemType`."""

from collections.abc import Mapping

from framewright.vendors.arr import episodes, films
from framewright.vendors.arr.dialect import of_instance
from framewright.vendors.arr.dialect import understand as understood
from framewright.vendors.source import Payload, Source, Understood

NAME = "whisparr"


def recognises(payload: Payload) -> bool:
    """The instance's name, or a movie with v3's item type."""
    movie = payload.get("movie")
    return of_instance(payload, NAME) or ("eventType" in payload and isinstance(movie, Mapping) and "itemType" in movie)


def understand(payload: Payload) -> Understood:
    """What a payload of either version means."""
    if "movie" in payload:
        return understood(NAME, films.SHAPE, payload)
    return understood(NAME, episodes.SHAPE, payload)


SOURCE = Source(NAME, "Whisparr", recognises, understand)
