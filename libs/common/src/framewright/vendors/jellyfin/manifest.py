"""What Jellyfin says of the tiles that it shows, and whether that agrees with what was written; pure.

Source: the server's code at 10.10, 10.11 and 12.0-rc. Before 12.0 the server takes interval and layout from its options and
counts the sheets where thumbnails are meant; from 12.0 on it infers the count. Players fetch whole sheets: a count that
reaches as many sheets as there are hides nothing, a smaller one hides the rest of the film from players that go by it.
"""

from collections.abc import Iterable, Mapping

import msgspec

from framewright.domain.media import folder
from framewright.domain.publishing import Hindrance, Output, Written
from framewright.formats.tiling import folder_name
from framewright.vendors import readback
from framewright.vendors.mediabrowser.dialect import guid
from framewright.vendors.mediabrowser.layout import joined

VIDEO = "Video"

COUNTED_RIGHT = 12
"""The major version from which on the server counts thumbnails."""

KEEPS_ROW = "SERVER_KEEPS_ROW"


class Row(msgspec.Struct, rename="pascal"):
    """One width that the server shows: sizes in pixels, tiles per sheet, interval in milliseconds."""

    width: int = 0
    tile_width: int = 0
    tile_height: int = 0
    thumbnail_count: int = 0
    interval: int = 0


class Stream(msgspec.Struct, rename="pascal"):
    """One stream of a file; only video has a width."""

    type: str = ""
    width: int | None = None


class Version(msgspec.Struct, rename="pascal"):
    """One file of an item, whose id is that of its own tiles."""

    id: str | None = None
    media_streams: tuple[Stream, ...] | None = None


class ShownItem(msgspec.Struct, rename="pascal"):
    """An item with its manifest: by version, then by width."""

    id: str = ""
    trickplay: dict[str, dict[str, Row]] | None = None
    media_sources: tuple[Version, ...] | None = None

    def rows(self, item_id: str) -> Mapping[str, Row]:
        """The widths that are shown of one version."""
        for key, rows in (self.trickplay or {}).items():
            if guid(key) == guid(item_id):
                return rows
        return {}

    def video_width(self, item_id: str) -> int:
        """The stored width of a version in pixels; 0 where the server does not say."""
        versions = [one for one in self.media_sources or () if one.id and guid(one.id) == guid(item_id)]
        streams = [stream for one in versions for stream in one.media_streams or () if stream.type == VIDEO]
        return next((stream.width for stream in streams if stream.width), 0)


def disagreement(row: Row, output: Output, written: Written, major: int) -> str:
    """How the server shows the tiles wrongly and what cures it; empty when they are shown right."""
    if (row.tile_width, row.tile_height) != (output.tile_width, output.tile_height):
        shown, made = f"{row.tile_width}x{row.tile_height}", f"{output.tile_width}x{output.tile_height}"
        return f"Jellyfin takes a sheet for {shown} thumbnails, it holds {made}; {_anew(row, output, major)}"
    if row.interval != written.interval_ms:
        shown, made = readback.seconds_text(row.interval), readback.seconds_text(written.interval_ms)
        return f"Jellyfin shows a thumbnail every {shown}, they are {made} apart; {_anew(row, output, major)}"
    per_sheet = max(1, row.tile_width * row.tile_height)
    if -(-row.thumbnail_count // per_sheet) != written.sheets:
        return _miscount(row, written, per_sheet, major)
    return ""


def held(rows: Mapping[str, Row], outputs: Iterable[Output], major: int) -> Hindrance | None:
    """Why tiles that are shown rightly must stay: others in their place would be shown by the row of these."""
    for output in outputs:
        row = rows.get(str(output.rendition.width))
        if row is None:
            continue
        shown = (row.interval, row.tile_width, row.tile_height)
        wanted = (output.rendition.interval_ms, output.tile_width, output.tile_height)
        if shown != wanted:
            kept = f"Jellyfin shows the previews {output.rendition.width} pixels wide {_form(*shown)}, and no refresh changes that"
            cure = _anew(row, output, major)
            return Hindrance(KEEPS_ROW, f"{kept}; they stay, though {_form(*wanted)} is wanted now; {cure}")
    return None


def _form(interval_ms: int, columns: int, rows: int) -> str:
    return f"every {readback.seconds_text(interval_ms)} in sheets of {columns}x{rows}"


def proof(row: Row, written: Written, sheets: str) -> str:
    """In words what was seen; `sheets` names those that were read back."""
    count = f"{written.thumbnails or row.thumbnail_count} thumbnails every {readback.seconds_text(row.interval)}"
    said = f"Jellyfin shows the previews {row.width} pixels wide, {count}: {sheets} read back as written"
    if row.thumbnail_count == (written.thumbnails or row.thumbnail_count):
        return said
    return f"{said}; it counts {row.thumbnail_count}, which hides none of them"


def _miscount(row: Row, written: Written, per_sheet: int, major: int) -> str:
    said = f"Jellyfin counts {row.thumbnail_count} thumbnails in {written.sheets} sheets of {per_sheet}"
    hidden = "players that go by the count do not show the whole film"
    if major >= COUNTED_RIGHT:
        return f"{said}; {hidden}; remove the tiles, refresh the item and publish the file again"
    return (
        f"{said}: before version 12 it counts sheets; {hidden}; the plugin Media Preview Bridge or version 12 cures it"
    )


def _anew(row: Row, output: Output, major: int) -> str:
    """How a row is got rid of that no refresh changes."""
    if major >= COUNTED_RIGHT:
        place = joined(folder(output.path), folder_name(output.rendition.width, row.tile_width, row.tile_height))
        return f"remove the folder {place}, refresh the item and publish the file again"
    return (
        "have Jellyfin replace the item's trickplay images and publish the file again, or install Media Preview Bridge"
    )
