"""A Jellyfin server that is set to several widths gets all of them, from the frames of one decode, and makes none itself."""

from contextlib import AsyncExitStack
from io import BytesIO

import msgspec
import pytest
from PIL import Image

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.frame_store import BusFrameStore
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.publish import RemovalRequestedV1
from framewright.contracts.record import Stage
from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.formats.framepack import encode_manifest
from framewright.formats.trickplay import thumbnail_at
from framewright.publisher.handlers.removal import on_removal_requested
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

BESIDE = {"Films": LibrarySettings(True, True, True)}
VERSIONS = pytest.mark.parametrize("version", ["10.10.7", "10.11.11", "12.0.0"])


@pytest.fixture
def jellyfin(desk):
    """`async with jellyfin(320, 640) as server`: one that has seen the film and is set to these widths."""

    def run(*widths, version="10.11.11", **options):
        trickplay = TrickplaySettings(interval=5000, width_resolutions=list(widths))
        return desk.simulated(
            "jellyfin", **{"version": version, "libraries": BESIDE, "trickplay": trickplay, **options}
        )

    return run


@pytest.fixture
def asked(desk, pack):
    """The request for these widths, with frames of those that are in the store; the server has looked at its files before."""

    async def make(server, *widths, stored=None, video_width=1920, **changes):
        desk.state.settle()
        desk.state.extractions.clear()
        first, *further = (Rendition(width, 5000) for width in widths)
        request = desk.request(server, rendition=first, further=tuple(further), **changes)
        for width in widths if stored is None else stored:
            parts, manifest = pack(width=width, video_width=video_width)
            await BusFrameStore(desk.bus).put(request.packs[width], parts, encode_manifest(manifest))
        return request

    return make


def set_widths(desk, server, *widths):
    """Change them, as if the options had been read long ago."""
    desk.state.trickplay.width_resolutions = list(widths)
    desk.publisher.connection(server)._wishes = None


def tiles(desk):
    """The sheet of each width folder, with the width of its cells."""
    found = {path.parent.name: path for path in desk.place.rglob("0.jpg")}
    return {name: Image.open(BytesIO(thumbnail_at(path.read_bytes(), 0, 10, 10))).width for name, path in found.items()}


def rows(desk):
    """What the server shows: interval and number of thumbnails by width."""
    (shown,) = desk.state.rows.values()
    return {width: (row.interval, row.thumbnail_count) for width, row in shown.items()}


@VERSIONS
async def test_every_width_is_made_and_adopted_and_the_server_makes_none(desk, jellyfin, asked, version):
    async with jellyfin(320, 640, version=version) as server:
        request = await asked(server, 320, 640)

        fact = await desk.handle(request)

        count = 12 if version == "12.0.0" else 1  # before 12 it counts the sheets, of which one hides nothing
        assert (fact.outcome, len(fact.outputs)) == (Outcome.ADOPTED, 2)
        assert all(f"{width} pixels wide, 12 thumbnails every 5 s" in fact.reason for width in (320, 640))
        assert rows(desk) == {320: (5000, count), 640: (5000, count)}
        assert tiles(desk) == {"320 - 10x10": 320, "640 - 10x10": 640}
        assert (desk.state.extractions, desk.state.failures) == ([], [])


async def test_a_width_that_is_not_shown_yet_is_waited_for_although_another_one_is(desk, jellyfin, asked):
    async with jellyfin(320, 640) as server:
        request = await asked(server, 320, 640)
        await desk.handle(request)
        desk.state.rows[next(iter(desk.state.rows))].pop(640)
        record = await desk.record(request)
        told = msgspec.structs.replace(record, stage=Stage.TOLD)
        await desk.publisher.remember(request.path_id, server.id, told)

        fact, _ = await desk.answers(request)

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
        assert (await desk.handle(request)).outcome is Outcome.ADOPTED  # it was reminded


@VERSIONS
async def test_widths_beyond_a_narrow_film_fall_together_at_its_own(desk, jellyfin, asked, version):
    async with jellyfin(320, 640, 1280, version=version, video_width=501) as server:
        request = await asked(server, 320, 640, 1280, stored=[320, 640], video_width=501)

        fact = await desk.handle(request)

        assert fact.outcome is Outcome.ADOPTED
        assert tiles(desk) == {"320 - 10x10": 320, "500 - 10x10": 500}
        assert sorted(rows(desk)) == [320, 500]
        assert desk.state.extractions == []


async def test_a_width_that_is_added_later_is_made_and_the_others_are_left_as_they_are(desk, jellyfin, asked, later):
    async with jellyfin(320) as server:
        await desk.handle(await asked(server, 320))
        (before,) = desk.place.rglob("0.jpg")
        inode = before.stat().st_ino
        await desk.evict()
        set_widths(desk, server, 320, 640)

        fact = await desk.handle(later(await asked(server, 320, 640, stored=[640]), 60))

        assert (fact.outcome, sorted(rows(desk))) == (Outcome.ADOPTED, [320, 640])
        assert before.stat().st_ino == inode
        assert desk.state.extractions == []
        assert (await desk.handle(later(await asked(server, 320, 640, stored=[]), 90))).outcome is Outcome.UP_TO_DATE


