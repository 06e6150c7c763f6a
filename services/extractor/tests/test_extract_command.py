import argparse
import json
from pathlib import Path

import pytest

from framewright.chassis.testing.media import read_timecode
from framewright.extractor.adapters.command import add_arguments, run
from framewright.formats.bif import read_bif
from framewright.formats.webvtt import read_vtt

KEYS = {
    "frames",
    "slots",
    "decoded",
    "holes",
    "path",
    "bytes_read",
    "file_bytes",
    "wall_s",
    "cpu_s",
    "device",
    "warnings",
    "refused",
}


@pytest.fixture
def command():
    def go(*arguments: object) -> int:
        parser = argparse.ArgumentParser(prog="framewright extract")
        add_arguments(parser)
        return run(parser.parse_args([str(argument) for argument in arguments]))

    return go


@pytest.fixture
def whole(film) -> Path:
    return film("command.mkv", seconds=22, b_frames=2, audio=True)


@pytest.fixture
def truncated(whole, tmp_path) -> Path:
    path = tmp_path / "truncated.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def left(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_whole_film_gives_a_file_per_slot_and_exit_code_0(command, whole, tmp_path) -> None:
    out = tmp_path / "out"

    code = command(whole, "--out", out)

    assert code == 0
    assert left(out) == [f"{slot * 5000:011d}-{slot:06d}.jpg" for slot in range(5)]
    for name in left(out):
        number = read_timecode((out / name).read_bytes())
        assert number * 1000 // 24 // 5000 == int(name.split("-")[1].removesuffix(".jpg"))


def test_stats_are_the_last_line_on_stdout(command, whole, tmp_path, capsys) -> None:
    command(whole, "--out", tmp_path / "out", "--stats", "json")

    stats = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(stats) == KEYS
    assert (stats["path"], stats["slots"], stats["holes"], stats["device"]) == ("index", 5, 0, "cpu")
    assert stats["bytes_read"] > 0
    assert stats["file_bytes"] == whole.stat().st_size


def test_a_truncated_film_gives_its_real_pictures_and_exit_code_3(command, truncated, tmp_path, capsys) -> None:
    out = tmp_path / "out"

    code = command(truncated, "--out", out, "--stats", "json")

    assert code == 3
    assert len(left(out)) == 3
    stats = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (stats["path"], stats["holes"]) == ("linear", stats["slots"] - 3)


@pytest.mark.parametrize(
    "arguments",
    [(), ("--width", 321), ("--interval", 0), ("--stall-timeout", 0.001)],
    ids=["text", "width", "interval", "stall"],
)
def test_nothing_to_be_had_is_one_line_exit_code_1_and_nothing_left_behind(
    arguments, command, whole, tmp_path, capsys
) -> None:
    text = tmp_path / "text.mkv"
    text.write_text("no film")

    code = command(whole if arguments else text, "--out", tmp_path / "deep" / "out", *arguments)

    said = capsys.readouterr()
    assert code == 1
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert left(tmp_path) == ["text.mkv"]


def test_a_name_that_is_not_utf_8_is_refused_by_name(command, tmp_path, capsys) -> None:
    code = command(tmp_path / "caf\udce9.mkv", "--out", tmp_path / "out")

    assert code == 1
    assert capsys.readouterr().err == "framewright extract: the name of the file is not UTF-8\n"


def test_a_folder_that_cannot_be_written_to_is_named(command, whole, tmp_path, capsys) -> None:
    (tmp_path / "file").write_text("in the way")

    code = command(whole, "--out", tmp_path / "file" / "out")

    assert code == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_bif_holds_one_picture_per_slot(command, whole, tmp_path) -> None:
    command(whole, "--format", "bif", "--interval", 2, "--width", 240, "--out", tmp_path / "out")

    bif = read_bif((tmp_path / "out" / "command-240-2.bif").read_bytes())
    assert bif.times_ms == tuple(range(0, 22_000, 2000))


def test_trickplay_and_webvtt_are_written_as_their_players_expect(command, whole, tmp_path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "kept.txt").write_text("not ours")

    codes = [command(whole, "--format", kind, "--out", out) for kind in ("trickplay", "trickplay", "webvtt")]

    assert codes == [0, 0, 0]
    assert left(out) == ["320 - 10x10", "kept.txt", "sprite-0.jpg", "thumbnails.vtt"]
    assert left(out / "320 - 10x10") == ["0.jpg"]
    assert len(read_vtt((out / "thumbnails.vtt").read_text())) == 5
    assert left(tmp_path) == ["out"]


def test_the_folder_is_named_after_the_film_when_none_is_given(command, whole, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    command(whole, "--mode", "fast")

    assert left(tmp_path) == ["command-previews"]


def test_the_report_says_what_was_found_read_and_spent(command, whole, tmp_path, capsys) -> None:
    command(whole, "--out", tmp_path / "out")

    said = capsys.readouterr()
    title, *subjects = said.out.splitlines()
    assert title == f"{whole} -> {tmp_path / 'out'} (jpg)"
    assert [line.split()[0] for line in subjects] == ["pictures", "path", "read", "time", "device"]
    assert subjects[0].split(maxsplit=1)[1] == "5 of 320x180 for 5 slots"
    assert subjects[1].split(maxsplit=1)[1].startswith("index, ")
    assert f"of {whole.stat().st_size / 1e6:.1f} MB (" in subjects[2]
    assert said.err == ""


def test_the_report_of_a_truncated_film_warns_and_counts_its_holes(command, truncated, tmp_path, capsys) -> None:
    command(truncated, "--out", tmp_path / "out")

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("2 without one of their own")
    assert any(line.split()[0] == "warning" and "cut off" in line for line in lines)


def test_quiet_says_nothing_of_a_success_and_everything_of_a_failure(command, whole, tmp_path, capsys) -> None:
    codes = [command(path, "--quiet", "--out", tmp_path / "out") for path in (whole, tmp_path / "missing.mkv")]

    said = capsys.readouterr()
    assert (codes, said.out) == ([0, 1], "")
    assert said.err.startswith("framewright extract: ")


def test_several_widths_come_from_one_decode_and_lie_apart(command, whole, tmp_path, capsys) -> None:
    out = tmp_path / "out"

    command(whole, "--out", out, "--width", 320, "--width", 160, "--stats", "json")
    for kind in ("bif", "trickplay", "webvtt"):
        command(whole, "--out", out, "--width", 320, "--width", 160, "--format", kind, "--quiet")

    bifs, tiles = ["command-160-5.bif", "command-320-5.bif"], ["160 - 10x10", "320 - 10x10"]
    assert left(out) == sorted(["160", "320", *bifs, *tiles])
    assert left(out / "160") == ["sprite-0.jpg", "thumbnails.vtt"]
    assert json.loads(capsys.readouterr().out)["decoded"] == 5


def test_a_device_that_is_not_there_leaves_the_work_to_the_cpu_and_is_named(command, whole, tmp_path, capsys) -> None:
    code = command(whole, "--device", "/dev/dri/renderD999", "--out", tmp_path / "out", "--stats", "json")

    stats = json.loads(capsys.readouterr().out)
    assert (code, stats["device"], stats["holes"]) == (0, "cpu", 0)
    assert any("/dev/dri/renderD999" in warning for warning in stats["warnings"])
