"""Radarr's webhooks, all event types."""

from functools import partial

from framewright.vendors.arr.dialect import of_instance, understand
from framewright.vendors.arr.films import SHAPE
from framewright.vendors.source import Payload, Source

NAME = "radarr"


def recognises(payload: Payload) -> bool:
    """An event type beside a movie; health and update events name no movie, only the instance."""
    return ("eventType" in payload and "movie" in payload) or of_instance(payload, NAME)


SOURCE = Source(NAME, "Radarr", recognises, partial(understand, NAME, SHAPE))
