"""Plex: bundles by part hash, partial scans only, adoption by analysis."""

import re

import pytest

from framewright.domain.errors import NotIndexed, Retry
from framewright.domain.frames import Rendition
from framewright.domain.publishing import PublishTarget
from framewright.vendors.plex import layout
from framewright.vendors.simulation.instruments import Fault, FaultKind


async def test_the_index_file_lies_in_the_bundle_of_the_part_hash(bench, film):
    async with bench("plex") as desk:
        located = await desk.server.outputs(desk.target(film))

        bundle = re.escape(f"{desk.data}/Media/localhost/") + r"[0-9a-f]/[0-9a-f]{39}\.bundle"
        assert re.fullmatch(bundle + r"/Contents/Indexes/index-sd\.bif", located.outputs[0].path)
        assert located.outputs[0].root == f"{desk.data}/Media/localhost"


async def test_an_episode_is_found_among_files_of_the_same_name(bench, episode):
    async with bench("plex") as desk:
        twin = "tv/Other show/Season 1/Show S01E02 Second & last.mkv"
        desk.add(twin).write_bytes(b"another film")
        desk.state.scan("2", "")

        first = await desk.server.outputs(desk.target(episode))
        second = await desk.server.outputs(desk.target(twin, library_id="2"))

        assert first.outputs[0].path != second.outputs[0].path
        assert first.item_id != second.item_id
        assert len(desk.asked("GET", "*/tree")) == 2


async def test_a_library_is_asked_only_where_it_is_named(bench, film):
    async with bench("plex") as desk:
        with pytest.raises(NotIndexed):
            await desk.server.outputs(desk.target(film, library_id="2"))

        assert desk.asked("GET", "/library/sections/1/all") == []


async def test_a_file_that_is_not_known_starts_no_scan_by_itself(bench):
    async with bench("plex", index_delay=9.0) as desk:
        desk.add("films/New & old (2020)/New.mkv")

        with pytest.raises(NotIndexed, match=r"is not indexed yet$"):
            await desk.server.outputs(desk.target("films/New & old (2020)/New.mkv"))

        assert desk.asked("*", "*/refresh") == []


async def test_a_file_of_no_section_starts_no_scan(bench):
    async with bench("plex") as desk:
        stray = PublishTarget("/elsewhere/a/b.mkv", ("/elsewhere/a/b.mkv",), Rendition(320, 5000))

        with pytest.raises(NotIndexed, match="no section"):
            await desk.server.outputs(stray)

        assert desk.asked("*", "*/refresh") == []


async def test_analysis_makes_players_see_the_file_that_was_written(bench, film, bif):
    async with bench("plex") as desk:
        target = desk.target(film)
        located = await desk.server.outputs(target)
        part = desk.state.part(desk.state.item(located.item_id).file)
        assert not part.adopted
        desk.put(located.outputs[0].path, bif())

        said = await desk.server.refresh(target, located)

        assert part.adopted
        assert said == f"PUT /library/metadata/{located.item_id}/analyze"


async def test_a_gone_item_is_not_indexed(bench, film):
    async with bench("plex") as desk:
        located = await desk.server.outputs(desk.target(film))
        (desk.media / film).unlink()
        desk.state.scan("1", "")

        with pytest.raises(NotIndexed):
            await desk.server.refresh(desk.target(film), located)


@pytest.mark.parametrize("body", ["<html><br>", '<!DOCTYPE a [<!ENTITY x "y">]><MediaContainer/>'])
async def test_a_tree_that_is_no_honest_xml_is_a_retry(bench, film, body):
    async with bench("plex") as desk:
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, path="*/tree", body=body))

        with pytest.raises(Retry) as again:
            await desk.server.outputs(desk.target(film))

        assert again.value.code == "BAD_ANSWER"


@pytest.mark.parametrize("part_hash", ["../../../../etc/passwd", "ab/../../x", "a b", "a.."])
async def test_a_hash_that_would_lead_elsewhere_is_refused(bench, film, part_hash):
    async with bench("plex") as desk:
        tree = f'<MediaContainer><MediaPart file="/data/{film}" hash="{part_hash}"/></MediaContainer>'
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, path="*/tree", body=tree))

        with pytest.raises(Retry) as again:
            await desk.server.outputs(desk.target(film))

        assert again.value.code == "BAD_ANSWER"


async def test_a_part_without_a_hash_is_not_indexed(bench, film):
    async with bench("plex") as desk:
        tree = f'<MediaContainer><MediaPart file="/data/{film}" hash="a"/></MediaContainer>'
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, path="*/tree", body=tree))

        with pytest.raises(NotIndexed):
            await desk.server.outputs(desk.target(film))


@pytest.mark.parametrize(
    ("path", "locations", "folder"),
    [
        ("/tv/Show/S01/e.mkv", ["/tv"], "/tv/Show/S01"),
        ("/tv/Show/S01/e.mkv", ["/tv/", "/"], "/tv/Show/S01"),
        ("/tv/Show/e.mkv", ["/tv", "/tv/Show"], "/tv/Show"),
        ("/tv2/Show/e.mkv", ["/tv"], ""),
        ("/tv/e.mkv", ["/tv/"], "/tv"),
        ("C:\\e.mkv", ["C:\\"], "C:\\"),
        ("/a/e.mkv", [""], ""),
        ("D:\\TV\\Show\\e.mkv", ["d:\\tv"], "d:\\tv\\Show"),
        ("\\\\nas\\tv\\Show\\e.mkv", ["\\\\NAS\\tv"], "\\\\NAS\\tv\\Show"),
    ],
)
def test_a_scan_covers_the_files_own_folder_and_never_more_than_its_location(path, locations, folder):
    plan = layout.plan_scan(path, locations)

    assert plan.folder == folder
    assert bool(plan.reason) == (not folder)
