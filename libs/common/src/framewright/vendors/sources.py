"""Every sender of events in one table, and what is asked of whichever of them one is."""

from collections.abc import Mapping
from datetime import datetime

import httpx

from framewright.contracts.senders import Sender
from framewright.vendors import (
    atrain,
    autoscan,
    bazarr,
    custom,
    fileflows,
    lidarr,
    overseerr,
    radarr,
    readarr,
    sonarr,
    sportarr,
    tautulli,
    tdarr,
    unmanic,
    whisparr,
)
from framewright.vendors.arr import history as arr_history
from framewright.vendors.arr.history import ArrHistory, Past
from framewright.vendors.emby import webhook as emby_webhook
from framewright.vendors.jellyfin import webhook as jellyfin_webhook
from framewright.vendors.plex import webhook as plex_webhook
from framewright.vendors.radarr import history as radarr_history
from framewright.vendors.sonarr import history as sonarr_history
from framewright.vendors.source import Source

# In the order in which the universal endpoint asks them; shapes that are certain come before loose ones.
SOURCES: tuple[Source, ...] = (
    jellyfin_webhook.SOURCE,
    emby_webhook.SOURCE,
    plex_webhook.SOURCE,
    overseerr.SOURCE,
    whisparr.SOURCE,
    lidarr.SOURCE,
    readarr.SOURCE,
    sportarr.SOURCE,
    radarr.SOURCE,
    sonarr.SOURCE,
    unmanic.SOURCE,
    tautulli.SOURCE,
    tdarr.SOURCE,
    fileflows.SOURCE,
    bazarr.SOURCE,
    autoscan.SOURCE,
    atrain.SOURCE,
    custom.SOURCE,
)

HISTORIES: Mapping[str, ArrHistory] = {
    sonarr.SOURCE.name: sonarr_history.HISTORY,
    radarr.SOURCE.name: radarr_history.HISTORY,
}


def source(name: str) -> Source | None:
    """The source whose endpoint is called `name`."""
    return next((one for one in SOURCES if one.name == name), None)


def recognise(payload: Mapping[str, object]) -> Source | None:
    """Which source sends payloads of this shape; None when none is known to."""
    return next((one for one in SOURCES if one.recognises(payload)), None)


async def sender_version(sender: Sender, http: httpx.AsyncClient) -> str:
    """The version of the program at the sender's address, which is the one that it should be.

    Raises:
        Retry, Reject: as the exchange does; code WRONG_SERVER, another program answers.
    """
    return await arr_history.version(sender, http, HISTORIES[sender.type])


async def past_changes(sender: Sender, http: httpx.AsyncClient, since: datetime) -> Past:
    """What the sender's history tells of files since a moment, in the sender's own spelling, oldest first.

    Raises:
        Retry, Reject: as `sender_version`.
    """
    return await arr_history.past_changes(sender, http, HISTORIES[sender.type], since)
