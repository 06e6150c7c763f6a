"""An Emby server as the publisher sees it: the output lies beside the video and needs no id."""

from collections.abc import Sequence

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition
from framewright.domain.ownership import Library
from framewright.domain.publishing import (
    Hindrance,
    Located,
    PublishTarget,
    ServerIdentity,
    Showing,
    ShowingState,
    Written,
)
from framewright.formats.bif import Bif, read_bif
from framewright.vendors import readback
from framewright.vendors.emby import layout
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.mediabrowser import dialect

UNKNOWN = "Emby does not know the file yet; it was told of it"

UNNOTICED = "Emby notices the file beside the video when it refreshes the item, for which it is asked"

STALE = "Emby still shows earlier previews of this width"


class EmbyServer:
    """Fulfils `framewright.domain.ports.MediaServer`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._client = EmbyClient(server, http)

    async def identify(self) -> ServerIdentity:
        """Id, name and version; the token is shown only to the configured server."""
        return await self._client.identity()

    async def libraries(self) -> list[Library]:
        """The libraries that may hold video."""
        return dialect.video_libraries(await self._client.folders())

    async def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """As wanted: the file name says width and interval."""
        return (wanted,)

    async def outputs(self, target: PublishTarget) -> Located:
        """The sidecar; no request is sent."""
        return Located((layout.sidecar(target.local_path, target.rendition),))

    async def hindrance(self, target: PublishTarget, located: Located) -> Hindrance | None:  # noqa: ARG002
        """None: Emby takes the file as it is."""
        return None

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Report the video file, then refresh its item where the server knows it already."""
        paths = dialect.spellings(target)
        told = [await self._client.report_updated(paths[0])]
        item_id = located.item_id or await self._client.item_id(paths)
        if item_id and (refreshed := await self._client.refresh_item(item_id)):
            told.append(refreshed)
        return ", ".join(map(str, told))

    async def showing(self, target: PublishTarget, located: Located, written: Sequence[Written]) -> Showing:  # noqa: ARG002
        """Shown when the thumbnail set has our times and the file that players get holds our pictures."""
        item_id = located.item_id or await self._client.item_id(dialect.spellings(target))
        if not item_id:
            return Showing(ShowingState.NOT_YET, UNKNOWN)
        output = located.outputs[0]
        times = await self._client.thumbnail_times(item_id, output.rendition.width)
        if not times:
            return Showing(ShowingState.NOT_YET, UNNOTICED)
        ours = await readback.our_bif(output.path)
        if times != ours.times_ms:
            return Showing(ShowingState.MISALIGNED, _another(times, ours, layout.file_pattern(output)))
        return _compared(await self._client.bif(item_id, output.rendition.width), ours, output.rendition.width)

    async def remind(self, target: PublishTarget, located: Located) -> str:
        """Refresh the item again, or report the file while the server does not know it."""
        paths = dialect.spellings(target)
        item_id = located.item_id or await self._client.item_id(paths)
        refreshed = await self._client.refresh_item(item_id) if item_id else None
        return str(refreshed or await self._client.report_updated(paths[0]))

    async def aclose(self) -> None:
        """Nothing to release: the HTTP client belongs to whoever gave it."""


def _another(times: tuple[int, ...], ours: Bif, pattern: str) -> str:
    """What is shown instead of our file, and what helps."""
    interval = readback.seconds_text(times[1] - times[0]) if len(times) > 1 else "no rhythm"
    wanted = f"{len(ours.times_ms)} thumbnails every {readback.seconds_text(ours.interval_ms)}"
    shown = f"Emby shows {len(times)} thumbnails ({interval}) where {wanted} were written"
    return f"{shown}: look for another {pattern} beside the video, remove it and refresh the item"


def _compared(data: bytes | None, ours: Bif, width: int) -> Showing:
    """The verdict on the file that players get."""
    if data is None:
        return Showing(ShowingState.NOT_YET, UNNOTICED)
    try:
        shown = read_bif(data)
    except Reject as error:
        return Showing(ShowingState.NOT_YET, f"Emby gives a preview file that cannot be read: {error.reason}")
    chosen = readback.samples(len(ours.frames))
    if shown.times_ms != ours.times_ms or any(shown.frames[number] != ours.frames[number] for number in chosen):
        return Showing(ShowingState.NOT_YET, STALE)
    proof = f"{len(chosen)} of {len(ours.frames)} thumbnails were read back as they were written"
    return Showing(ShowingState.SHOWN, f"Emby shows the previews {width} pixels wide: {proof}")
