"""What the publisher does besides its queues: it asks who watches, and answers orders about orphans."""

from collections.abc import Sequence
from dataclasses import dataclass

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.leases import lease
from framewright.chassis.playback import PlaybackView
from framewright.chassis.player_groups import PlayerGroups
from framewright.contracts.base import encode
from framewright.contracts.catalogue import JOB_STATE, LOCKS, PRESENCE
from framewright.contracts.orphans import ORPHANS_PREFIX, REPORT_SECONDS, OrphanOrderV1, OrphanReport
from framewright.contracts.playback import PLAYBACK_PREFIX, PlaybackHintV1, ServerPlayback
from framewright.contracts.server import Server
from framewright.publisher.adapters.breaker import Breakers
from framewright.publisher.adapters.census import census
from framewright.publisher.adapters.connections import Connections
from framewright.publisher.adapters.listeners import Listeners
from framewright.publisher.adapters.memory import Records
from framewright.publisher.adapters.places import Found
from framewright.publisher.handlers.events import Ears, EventWatch
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.orphans import OrphanDesk, OrphanSearch
from framewright.publisher.handlers.playback import PlaybackWatch, Probe
from framewright.publisher.handlers.refreshing import Bounds
from framewright.vendors import ROOT, lists_files


@dataclass(frozen=True, slots=True)
class Listening:
    """The parts over which servers are listened to."""

    config: ConfigStore
    listeners: Listeners
    connections: Connections
    breakers: Breakers
    watch: PlaybackWatch


def playback_watch(bus: Bus, config: ConfigStore, view: PlaybackView, listeners: Listeners) -> PlaybackWatch:
    """Who asks the servers what they play."""
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


def event_watch(bus: Bus, listening: Listening, types: frozenset[str]) -> EventWatch:
    """Who listens to the servers of these types (none: of every type)."""
    config, locks, found = listening.config, Bucket(bus, LOCKS.name), Found(bus)

    def servers() -> list[Server]:
        mine = [one for one in config.servers if not types or one.type in types]
        return [one for one in mine if one.enabled and one.url and lists_files(one.type)]

    ears = Ears(
        servers=servers,
        listen=listening.listeners.events,
        takes_calls=lambda server_id: not listening.breakers.is_open(server_id),
        lease=lambda server_id: lease(locks, f"events.{server_id}"),
        play=listening.watch.ask_now,
        is_awaited=found.is_awaited,
        files=listening.connections.files,
        found=found.tell,
        look=found.look,
    )
    return EventWatch(ears)


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


def bounds(config: ConfigStore, view: PlaybackView, groups: PlayerGroups, server_id: str) -> Bounds:
    """What a server must be spared: by its group, and by what is minded while anybody watches.

    A group that syncs by path or by item has no wider place than the folder looked at.
    """
    playback, group = config.settings.playback, groups.of(server_id)
    active = group is not None and group.skip_active and view.is_watched(server_id, playback, now())
    return Bounds(
        silent=f"somebody watches, and the group {group.name!r} leaves such players alone" if group and active else "",
        light=view.heavy_work_waits(playback, now()),
        top=ROOT if group is None or group.sync_strategy == "library-level" else 0,
    )
