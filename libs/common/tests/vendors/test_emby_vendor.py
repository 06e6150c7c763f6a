"""Emby: a BIF beside the video, noticed when its item is refreshed."""

import msgspec
import pytest

from framewright.domain.errors import Reject


async def test_the_sidecar_says_width_and_seconds_and_needs_no_call(bench, film):
    async with bench("emby") as desk:
        located = await desk.server.outputs(desk.target(film, interval_ms=5000))

        folder = (desk.media / film).parent
        assert located.outputs[0].path == f"{folder}/Film (2001)-320-5.bif"
        assert located.outputs[0].root == str(folder)
        assert list(desk.state.instruments.calls) == []


async def test_an_interval_that_the_name_cannot_say_is_refused(bench, film):
    async with bench("emby") as desk:
        with pytest.raises(Reject) as refused:
            await desk.server.outputs(desk.target(film, interval_ms=2500))

        assert refused.value.code == "BAD_RENDITION"


async def test_a_written_sidecar_is_shown_after_the_refresh(bench, film, bif, token):
    async with bench("emby") as desk:
        target = desk.target(film)
        located = await desk.server.outputs(target)
        written = bif()
        desk.put(located.outputs[0].path, written)

        await desk.server.refresh(target, located)

        (item_id,) = {call.path.split("/")[2] for call in desk.asked("POST", "/Items/*/Refresh")}
        url, headers = f"{desk.url}/Videos/{item_id}/index.bif?Width=320", {"X-Emby-Token": token}
        assert (await desk.http.get(url, headers=headers)).content == written
        url = f"{desk.url}/Items/{item_id}/ThumbnailSet?Width=320"
        thumbnails = (await desk.http.get(url, headers=headers)).json()["Thumbnails"]
        assert [row["PositionTicks"] for row in thumbnails] == [number * 100_000_000 for number in range(6)]


async def test_a_refresh_names_the_leaf_file_and_replaces_nothing(bench, film):
    async with bench("emby") as desk:
        located = await desk.server.outputs(desk.target(film))

        await desk.server.refresh(desk.target(film), located)

        (updated,) = desk.asked("POST", "/Library/Media/Updated")
        (refreshed,) = desk.asked("POST", "/Items/*/Refresh")
        assert msgspec.json.decode(updated.body) == {"Updates": [{"Path": f"/data/{film}", "UpdateType": "Modified"}]}
        assert "Recursive" in refreshed.query
        assert not any(name.startswith("Replace") for name in refreshed.query)


async def test_a_file_that_the_server_does_not_know_is_only_reported(bench):
    async with bench("emby", index_delay=60.0) as desk:
        desk.add("films/New/New.mkv")
        target = desk.target("films/New/New.mkv")

        said = await desk.server.refresh(target, await desk.server.outputs(target))

        assert said == "POST /Library/Media/Updated"
        assert desk.asked("POST", "/Items/*/Refresh") == []


async def test_an_older_server_lists_its_libraries_too(bench):
    async with bench("emby", has_folder_query=False) as desk:
        libraries = await desk.server.libraries()

        assert [library.name for library in libraries] == ["Films", "Series"]


async def test_the_base_path_emby_works_as_well(bench):
    async with bench("emby") as desk:
        identity = await desk.connect(url=f"{desk.url}/emby").identify()

        assert identity.name == "Simulated Emby"
