"""What the servers play right now, held in memory by every service that leaves things alone meanwhile.

The publisher asks the servers and writes what they say into the bucket `presence`. A state that nobody renewed for three
polls says nothing any more: the server counts as idle, so that a probe that is down never holds work back for good.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import structlog

from framewright.chassis.bus import Bucket, Entry
from framewright.chassis.stopping import until
from framewright.contracts.playback import PLAYBACK_PREFIX, PlayingItem, ServerPlayback, decode_playback
from framewright.contracts.settings import Playback
from framewright.domain.errors import Reject
from framewright.domain.media import segments

POLLS_BELIEVED = 3
"""A state is believed for so many polls after it was taken."""

WATCHED = frozenset({"playing", "buffering"})
"""Player states in which somebody really watches; a paused film is left alone, but slows nobody else's work."""

log = structlog.get_logger("playback")


class PlaybackView:
    """A live view of the servers' states; `bucket` is `presence`."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._states: dict[str, ServerPlayback] = {}
        self._loaded = asyncio.Event()

    async def loaded(self) -> None:
        """Wait until everything that was known before is known here."""
        await self._loaded.wait()

    async def watch(self, stopping: asyncio.Event) -> None:
        """Keep the view current until told to stop."""
        await until(stopping, self._watch())

    def states(self) -> tuple[ServerPlayback, ...]:
        """The newest state of every server that was ever asked, old ones too, by server id."""
        return tuple(self._states[server_id] for server_id in sorted(self._states))

    def state(self, server_id: str) -> ServerPlayback | None:
        """The newest state of one server, old or not; None when it was never asked."""
        return self._states.get(server_id)

    def heavy_work_waits(self, playback: Playback, now: datetime) -> str:
        """Why no heavy work may begin at `now`, for people; empty when it may. See `heavy_work_waits`."""
        return heavy_work_waits(self.states(), playback, now)

    def plays(
        self,
        server_id: str,
        playback: Playback,
        now: datetime,
        *,
        item_id: str = "",
        remote_paths: Iterable[str] = (),
    ) -> bool:
        """Whether the server plays this item or one of these paths (in its own spelling), or holds it paused."""
        state = self._states.get(server_id)
        return state is not None and is_believed(state, playback, now) and plays(state, item_id, remote_paths)

    def is_watched(self, server_id: str, playback: Playback, now: datetime) -> bool:
        """Whether somebody really watches something on the server; a paused film is not watched."""
        state = self._states.get(server_id)
        return (
            state is not None and is_believed(state, playback, now) and any(_is_watched(one) for one in state.playing)
        )

    async def _watch(self) -> None:
        async for entry in self._bucket.watch(f"{PLAYBACK_PREFIX}>"):
            if entry is None:
                self._loaded.set()
            else:
                self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        server_id = entry.key.removeprefix(PLAYBACK_PREFIX)
        if entry.value is None:
            self._states.pop(server_id, None)
            return
        try:
            self._states[server_id] = decode_playback(entry.value)
        except Reject as error:
            log.warning("a stored playback state is unusable", key=entry.key, reason=error.reason)


def is_believed(state: ServerPlayback, playback: Playback, now: datetime) -> bool:
    """Whether the state is young enough to say anything."""
    return (now - state.at).total_seconds() <= POLLS_BELIEVED * playback.poll_seconds


def heavy_work_waits(states: Iterable[ServerPlayback], playback: Playback, now: datetime) -> str:
    """Why no heavy work may begin; empty when nobody watches, or the policy does not mind.

    Source: the policies of `contracts.settings.Playback`.
    """
    if playback.policy not in {"heavy", "transcoding"}:
        return ""
    believed = [state for state in states if is_believed(state, playback, now)]
    watched = [item for state in believed for item in state.playing if _is_watched(item)]
    if playback.policy == "transcoding":
        return "a server transcodes for somebody who watches" if any(item.transcoding for item in watched) else ""
    return "somebody watches" if watched else ""


def plays(state: ServerPlayback, item_id: str = "", remote_paths: Iterable[str] = ()) -> bool:
    """Whether one of the streams is of this item or of one of these paths, paused ones too.

    A stream with a path is compared by path where paths are given: the versions of one item may share its id.
    """
    wanted = {segments(path) for path in remote_paths}
    return any(_is_of(item, item_id, wanted) for item in state.playing)


def _is_watched(item: PlayingItem) -> bool:
    return item.state in WATCHED


def _is_of(item: PlayingItem, item_id: str, wanted: set[tuple[str, ...]]) -> bool:
    if item.path and wanted:
        return segments(item.path) in wanted
    return bool(item_id) and item.item_id == item_id
