"""Servers are made to look: each wish once, in its section's turn, wider only when it must be, and never lost."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Joined, Later, Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import LOCKS
from framewright.contracts.publish import ChangedPath, RefreshWantedV1
from framewright.contracts.settings import Refresh
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library, PathMapping
from framewright.publisher.adapters.connections import Connections
from framewright.publisher.adapters.places import Found, RootScans, nearest_folders
from framewright.publisher.domain.refreshing import look_due
from framewright.publisher.handlers.refreshing import Bounds, Refresher, on_refresh_wanted
from framewright.vendors import ROOT
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

NEW = "/data/films/New (2020)/New.mkv"


@dataclass
class Round:
    """One server with its refresh queue's handler, and what it must be spared."""

    desk: Any
    server: Any
    refresher: Any = None
    bounds: Bounds = field(default_factory=Bounds)

    def wish(self, *changed: ChangedPath, **fields: Any) -> RefreshWantedV1:
        known = {"server_type": self.server.type, "server_id": self.server.id, "place": "ab12", "library_ids": ("1",)}
        return RefreshWantedV1(**{**known, "first_at": now(), "changed": changed or (added(NEW),), **fields})

    async def handle(self, wish: RefreshWantedV1, attempt: int = 1, *, early: bool = False) -> list[Any]:
        """What follows a wish; a look comes at its time, or early."""
        if wish.told_at is not None and not early:
            first = self.refresher.scanner(self.server).first_look
            wish = msgspec.structs.replace(wish, told_at=wish.told_at - (look_due(wish, first) - now()))
        outgoing = Outgoing(self.desk.bus)
        context = Context(attempt, now(), 1, outgoing.send, outgoing.show, None)
        answers = await on_refresh_wanted(wish, context, refresher=self.refresher)
        assert all(isinstance(answer, Joined) for answer in answers)
        return [answer.merge(None) for answer in answers]

    def scans(self) -> list[str]:
        return [call.query["path"] for call in self.desk.asked("*", "/library/sections/*/refresh")]


def added(path: str) -> ChangedPath:
    return ChangedPath(path, ChangeKind.ADDED)


def reported(desk: Any) -> list[Any]:
    sent = [msgspec.json.decode(call.body) for call in desk.asked("POST", "/Library/Media/Updated")]
    return [update for one in sent for update in one["Updates"]]


def seconds(later: Any) -> float:
    return round((later.due - now()).total_seconds())


@pytest.fixture
def rounds(desk):
    """`async with rounds("plex") as one`: a simulated server, the real parts, no time between two looks."""

    @asynccontextmanager
    async def run(vendor: str, refresh: Refresh | None = None, **options: Any):
        refresh = refresh or Refresh()
        connections = Connections()
        async with desk.simulated(vendor, **options) as server:
            one = Round(desk, server)
            one.refresher = Refresher(
                server=desk.servers.get,
                recognise=connections.recognise,
                scanner=connections.scanner,
                folders=nearest_folders,
                may_scan_root=RootScans(Bucket(desk.bus, LOCKS.name), lambda: refresh).may_scan,
                settings=lambda: refresh,
                plays=lambda server_id, item_id, paths: desk.playing.intersection({item_id, *paths}) != set(),
                bounds=lambda _: one.bounds,
                found=Found(desk.bus).tell,
                longest_wait=lambda: timedelta(hours=4),
                glance=0.01,
            )
            try:
                yield one
            finally:
                await connections.aclose()

    return run


def put(desk, name: str) -> None:
    path = desk.media / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"new" * 100)


async def test_a_new_file_is_scanned_for_once_and_looked_for_ten_seconds_later(rounds, desk):
    async with rounds("plex") as one:
        put(desk, "films/New (2020)/New.mkv")

        (look,) = await one.handle(one.wish())
        settled = await one.handle(look.message)

        assert one.scans() == ["/data/films/New (2020)"]
        assert (look.message.place, seconds(look)) == ("ab12-0-look", 10)
        assert settled == []


async def test_a_look_that_an_event_brought_forward_does_not_count(rounds):
    async with rounds("plex", index_delay=60) as one:
        (look,) = await one.handle(one.wish())

        for _ in range(6):
            (again,) = await one.handle(look.message, early=True)

        assert (again.message, again.due) == (look.message, look.due)


async def test_who_waits_for_the_server_to_know_a_file_goes_on_when_it_does(rounds, desk):
    async with rounds("plex") as one:
        desk.server("plex", path_mappings=(PathMapping("/data", str(desk.media)),))
        put(desk, "films/New (2020)/New.mkv")
        request = desk.request(one.server, path=str(desk.media / "films/New (2020)/New.mkv"))
        await Outgoing(desk.bus).send(Later(request, now() + timedelta(hours=1), attempt=2))

        (look,) = await one.handle(one.wish(added(NEW), added("/data/films/New (2020)/never.mkv")))
        one.desk.state._activities.clear()
        await one.handle(look.message)

        await asyncio.sleep(1.0)  # the broker looks at its clock four times a second
        assert await desk.bus.count("PUBLISH", "wait.publish.>") == 0
        assert await desk.bus.count("PUBLISH", f"publish.v1.plex.s1.{request.path_id}") == 1


