"""Sportarr's webhooks: as Sonarr's, or flat with `filePath` and `eventTitle`; event names vary (`Download`, `OnDownload`)."""

from functools import partial

from framewright.vendors.arr.dialect import of_instance, understand
from framewright.vendors.arr.episodes import SHAPE
from framewright.vendors.source import Payload, Source

NAME = "sportarr"


def recognises(payload: Payload) -> bool:
    """The instance's name, or one of the flat fields without a series."""
    flat = "eventTitle" in payload or "filePath" in payload
    return of_instance(payload, NAME) or ("eventType" in payload and flat and "series" not in payload)


SOURCE = Source(NAME, "Sportarr", recognises, partial(understand, NAME, SHAPE))
