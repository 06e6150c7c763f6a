"""Sonarr's webhooks, all event types of v3 and v4."""

from functools import partial

from framewright.vendors.arr.dialect import understand
from framewright.vendors.arr.episodes import SHAPE
from framewright.vendors.source import Payload, Source

NAME = "sonarr"


def recognises(payload: Payload) -> bool:
    """An event type beside a series or episodes, or beside the instance's name alone.

    Health and update events of the whole family name only their instance; a 4xx for one would stop the others as well.
    """
    return "eventType" in payload and any(name in payload for name in ("series", "episodes", "instanceName"))


SOURCE = Source(NAME, "Sonarr", recognises, partial(understand, NAME, SHAPE))