async def test_jellyfin_is_not_asked_before_it_can_know(rounds):
    async with rounds("jellyfin") as one:
        (look,) = await one.handle(one.wish())

        assert seconds(look) == 75


async def test_a_file_that_is_never_found_climbs_to_the_root_and_then_it_ends(rounds):
    async with rounds("plex") as one:
        wish, climbs = one.wish(added("/data/films/A/B/never.mkv")), []
        while wish is not None:
            (look,) = await one.handle(wish)
            one.desk.state._activities.clear()
            last = msgspec.structs.replace(look.message, looked=4)
            (later,) = await one.handle(last) or (None,)
            climbs.append(later and later.message.level)
            wish = later and later.message

        assert one.scans() == ["/data/films/A/B", "/data/films/A", "/data/films"]
        assert climbs == [1, 2, None]


async def test_a_look_does_not_count_while_the_section_is_at_work(rounds):
    async with rounds("plex", index_delay=60.0) as one:
        (look,) = await one.handle(one.wish())

        (again,) = await one.handle(msgspec.structs.replace(look.message, looked=4))

        assert (again.message.looked, again.message.place, seconds(again)) == (4, look.message.place, 5)


async def test_a_section_is_scanned_again_only_when_it_has_come_to_rest(rounds):
    async with rounds("plex", metadata_delay=0.3) as one:
        await one.handle(one.wish())
        other = one.wish(added("/data/films/Other/o.mkv"), place="cd34")

        (again,) = await one.handle(other)
        before = one.scans()
        comes_in = seconds(again)

        async def rests():
            return not one.desk.state.activities()

        await until(rests)
        await one.handle(again.message, again.attempt)

        assert (before, again.message.place, comes_in) == (["/data/films/New (2020)"], "cd34", 5)
        assert one.scans() == ["/data/films/New (2020)", "/data/films/Other"]


async def test_a_section_that_never_rests_is_scanned_after_half_an_hour_all_the_same(rounds):
    async with rounds("plex", index_delay=9999.0) as one:
        await one.handle(one.wish())

        await one.handle(one.wish(added("/data/films/Other/o.mkv")), attempt=361)

        assert one.scans()[1:] == ["/data/films/Other"]


async def test_a_file_in_the_root_has_its_library_scanned_once_in_a_quarter_of_an_hour(rounds):
    async with rounds("plex") as one:
        first = await one.handle(one.wish(added("/data/films/a.mkv")))
        one.desk.state._activities.clear()

        (again,) = await one.handle(one.wish(added("/data/films/b.mkv")))

        assert one.scans() == ["/data/films"]
        assert [later.message.told_at is None for later in (*first, again)] == [False, True]
        assert seconds(again) == 900


async def test_a_scan_that_had_to_wait_is_left_out_when_the_server_found_the_file_meanwhile(rounds, desk):
    async with rounds("plex") as one:
        put(desk, "films/a.mkv")
        desk.state.scan("1", "")

        assert await one.handle(one.wish(added("/data/films/a.mkv")), attempt=2) == []
        assert one.scans() == []


async def test_of_a_deleted_folder_the_nearest_one_that_is_left_is_scanned(rounds, desk):
    libraries, mapped = (Library("1", remote_paths=("/data/films",)),), (PathMapping("/data", str(desk.media)),)
    async with rounds("plex") as one:
        desk.server("plex", libraries=libraries, path_mappings=mapped)
        (desk.media / "films/Show").mkdir()
        gone = ChangedPath("/data/films/Show/Season 1/e.mkv", ChangeKind.DELETED)

        assert await one.handle(one.wish(gone)) == []
        assert one.scans() == ["/data/films/Show"]


async def test_a_wish_that_cannot_be_told_comes_again_and_takes_along_what_joined_it(rounds):
    async with rounds("plex") as one:
        one.desk.state.instruments.inject(Fault(FaultKind.STATUS, status=503))
        outgoing = Context(3, now(), 1, None, None, None)

        (joined,) = await on_refresh_wanted(one.wish(), outgoing, refresher=one.refresher)
        later = joined.merge(one.wish(added("/data/films/New (2020)/other.mkv")))

        assert [change.path for change in later.message.changed] == [NEW, "/data/films/New (2020)/other.mkv"]
        assert (later.attempt, seconds(later)) == (4, 180)


async def test_a_wish_that_is_refused_or_a_week_old_is_forgotten(rounds):
    async with rounds("plex") as one:
        one.desk.state.instruments.inject(Fault(FaultKind.STATUS, status=404, path="/library/sections", times=1))
        assert await one.handle(one.wish()) == []
        one.desk.state.instruments.inject(Fault(FaultKind.STATUS, status=503))

        assert await one.handle(one.wish(first_at=now() - timedelta(days=8))) == []


