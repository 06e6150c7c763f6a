"""What the publisher does besides its queues: it asks who watches, and answers orders about orphans."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.leases import lease
from framewright.chassis.playback import PlaybackView
from framewright.contracts.base import encode
from framewright.contracts.catalogue import JOB_STATE, LOCKS, PRESENCE
from framewright.contracts.orphans import ORPHANS_PREFIX, REPORT_SECONDS, OrphanOrderV1, OrphanReport
from framewright.contracts.playback import PLAYBACK_PREFIX, PlaybackHintV1, ServerPlayback
from framewright.publisher.adapters.census import census
from framewright.publisher.adapters.listeners import Listeners
from framewright.publisher.adapters.memory import Records
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.orphans import OrphanDesk, OrphanSearch
from framewright.publisher.handlers.playback import PlaybackWatch, Probe


def playback_watch(bus: Bus, config: ConfigStore, view: PlaybackView, stack: AsyncExitStack) -> PlaybackWatch:
    """Who asks the servers what they play."""
    listeners = Listeners()
    stack.push_async_callback(listeners.aclose)
    presence, locks = Bucket(bus, PRESENCE.name), Bucket(bus, LOCKS.name)

    async def say(state: ServerPlayback, seconds: int) -> None:
        await presence.put(PLAYBACK_PREFIX + state.server_id, encode(state), seconds=seconds)

    probe = Probe(
        servers=lambda: config.servers,
        playback=lambda: config.settings.playback,
        sessions=listeners.sessions,
        known=view.state,
        say=say,
        lease=lambda server_id: lease(locks, f"playback.{server_id}"),
        hints=lambda: bus.listening(f"{PlaybackHintV1.HEAD}.>"),
    )
    return PlaybackWatch(probe)


def orphan_desk(bus: Bus, publisher: Publisher, records: Records, types: frozenset[str]) -> OrphanDesk:
    """Who looks for orphans; servers of other types than these are another publisher's (none: every type is ours)."""
    jobs, locks = Bucket(bus, JOB_STATE.name), Bucket(bus, LOCKS.name)

    async def say(report: OrphanReport) -> None:
        await jobs.put(ORPHANS_PREFIX + report.server_id, encode(report), seconds=REPORT_SECONDS)

    search = OrphanSearch(
        publisher=publisher,
        find=lambda server: census(server, records),
        say=say,
        lease=lambda server_id: lease(locks, f"orphans.{server_id}"),
        orders=lambda: bus.listening(f"{OrphanOrderV1.HEAD}.>"),
        is_mine=lambda kind: not types or kind in types,
    )
    return OrphanDesk(search)


def plays(config: ConfigStore, view: PlaybackView, server_id: str, item_id: str, remote_paths: Sequence[str]) -> bool:
    """Whether a server plays an item or one of these paths right now, and the policy minds."""
    playback = config.settings.playback
    if playback.policy == "ignore":
        return False
    return view.plays(server_id, playback, now(), item_id=item_id, remote_paths=remote_paths)
