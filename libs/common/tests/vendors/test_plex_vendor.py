"""Plex: bundles by part hash, partial scans only, adoption by analysis."""

import re

import pytest

from framewright.domain.errors import NotIndexed, Reject, Retry
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


async def test_a_stranger_is_not_shown_the_token(bench):
    async with bench("plex", configured={"server_identity": "somebody-else"}) as desk:
        with pytest.raises(Reject):
            await desk.server.identify()

        assert [call.path for call in desk.state.instruments.calls] == ["/identity"]
        assert "x-plex-token" not in desk.state.instruments.calls[0].headers


async def test_a_library_is_asked_only_where_it_is_named(bench, film):
    async with bench("plex") as desk:
        with pytest.raises(NotIndexed):
            await desk.server.outputs(desk.target(film, library_id="2"))

        assert desk.asked("GET", "/library/sections/1/all") == []


async def test_an_unknown_file_has_its_own_folder_scanned_once(bench):
    async with bench("plex", index_delay=9.0) as desk:
        desk.add("films/New & old (2020)/New.mkv")

        with pytest.raises(NotIndexed, match="asked by GET /library/sections/1/refresh"):
            await desk.server.outputs(desk.target("films/New & old (2020)/New.mkv"))

        (scan,) = desk.asked("*", "/library/sections/*/refresh")
        assert scan.query == {"path": "/data/films/New & old (2020)"}


async def test_a_file_in_the_root_of_a_library_never_starts_a_scan(bench):
    async with bench("plex") as desk:
        desk.add("films/Loose.mkv")

        with pytest.raises(NotIndexed, match="never scanned"):
            await desk.server.outputs(desk.target("films/Loose.mkv"))

        assert desk.asked("*", "*/refresh") == []


async def test_a_file_of_no_section_starts_no_scan(bench):
    async with bench("plex") as desk:
        stray = PublishTarget("/elsewhere/a/b.mkv", ("/elsewhere/a/b.mkv",), Rendition(320, 5000))

        with pytest.raises(NotIndexed, match="no section"):
            await desk.server.outputs(stray)

        assert desk.asked("*", "*/refresh") == []


async def test_a_server_that_wants_post_is_asked_so_from_then_on(bench):
    async with bench("plex", index_delay=99.0, scan_methods=frozenset({"POST"})) as desk:
        desk.add("films/New/New.mkv")
        for _ in range(2):
            with pytest.raises(NotIndexed):
                await desk.server.outputs(desk.target("films/New/New.mkv"))

        methods = [call.method for call in desk.asked("*", "/library/sections/1/refresh")]
        assert methods == ["GET", "POST", "POST"]


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
        ("/tv/Show/e.mkv", ["/tv", "/tv/Show"], ""),
        ("/tv2/Show/e.mkv", ["/tv"], ""),
        ("/tv/e.mkv", ["/tv"], ""),
        ("/a/e.mkv", [""], ""),
        ("D:\\TV\\Show\\e.mkv", ["d:\\tv"], "d:\\tv\\Show"),
        ("\\\\nas\\tv\\Show\\e.mkv", ["\\\\NAS\\tv"], "\\\\NAS\\tv\\Show"),
    ],
)
def test_a_scan_covers_the_files_own_folder_strictly_below_its_location(path, locations, folder):
    plan = layout.plan_scan(path, locations)

    assert plan.folder == folder
    assert bool(plan.reason) == (not folder)
