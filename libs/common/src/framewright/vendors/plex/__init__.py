"""Plex Media Server: previews are BIF files in the bundle of the media part, adopted when the item is analysed."""

from framewright.vendors.plex import (
    calls,
    events,
    health,
    item_refresh,
    items,
    layout,
    listing,
    places,
    scanning,
    sessions,
)
from framewright.vendors.plex.server import PlexServer
from framewright.vendors.vendor import Reading, Telling, Vendor

VENDOR = Vendor(
    type="plex",
    connect=PlexServer,
    planned=layout.planned,
    calls=calls.planned_calls,
    auditor=health.auditor,
    place=places.place,
    video_stem=places.video_stem,
    reading=Reading(
        listed_files=listing.listed_files,
        library_page=listing.library_page,
        item_files=items.item_files,
        provider_files=items.provider_files,
        sessions=sessions.sessions,
        events=events.events,
    ),
    telling=Telling(scanner=scanning.scanner, refresh_item=item_refresh.refresh_item),
)