async def test_trash_is_looked_at_only_where_the_settings_say_so(rounds, desk):
    gone = ChangedPath("/data/films/Gone/g.mkv", ChangeKind.DELETED)
    async with rounds("plex", Refresh(empty_trash=True)) as one:
        for number in range(40):
            put(desk, f"films/F{number}/F{number}.mkv")
        put(desk, "films/Gone/g.mkv")
        desk.state.scan("1", "")
        assert all(desk.state.part(item.file).hash for item in desk.state.items())
        (desk.media / "films/Gone/g.mkv").unlink()
        desk.state._activities.clear()

        (look,) = await one.handle(one.wish(gone))
        desk.state._activities.clear()
        assert await one.handle(look.message) == []

        assert [call.path for call in desk.asked("PUT", "*")] == ["/library/sections/1/emptyTrash"]


async def test_trash_waits_until_the_other_half_of_an_upgrade_is_found(rounds, desk):
    gone = ChangedPath("/data/films/New (2020)/old.mkv", ChangeKind.DELETED)
    async with rounds("plex", Refresh(empty_trash=True)) as one:
        (look,) = await one.handle(one.wish(gone, added(NEW)))
        desk.state._activities.clear()

        (again,) = await one.handle(look.message)

        assert desk.asked("PUT", "*") == []
        assert set(again.message.changed) == {gone, added(NEW)}


async def test_an_item_that_is_watched_is_refreshed_afterwards_and_its_folder_at_once(rounds, desk):
    film = "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"
    async with rounds("emby") as one:
        wish = one.wish(ChangedPath(film, ChangeKind.CHANGED), added(NEW))
        desk.playing.add(film)

        look, again = sorted(await one.handle(wish), key=lambda later: later.message.told_at is None)
        assert [update["Path"] for update in reported(desk)] == [NEW]
        assert (look.message.changed, again.message.changed) == ((added(NEW),), (wish.changed[0],))
        assert (seconds(again), desk.asked("POST", "/Items/*/Refresh")) == (60, [])

        desk.playing.clear()
        assert await one.handle(again.message, again.attempt) == []
        assert len(desk.asked("POST", "/Items/*/Refresh")) == 1


async def test_an_item_that_is_watched_for_too_long_is_refreshed_all_the_same(rounds, desk):
    film = "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"
    async with rounds("emby") as one:
        desk.playing.add(film)

        await one.handle(one.wish(ChangedPath(film, ChangeKind.CHANGED), first_at=now() - timedelta(hours=5)))

        assert len(desk.asked("POST", "/Items/*/Refresh")) == 1


async def test_nobody_is_told_of_a_folder_or_for_a_server_that_is_gone(rounds, desk):
    async with rounds("emby") as one:
        folder = desk.server("folder", "f")
        assert await one.handle(one.wish(server_id=folder.id, server_type="folder")) == []

        assert await one.handle(one.wish(server_id="gone")) == []
        assert desk.asked("*", "*") == []


async def test_the_top_of_the_ladder_refreshes_the_library_at_emby_too(rounds):
    async with rounds("emby") as one:
        (library,) = await one.desk.publisher.connection(one.server).libraries()

        (look,) = await one.handle(one.wish(level=ROOT, library_ids=(library.id,)))

        (sent,) = one.desk.asked("POST", "/Items/*/Refresh")
        assert sent.query["Recursive"] == "true"
        assert look.message.level == ROOT


async def test_a_server_that_is_left_alone_is_told_later_and_in_the_end_all_the_same(rounds):
    async with rounds("plex") as one:
        one.bounds = Bounds(silent="somebody watches")

        (again,) = await one.handle(one.wish())
        assert (one.scans(), again.message.told_at, seconds(again)) == ([], None, 60)
        (look,) = await one.handle(one.wish(first_at=now() - timedelta(hours=5)))

        assert (one.scans(), look.message.place) == (["/data/films/New (2020)"], "ab12-0-look")


async def test_only_what_is_heavy_waits_while_heavy_work_does(rounds):
    async with rounds("plex") as one:
        one.bounds = Bounds(light="somebody watches")

        await one.handle(one.wish())
        (again,) = await one.handle(one.wish(level=ROOT))

        assert one.scans() == ["/data/films/New (2020)"]
        assert (again.message.level, again.message.told_at, seconds(again)) == (ROOT, None, 60)


async def test_trash_is_not_emptied_while_heavy_work_waits(rounds, desk):
    async with rounds("plex", Refresh(empty_trash=True)) as one:
        (look,) = await one.handle(one.wish(ChangedPath("/data/films/Gone (1999)/Gone.mkv", ChangeKind.DELETED)))
        one.bounds = Bounds(light="somebody watches")
        desk.state._activities.clear()

        (again,) = await one.handle(look.message)

        assert (again.message.place, seconds(again)) == (look.message.place, 60)
        assert desk.asked("PUT", "/library/sections/*/emptyTrash") == []


async def test_a_server_whose_group_syncs_by_path_is_sent_nowhere_wider(rounds, desk):
    async with rounds("plex") as one:
        one.bounds = Bounds(top=0)
        (look,) = await one.handle(one.wish())
        desk.state._activities.clear()

        settled = await one.handle(msgspec.structs.replace(look.message, looked=4))

        assert settled == []