async def test_a_width_that_the_server_drops_is_not_missed(desk, jellyfin, asked, later):
    async with jellyfin(320, 640) as server:
        await desk.handle(await asked(server, 320, 640))
        await desk.evict()
        set_widths(desk, server, 320)

        fact = await desk.handle(later(await asked(server, 320, stored=[]), 60))

        assert (fact.outcome, len(fact.outputs)) == (Outcome.ADOPTED, 1)
        assert sorted(rows(desk)) == [320, 640]


async def test_only_the_frames_that_are_missing_are_asked_for(desk, jellyfin, asked):
    async with jellyfin(320, 640, 1280) as server:
        request = await asked(server, 320, 640, 1280, stored=[640])

        wish = await desk.handle(request)

        assert isinstance(wish, ExtractRequestedV1)
        assert (wish.targets, wish.anew, wish.regenerate) == ((request.target,), (320, 1280), False)
        assert (tiles(desk), await desk.record(request)) == ({}, None)


async def test_a_request_from_before_brings_the_other_widths_on_their_way(desk, jellyfin, asked):
    async with jellyfin(320, 640) as server:
        old = await asked(server, 320)

        wish = await desk.handle(old)

        (target,) = wish.targets
        assert [one.width for one in target.renditions] == [320, 640]
        assert (wish.anew, wish.attempt) == ((640,), 2)


async def test_tiles_of_one_width_that_vanish_are_all_that_is_written_again(desk, jellyfin, asked, later):
    async with jellyfin(320, 640) as server:
        await desk.handle(await asked(server, 320, 640))
        narrow, wide = sorted(desk.place.rglob("0.jpg"))
        inode, _ = narrow.stat().st_ino, wide.unlink()
        await desk.evict()

        fact = await desk.handle(later(await asked(server, 320, 640, stored=[640]), 60))

        assert fact.outcome is Outcome.ADOPTED
        assert (narrow.stat().st_ino, wide.is_file()) == (inode, True)


async def test_pictures_asked_for_anew_are_made_anew_at_every_width(desk, jellyfin, asked, later):
    async with jellyfin(320, 640) as server:
        await desk.handle(await asked(server, 320, 640))
        before = {path: path.stat().st_ino for path in desk.place.rglob("0.jpg")}

        await desk.handle(later(await asked(server, 320, 640, regenerate=True), 60))

        assert all(path.stat().st_ino != inode for path, inode in before.items())


async def test_all_widths_go_along_with_a_renamed_film_and_no_frame_is_read(desk, jellyfin, asked):
    async with jellyfin(320, 640) as server:
        await desk.handle(await asked(server, 320, 640))
        new = desk.media / "films/Film (2001)/Film (2001).mkv"
        new.parent.mkdir()
        desk.video.rename(new)
        await desk.evict()
        desk.state.catalogue.scan()
        request = await asked(server, 320, 640, stored=[], path=str(new), previous_path=str(desk.video))

        answers = await desk.answers(request)

        assert answers[0].outcome is Outcome.ADOPTED
        assert sorted(path.parent.name for path in new.parent.rglob("0.jpg")) == ["320 - 10x10", "640 - 10x10"]
        assert list(desk.place.iterdir()) == []
        assert await desk.publisher.record(media_id(str(desk.video)), server.id) is None
        assert (await desk.record(request)).further_packs == request.further_packs


async def test_all_widths_go_with_a_film_that_is_gone(desk, jellyfin, asked):
    async with jellyfin(320, 640) as server:
        request = await asked(server, 320, 640)
        outputs = (await desk.handle(request)).outputs
        (desk.media / "films/Other").mkdir()
        desk.video.unlink()
        gone = RemovalRequestedV1(
            job_ids=("gone",),
            path=request.path,
            path_id=request.path_id,
            target=request.target,
            roots=(f"{desk.media}/films",),
            requested_at=now(),
        )

        async with AsyncExitStack() as stack:
            outgoing = Outgoing(desk.bus)
            context = Context(1, now(), 1, outgoing.send, outgoing.show, stack)
            fact, *_ = await on_removal_requested(gone, context, publisher=desk.publisher)

        assert (fact.outcome, fact.outputs, list(desk.place.iterdir())) == (Outcome.REMOVED, outputs, [])


async def test_a_width_that_was_added_does_not_wait_with_those_that_are_written(desk, jellyfin, asked, later):
    daily = {"Films": LibrarySettings(True, False, True)}
    async with jellyfin(320, libraries=daily) as server:
        old = await asked(server, 320)
        await desk.answers(old)
        set_widths(desk, server, 320, 640)
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/System/Configuration"))

        fact, _ = await desk.answers(later(old, 30))
        with pytest.raises(Retry):
            await desk.answers(later(await asked(server, 320, 640), 60))

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "SERVER_ERROR")
