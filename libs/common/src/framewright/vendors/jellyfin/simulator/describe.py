"""How a simulated Jellyfin describes itself, its libraries, tasks and tiles."""

from typing import Any
from uuid import UUID

import msgspec

from framewright.vendors.jellyfin.simulator.adoption import Row
from framewright.vendors.jellyfin.simulator.state import JellyfinState
from framewright.vendors.mediabrowser.simulator.catalogue import Video
from framewright.vendors.simulation.disk import Shelf

TASKS = {"RefreshLibrary": "Scan Media Library", "RefreshTrickplayImages": "Generate Trickplay Images"}

_KINDS = {"movie": "movies", "show": "tvshows"}


def public_info(state: JellyfinState) -> dict[str, Any]:
    """What anybody may know."""
    return {
        "LocalAddress": "http://127.0.0.1",
        "ServerName": state.name,
        "Version": state.version,
        "ProductName": "Jellyfin Server",
        "Id": state.id,
        "StartupWizardCompleted": True,
    }


def system_info(state: JellyfinState) -> dict[str, Any]:
    """What those with a token may know."""
    return {**public_info(state), "HasPendingRestart": False, "IsShuttingDown": False, "SupportsLibraryMonitor": True}


def described_library(state: JellyfinState, shelf: Shelf) -> dict[str, Any]:
    """A library with the options that bear on trickplay."""
    more = state.upkeep.options.setdefault(shelf.name, {"Enabled": True, "EnableRealtimeMonitor": True})
    options = {**more, **msgspec.to_builtins(state.library(shelf))}
    return {
        "Name": shelf.name,
        "Locations": [shelf.remote],
        "CollectionType": _KINDS.get(shelf.kind, shelf.kind),
        "LibraryOptions": {"PathInfos": [{"Path": shelf.remote}], **options},
        "ItemId": state.catalogue.library_id(shelf),
        "RefreshStatus": "Idle",
    }


def described_tasks(state: JellyfinState) -> list[dict[str, Any]]:
    """The two tasks that matter here; the scan takes its time, the other one ends as soon as it starts."""
    return [
        {
            "Name": name,
            "State": state.upkeep.state_of(key, state.clock()),
            "Id": key,
            "Key": key,
            "Category": "Library",
            "IsHidden": False,
            "Triggers": state.upkeep.triggers.get(key, []),
        }
        for key, name in TASKS.items()
    ]


def trickplay_of(state: JellyfinState, video: Video) -> dict[str, dict[str, dict[str, int]]]:
    """The manifest: by version, then by width; versions of which the server has no row are left out."""
    rows = {version.id: state.rows.get(version.id, {}) for version in state.catalogue.sources(video)}
    return {
        UUID(key).hex: {str(width): _row(row) for width, row in widths.items()}
        for key, widths in rows.items()
        if widths
    }


def playlist(row: Row) -> str:
    """The HLS image playlist; with a wrong thumbnail count it ends too early, as on real servers."""
    per_sheet = row.tile_width * row.tile_height
    size, layout = f"{row.width}x{row.height}", f"{row.tile_width}x{row.tile_height}"
    seconds = row.interval / 1000
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-IMAGES-ONLY"]
    for number in range(-(-row.thumbnail_count // per_sheet)):
        shown = min(per_sheet, row.thumbnail_count - number * per_sheet)
        tiles = f"#EXT-X-TILES:RESOLUTION={size},LAYOUT={layout},DURATION={seconds:g}"
        lines += [f"#EXTINF:{shown * seconds:g},", tiles, f"{number}.jpg"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def _row(row: Row) -> dict[str, int]:
    return {
        "Width": row.width,
        "Height": row.height,
        "TileWidth": row.tile_width,
        "TileHeight": row.tile_height,
        "ThumbnailCount": row.thumbnail_count,
        "Interval": row.interval,
        "Bandwidth": row.bandwidth,
    }
