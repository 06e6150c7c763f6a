"""The folder server: WebVTT beside the video or mirrored, extra formats in the same place, nobody to tell."""

import pytest

from framewright.domain.errors import Reject
from framewright.domain.publishing import OutputKind


async def test_web_previews_lie_beside_the_video(bench, film):
    async with bench("folder") as desk:
        (output,) = (await desk.server.outputs(desk.target(film))).outputs

        folder = (desk.media / film).parent
        assert (output.kind, output.path, output.root) == (
            OutputKind.WEBVTT,
            f"{folder}/Film (2001).previews",
            str(folder),
        )


async def test_extra_formats_are_named_as_their_servers_name_them(bench, film):
    async with bench("folder", configured={"output": {"formats": ("bif", "trickplay")}}) as desk:
        outputs = (await desk.server.outputs(desk.target(film))).outputs

        folder = (desk.media / film).parent
        assert [output.path for output in outputs] == [
            f"{folder}/Film (2001).previews",
            f"{folder}/Film (2001)-320-10.bif",
            f"{folder}/Film (2001).trickplay/320 - 10x10",
        ]


async def test_outputs_can_be_mirrored_below_a_folder_of_their_own(bench, film, tmp_path):
    (tmp_path / "out").mkdir()
    output = {"save_with_media": False, "folder": str(tmp_path / "out"), "formats": ("bif",)}
    async with bench("folder", configured={"output": output}) as desk:
        outputs = (await desk.server.outputs(desk.target(film))).outputs

        assert outputs[0].path == f"{tmp_path}/out/Film (2001) {{tmdb-1}}/Film (2001).previews"
        assert outputs[1].path == f"{tmp_path}/out/Film (2001) {{tmdb-1}}/Film (2001)-320-10.bif"
        assert {output.root for output in outputs} == {f"{tmp_path}/out"}


async def test_a_missing_output_folder_and_a_stray_file_are_refused(bench, film, episode, tmp_path):
    nowhere = {"save_with_media": False, "folder": str(tmp_path / "absent")}
    async with bench("folder", configured={"output": nowhere}) as desk:
        with pytest.raises(Reject) as missing:
            await desk.server.outputs(desk.target(film))
        (tmp_path / "absent").mkdir()
        with pytest.raises(Reject) as stray:
            await desk.server.outputs(desk.target(episode))

        assert missing.value.code == "OUTPUT_ROOT_MISSING"
        assert stray.value.code == "NOT_OWNED"


async def test_nobody_is_told(bench, film):
    async with bench("folder") as desk:
        located = await desk.server.outputs(desk.target(film))

        assert "nobody" in await desk.server.refresh(desk.target(film), located)
