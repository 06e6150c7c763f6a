"""What Emby or Jellyfin plays right now; sources as in `dialect`.

A session names the item and the path of its first version; which version plays is said by the id of a source alone.
"""

from collections.abc import Mapping

import msgspec

from framewright.contracts.playback import PlayingItem
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.dialect import guid
from framewright.vendors.mediabrowser.listing import Item, ask_page


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
    return tuple([_playing(row, row.item, await _path(to, row.item, row)) for row in rows if row.item is not None])


def _playing(session: _Session, item: _Playing, path: str) -> PlayingItem:
    state = session.state or _PlayState()
    direct = session.transcoding is not None and session.transcoding.is_video_direct
    return PlayingItem(
        item_id=item.id,
        path=path,
        state="paused" if state.is_paused else "playing",
        transcoding=state.method == "Transcode" and not direct,
        title=item.name or "",
        user=session.user or "",
    )


async def _path(to: Endpoint, item: _Playing, session: _Session) -> str:
    """The version that plays; the item's own file where the source is that of the item itself, or is not found."""
    source_id = guid(session.state.source or "") if session.state else ""
    if not source_id or source_id.endswith(guid(item.id)):
        return item.path or ""
    listed = (await ask_page(to, {"Ids": item.id, "Fields": "Path,MediaSources"})).items
    sources = (source for one in (item, *listed) for source in one.sources or ())
    playing = (source.path for source in sources if guid(source.id) == source_id and source.path)
    return next(playing, item.path or "")
