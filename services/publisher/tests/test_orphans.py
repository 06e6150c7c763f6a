"""Outputs whose video is gone: found by what is remembered and on disk, removed only on the right word."""

import asyncio
import shutil
from pathlib import Path

import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import JOB_STATE
from framewright.contracts.orphans import ORPHANS_PREFIX, OrphanOrderV1, OrphanReport, decode_report
from framewright.publisher.adapters.census import census
from framewright.publisher.handlers.orphans import OrphanDesk, OrphanSearch

pytestmark = pytest.mark.integration


@pytest.fixture
def order(desk):
    """Carry out an order; answers the last report."""

    async def carry(server_id="s1", **changes) -> OrphanReport:
        told: list[OrphanReport] = []

        async def say(report):
            told.append(report)

        search = OrphanSearch(
            publisher=desk.publisher,
            find=lambda server: census(server, desk.publisher.memory),
            say=say,
            lease=lambda name: desk.publisher.lease(f"orphans.{name}"),
            orders=lambda: desk.bus.listening("live.v1.orphans.>"),
            is_mine=lambda _kind: True,
        )
        fields = {"server_type": "any", "server_id": server_id, "order_id": "o1", **changes}
        await OrphanDesk(search).carry_out(OrphanOrderV1(**fields))
        return told[-1]

    return carry


@pytest.fixture
def shelf(desk):
    """Twenty published films of a folder server, one of which is gone, and a stray sidecar."""

    async def fill(**changes):
        server = desk.server(output={"formats": ("bif", "trickplay")}, **changes)
        for number in range(20):
            path = desk.media / f"films/Film {number}/Film {number}.mkv"
            path.parent.mkdir()
            path.write_bytes(b"film")
            request = desk.request(server, path=str(path))
            await desk.put_frames(request)
            await desk.handle(request)
        shutil.rmtree(desk.place)
        (desk.media / "films/Film 3/Film 3.mkv").unlink()
        (desk.media / "films/Film 4/Long gone-320-5.bif").write_bytes(b"stray")
        return server

    return fill


def outputs(media: Path) -> set[str]:
    return {str(path.relative_to(media / "films")) for path in (media / "films").glob("*/*") if path.suffix != ".mkv"}


async def test_a_search_lists_what_is_gone_with_size_and_reason_and_changes_nothing(desk, shelf, order):
    await shelf()
    before = outputs(desk.media)

    report = await order()

    assert (report.state, report.found, report.outputs, report.unknown) == ("done", 4, 61, 0)
    assert {one.reason for one in report.orphans if one.recorded} == {"the video is gone"}
    (stray,) = [one for one in report.orphans if not one.recorded]
    assert (stray.output.rpartition("/")[2], stray.bytes) == ("Long gone-320-5.bif", 5)
    assert report.bytes == sum(one.bytes for one in report.orphans) > 0
    assert outputs(desk.media) == before


async def test_on_the_typed_number_exactly_the_orphans_go(desk, shelf, order):
    await shelf()
    before = outputs(desk.media)

    report = await order(remove=True, confirmed=4)

    assert (report.state, report.removed, report.left) == ("done", 4, ())
    assert before - outputs(desk.media) == {
        "Film 3/Film 3.previews",
        "Film 3/Film 3-320-5.bif",
        "Film 3/Film 3.trickplay",
        "Film 4/Long gone-320-5.bif",
    }
    assert (await order()).found == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"confirmed": 3}, "4 orphans are there now and not 3"),
        ({"confirmed": 4, "most_percent": 5.0}, "4 of 61 outputs are more than 5 %"),
    ],
)
async def test_another_number_or_too_much_of_the_whole_removes_nothing(desk, shelf, order, changes, reason):
    await shelf()
    before = outputs(desk.media)

    report = await order(remove=True, **changes)

    assert (report.state, report.removed) == ("refused", 0)
    assert reason in report.reason
    assert outputs(desk.media) == before


async def test_one_that_is_in_work_stays_and_holds_up_no_other(desk, shelf, order):
    await shelf()

    async with desk.publisher.lease(f"{desk.media}/films/Film 3/Film 3.previews"):
        report = await order(remove=True, confirmed=4)

    assert (report.state, report.removed) == ("done", 1)
    assert report.left == ("the same work is being done elsewhere",)
    assert not (desk.media / "films/Film 4/Long gone-320-5.bif").exists()


async def test_a_library_that_looks_unmounted_has_no_orphans(desk, shelf, order):
    await shelf()
    (desk.media / "films").rename(desk.media / "away")
    (desk.media / "films").mkdir()

    report = await order(remove=True, confirmed=0)

    assert report.state == "refused"
    assert "looks unmounted" in report.reason


async def test_a_mirrored_folder_is_compared_with_the_videos_it_mirrors(desk, order):
    mirror = desk.media / "previews"
    (mirror / "Gone/Gone.previews").mkdir(parents=True)
    (mirror / "Gone/Gone.previews/thumbnails.vtt").write_bytes(b"WEBVTT")
    (mirror / "Film [2001] {tmdb-1}/Film [2001].previews").mkdir(parents=True)
    desk.server(output={"save_with_media": False, "folder": str(mirror)})

    report = await order(remove=True, confirmed=1, most_percent=60.0)

    assert (report.found, report.outputs, report.removed) == (1, 2, 1)
    assert not (mirror / "Gone/Gone.previews").exists()
    assert (mirror / "Film [2001] {tmdb-1}/Film [2001].previews").exists()


async def test_records_of_a_library_that_is_not_configured_any_more_are_left_alone(desk, shelf, order):
    server = await shelf()
    shutil.rmtree(desk.media / "films/Film 5")
    desk.servers["s1"] = type(server)(id="s1", type="folder", libraries=())

    report = await order()

    assert (report.state, report.reason) == ("refused", "the server has no library folder")


async def test_the_service_answers_an_order_with_a_report(desk, open_office):
    async with open_office() as office:
        await office.add()
        order = OrphanOrderV1(server_type="folder", server_id="s1", order_id="o7")
        jobs = Bucket(desk.bus, JOB_STATE.name)

        async def reported() -> bool:
            await Outgoing(desk.bus).show(order)
            await asyncio.sleep(0.1)
            entry = await jobs.get(f"{ORPHANS_PREFIX}s1")
            return entry is not None and decode_report(entry.value).state == "done"

        await until(reported)
