"""Scans of media servers: their lists, page by page, and what happens while one is away."""

import asyncio

import msgspec
import pytest

from framewright.chassis.bus import Puller
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE
from framewright.contracts.facts import ScanProgressedV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.scans import ScanKind, ScanRequestedV1, SortBy
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.ownership import Library, PathMapping
from framewright.vendors.plex.simulator.app import create_app
from framewright.vendors.plex.simulator.state import PlexState
from framewright.vendors.simulation.bulk import Bulk

pytestmark = pytest.mark.integration

FILMS = 1100
"""More than two pages."""


@pytest.fixture
async def plex():
    state = PlexState(shelves=(), token="t", bulk=Bulk(FILMS, newest=int(now().timestamp()) - 30))
    async with serving(create_app(state)) as url:
        yield Server(
            id="plex",
            type="plex",
            name="Plex",
            url=url,
            auth=ServerAuth(token="t"),
            libraries=(Library("1", "Bulk", "movie", ("/bulk",)),),
            path_mappings=(PathMapping("/bulk", "/media/films"),),
        )


@pytest.fixture
async def routed(bus):
    """Takes what is queued, as the router would; the paths in the order in which they came."""
    puller, paths = Puller(bus, DUE.name, "router"), []

    async def take():
        while True:
            if delivered := await puller.next(5.0):
                paths.append(decode(MediaChangedV1, delivered.data).path)
                await delivered.ack()

    task = asyncio.create_task(take())
    yield paths
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def scanned(bus, stored, routed):
    """Runs a scan to its end: its last word, and the paths that it queued in order."""

    async def run(**changes):
        fields = {"job_id": "scan1", "title": "Plex", "source": "test", "requested_at": now(), **changes}
        await Outgoing(bus).send(ScanRequestedV1(**fields))

        async def is_over():
            told = await stored(ScanProgressedV1)
            return bool(told) and told[-1].finished and len(routed) >= told[-1].count.queued

        await until(is_over, 15)
        return (await stored(ScanProgressedV1))[-1], routed

    return run


async def test_every_file_of_every_page_is_queued_once_in_our_spelling(ingest, plex, scanned):
    async with ingest(servers=[plex]):
        last, paths = await scanned(sort_by=SortBy.NATURAL)

    assert (last.total, last.count.checked, last.count.queued, last.page) == (FILMS, FILMS, FILMS, 3)
    assert len(set(paths)) == FILMS
    assert "/media/films/Film 0000000 (2000)/Film 0000000 (2000).mkv" in paths


async def test_random_is_an_order_of_its_own_and_complete(ingest, plex, scanned):
    async with ingest(servers=[plex]):
        _, paths = await scanned(sort_by=SortBy.RANDOM)

    assert len(set(paths)) == FILMS
    hundreds = {path.partition(" (")[0][:-2] for path in paths[:100]}
    assert len(hundreds) > 2, "neighbours would lie in one hundred, or in two"


async def test_the_lookback_is_honoured_to_the_minute(ingest, plex, scanned):
    async with ingest(servers=[plex]):
        last, paths = await scanned(kind=ScanKind.RECENTLY_ADDED, lookback_hours=0.25)

    assert len(paths) == 15  # one film a minute, the newest of them half a minute old
    assert last.count.checked == 15


async def test_a_scan_waits_for_the_router(ingest, bus, plex, stored):
    async with ingest(servers=[plex]):
        request = ScanRequestedV1(job_id="scan1", title="Plex", source="test", requested_at=now())
        await Outgoing(bus).send(request)

        async def has_begun():
            return bool(await bus.subjects("DUE", "due.v1.>"))

        await until(has_begun)
        for _ in range(5):
            assert await bus.count("DUE", "due.v1.>") <= 200


async def test_a_server_that_is_away_is_waited_for_and_the_others_go_on(
    ingest, bus, plex, stored, folder_server, tmp_path, routed
):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "Film.mkv").touch()
    away = Server(
        **{name: getattr(plex, name) for name in plex.__struct_fields__} | {"id": "away", "url": "http://127.0.0.1:9"}
    )

    async with ingest(servers=[away, folder_server(str(tmp_path / "media"))]):
        request = ScanRequestedV1(job_id="scan1", title="Both", source="test", requested_at=now())
        await Outgoing(bus).send(request)

        async def other_is_done():
            return any(one.count.queued == 1 and one.note for one in await stored(ScanProgressedV1))

        await until(other_is_done, 15)
        assert not any(one.finished for one in await stored(ScanProgressedV1))


async def test_films_that_are_listed_and_not_there_are_counted_and_left_alone(ingest, plex, scanned, tmp_path):
    here = ["Film 0000007 (2000)", "Film 0000600 (2000)"]
    for name in here:
        (tmp_path / "films" / name).mkdir(parents=True)
        (tmp_path / "films" / name / f"{name}.mkv").touch()
    mounted = msgspec.structs.replace(plex, path_mappings=(PathMapping("/bulk", str(tmp_path / "films")),))

    async with ingest(servers=[mounted]):
        last, paths = await scanned()

    assert (last.count.missing, last.count.queued) == (FILMS - 2, 2)
    assert sorted(paths) == [f"{tmp_path}/films/{name}/{name}.mkv" for name in here]


async def test_files_that_lie_in_no_enabled_library_are_nobodys(ingest, plex, scanned):
    roots = (Library("1", "Bulk", "movie", ("/another/folder",)),)

    async with ingest(servers=[msgspec.structs.replace(plex, libraries=roots)]):
        last, paths = await scanned()

    assert (last.count.not_owned, paths) == (FILMS, [])
