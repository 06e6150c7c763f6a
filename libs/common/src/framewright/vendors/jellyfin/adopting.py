"""Whether a Jellyfin server shows the tiles that were written, and how it is brought to do so.

The manifest must have a row of the width with the right interval and layout, and the server must give the very sheets that
lie in the folder. The plugin Media Preview Bridge, where it is installed, writes that row at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from framewright.domain.publishing import Output, PublishTarget, Showing, ShowingState, Written
from framewright.vendors import readback
from framewright.vendors.exchange import Call
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.manifest import Row, ShownItem, disagreement, proof
from framewright.vendors.jellyfin.wishes import Wishes

UNKNOWN = "Jellyfin does not know the file yet; it was told of it"

GONE = "Jellyfin does not list the item at present"


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The tiles of one width of one version of an item, and what the server is set to; `note` is that of their place."""

    item_id: str
    target: PublishTarget
    output: Output
    written: Written
    wishes: Wishes
    note: str = ""


async def shown(client: JellyfinClient, exhibit: Exhibit, item: ShownItem | None) -> Showing:
    """The server's answer about the tiles; `item` is what lists their version, None when nothing does."""
    if item is None:
        return Showing(ShowingState.NOT_YET, GONE)
    row = item.rows(exhibit.item_id).get(str(exhibit.output.rendition.width))
    if row is None:
        return _without_row(item, exhibit)
    sheets = exhibit.written.sheets or await readback.our_sheets(exhibit.output.path)
    written = replace(exhibit.written, sheets=sheets)
    if wrong := disagreement(row, exhibit.output, written, exhibit.wishes.major):
        return Showing(ShowingState.MISALIGNED, wrong)
    return await _compared(client, exhibit, row, written)


def together(found: Sequence[Showing]) -> Showing:
    """One answer about all widths: what time does not mend comes first, and all is shown only when each of them is."""
    states = {one.state for one in found}
    order = (ShowingState.MISALIGNED, ShowingState.NOT_YET, ShowingState.SHOWN)
    state = next(state for state in order if state in states)
    return Showing(state, "; ".join(dict.fromkeys(one.reason for one in found if one.state is state)))


async def registered(client: JellyfinClient, exhibit: Exhibit) -> Call | None:
    """Have the plugin, which is there, write the row; None where it does not want to."""
    rendition, with_media = exhibit.output.rendition, exhibit.wishes.with_media(exhibit.target)
    wish = {
        "width": str(rendition.width),
        "intervalMs": str(rendition.interval_ms),
        "saveWithMedia": "false" if with_media is False else "true",
    }
    return await client.register(exhibit.item_id, wish)


def _without_row(item: ShownItem, exhibit: Exhibit) -> Showing:
    """Why there is no row: the film may be narrower than the folder says, else the server has not looked yet."""
    width, stored = exhibit.output.rendition.width, item.video_width(exhibit.item_id)
    if 0 < stored < width:
        narrow = f"Jellyfin looks for tiles {stored - stored % 2} pixels wide, as the film is, and {width} were written"
        return Showing(ShowingState.MISALIGNED, f"{narrow}; have the frames of the file made anew")
    reason = exhibit.note or exhibit.wishes.outlook(exhibit.target)
    if exhibit.written.thumbnails == 1:
        reason += "; films shorter than one interval are never shown"
    return Showing(ShowingState.NOT_YET, reason)


async def _compared(client: JellyfinClient, exhibit: Exhibit, row: Row, written: Written) -> Showing:
    chosen = sorted({0, written.sheets - 1}) if written.sheets else []
    for number in chosen:
        served = await client.sheet(exhibit.item_id, row.width, number)
        if served is None:
            blind = f"Jellyfin lists the tiles and cannot read sheet {number}: does it see the folder of {exhibit.output.path}?"
            return Showing(ShowingState.NOT_YET, blind)
        if served != await readback.our_sheet(exhibit.output.path, number):
            other = f"Jellyfin shows other tiles than those in {exhibit.output.path}: it keeps them in another place"
            return Showing(ShowingState.MISALIGNED, f"{other}; see SaveTrickplayWithMedia of its library")
    named = "sheet 0 was" if chosen == [0] else f"sheets {' and '.join(map(str, chosen))} were"
    return Showing(ShowingState.SHOWN, proof(row, written, named))
