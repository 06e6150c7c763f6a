"""What Plex plays right now; source: the public Plex API 1.1.1, `/status/sessions` (owner's token only)."""

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.vendors import exchange
from framewright.vendors.exchange import Call
from framewright.vendors.plex.wire import Answer, Item, reader


async def sessions(server: Server, http: httpx.AsyncClient) -> tuple[PlayingItem, ...]:
    """Every stream. Only a video that is converted counts as transcoding: sound and containers cost next to nothing.

    Raises:
        Retry, Reject: as `exchange.ask`.
    """
    answer = await exchange.ask(reader(server, http), Call("GET", "/status/sessions"), Answer)
    return tuple(_playing(item) for item in answer.MediaContainer.metadata)


def _playing(item: Item) -> PlayingItem:
    return PlayingItem(
        item_id=item.key,
        path=_path(item),
        library_id=str(item.section),
        state=(item.player.state if item.player else "") or "playing",
        transcoding=item.transcode is not None and item.transcode.videoDecision == "transcode",
        title=item.title,
        user=item.user.title if item.user else "",
    )


def _path(item: Item) -> str:
    """The file that plays: that of the chosen version, else the first one."""
    chosen = [part for media in item.media if media.selected for part in media.parts if part.file]
    files = [*(part for part in chosen if part.selected), *chosen, *item.parts()]
    return files[0].file if files else ""
