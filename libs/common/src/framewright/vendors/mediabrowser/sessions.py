"""What Emby or Jellyfin plays right now; sources as in `dialect`."""

from collections.abc import Mapping

import msgspec

from framewright.contracts.playback import PlayingItem
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.listing import Item


class _Playing(Item):
    name: str | None = msgspec.field(default=None, name="Name")


class _PlayState(msgspec.Struct):
    is_paused: bool = msgspec.field(default=False, name="IsPaused")
    method: str | None = msgspec.field(default=None, name="PlayMethod")
    source: str | None = msgspec.field(default=None, name="MediaSourceId")


class _Transcoding(msgspec.Struct):
    is_video_direct: bool = msgspec.field(default=False, name="IsVideoDirect")


class _Session(msgspec.Struct):
    user: str | None = msgspec.field(default=None, name="UserName")
    item: _Playing | None = msgspec.field(default=None, name="NowPlayingItem")
    state: _PlayState | None = msgspec.field(default=None, name="PlayState")
    transcoding: _Transcoding | None = msgspec.field(default=None, name="TranscodingInfo")


async def sessions(to: Endpoint, query: Mapping[str, str]) -> tuple[PlayingItem, ...]:
    """Every session that plays something. Only a video that is converted counts as transcoding.

    Raises:
        Retry, Reject: as `exchange.ask`.
    """
    rows = await exchange.ask(to, Call("GET", "/Sessions", query), tuple[_Session, ...])
    return tuple(_playing(row, row.item) for row in rows if row.item is not None)


def _playing(session: _Session, item: _Playing) -> PlayingItem:
    state = session.state or _PlayState()
    direct = session.transcoding is not None and session.transcoding.is_video_direct
    return PlayingItem(
        item_id=item.id,
        path=_path(item, state.source or ""),
        state="paused" if state.is_paused else "playing",
        transcoding=state.method == "Transcode" and not direct,
        title=item.name or "",
        user=session.user or "",
    )


def _path(item: _Playing, source_id: str) -> str:
    """The version that plays where the server tells versions, else the item's own file."""
    playing = (one.path for one in item.sources or () if one.id == source_id and one.path)
    return next(playing, item.path or "")
