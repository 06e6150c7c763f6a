"""Writing: whole or not at all, only where it may, and as its neighbours are."""

import os
from pathlib import Path

import pytest

from framewright.domain.errors import Reject, Retry
from framewright.domain.publishing import Located, OutputKind
from framewright.formats.bif import read_bif
from framewright.publisher.adapters import writer
from framewright.publisher.adapters.writer import present, write

from .full_disks import a_disk_that_takes

KINDS = list(OutputKind)
FOLDERS = [OutputKind.TRICKPLAY, OutputKind.WEBVTT]

rooted = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_present_until_it_is_gone_or_empty(tmp_path, film, output, kind):
    located = Located((output(kind, tmp_path),))
    assert not present(located)

    write(located, film())
    assert present(located)

    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in found:
        path.write_bytes(b"")
    assert not present(located)
    for path in found:
        path.unlink()
    assert not present(located)


def test_a_width_folder_holds_numbered_sheets_and_nothing_else(tmp_path, film, output):
    tiles = output(OutputKind.TRICKPLAY, tmp_path)

    write(Located((tiles,)), film(9))

    assert names(tmp_path) == ["Film [2001].trickplay"]
    assert names(tmp_path / "Film [2001].trickplay") == ["320 - 2x2"]
    assert names(tmp_path / "Film [2001].trickplay" / "320 - 2x2") == ["0.jpg", "1.jpg", "2.jpg"]


def test_a_shorter_film_leaves_no_sheets_of_the_longer_one(tmp_path, film, output):
    tiles = output(OutputKind.TRICKPLAY, tmp_path)
    write(Located((tiles,)), film(12))

    write(Located((tiles,)), film(3))

    assert names(tmp_path / "Film [2001].trickplay" / "320 - 2x2") == ["0.jpg"]


def test_other_widths_stay_as_they_are(tmp_path, film, output):
    other = output(OutputKind.TRICKPLAY, tmp_path, width=640)
    write(Located((other,)), film(shade=10))
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in tmp_path.rglob("640*/*")}

    for shade in (20, 30):
        write(Located((output(OutputKind.TRICKPLAY, tmp_path),)), film(shade=shade))

    assert {path: (path.stat().st_ino, path.read_bytes()) for path in tmp_path.rglob("640*/*")} == before
    assert len(before) == 3


@rooted
@pytest.mark.parametrize("kind", KINDS)
def test_owner_and_mode_are_those_of_the_folder_that_receives(tmp_path, film, output, kind):
    place = tmp_path / "media"
    place.mkdir()
    os.chown(place, 1234, 4321)
    place.chmod(0o2775)

    for _ in range(2):
        write(Located((output(kind, place),)), film())

    made = [path.stat() for path in place.rglob("*")]
    assert {(one.st_uid, one.st_gid) for one in made} == {(1234, 4321)}
    modes = {oct(one.st_mode) for one in made}
    assert modes == ({"0o100664"} if kind is OutputKind.BIF else {"0o100664", "0o42775"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_root_is_never_created(tmp_path, film, output, kind):
    with pytest.raises(Retry, match="not mounted") as refused:
        write(Located((output(kind, tmp_path / "media"),)), film())

    assert refused.value.code == "UNWRITABLE"
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", KINDS)
def test_missing_folders_below_the_root_are_created(tmp_path, film, output, kind):
    deep = output(kind, tmp_path / "a" / "b")

    located = Located((type(deep)(deep.kind, deep.path, str(tmp_path), deep.rendition, 2, 2),))
    write(located, film())

    assert present(located)


def test_a_file_where_a_folder_should_be_stays_and_is_named(tmp_path, film, output):
    in_the_way = tmp_path / "Film [2001].trickplay"
    in_the_way.write_text("mine")

    with pytest.raises(Retry, match=r"Film \[2001\].trickplay/320 - 2x2 cannot be written: Not a directory") as refused:
        write(Located((output(OutputKind.TRICKPLAY, tmp_path),)), film())

    assert refused.value.code == "UNWRITABLE"
    assert in_the_way.read_text() == "mine"
    assert names(tmp_path) == ["Film [2001].trickplay"]


def test_a_folder_where_a_file_should_be_stays_and_is_named(tmp_path, film, output):
    bif = output(OutputKind.BIF, tmp_path)
    Path(bif.path, "kept").mkdir(parents=True)

    with pytest.raises(Retry, match="cannot be written: Is a directory"):
        write(Located((bif,)), film())

    assert names(tmp_path) == ["Film [2001]-320-5.bif"]
    assert names(Path(bif.path)) == ["kept"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_old_output_whole_and_no_rest(tmp_path, film, output, kind):
    located = Located((output(kind, tmp_path),))
    write(located, film(shade=10))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with a_disk_that_takes(600), pytest.raises(Retry, match="File too large") as refused:
        write(located, film(shade=200))

    assert refused.value.code == "UNWRITABLE"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert names(tmp_path) == [Path(located.outputs[0].path).relative_to(tmp_path).parts[0]]


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_picture_that_is_none_leaves_the_old_output_whole_and_no_rest(tmp_path, film, output, kind):
    located = Located((output(kind, tmp_path),))
    write(located, film())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    good = film()
    broken = type(good)(good.manifest, (*good.pictures[:-1], b"no picture"))

    with pytest.raises(Reject):
        write(located, broken)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_after_a_failure_the_outputs_before_it_stay_written(tmp_path, film, output):
    bif, tiles = output(OutputKind.BIF, tmp_path), output(OutputKind.TRICKPLAY, tmp_path)
    (tmp_path / "Film [2001].trickplay").write_text("in the way")

    with pytest.raises(Retry):
        write(Located((bif, tiles)), film())

    assert present(Located((bif,)))
    assert not present(Located((bif, tiles)))


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_link_in_the_place_of_a_folder_is_replaced_and_what_it_points_to_stays(tmp_path, film, output, kind):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("mine")
    tiles = output(kind, tmp_path)
    Path(tiles.path).parent.mkdir(exist_ok=True)
    Path(tiles.path).symlink_to(elsewhere)

    write(Located((tiles,)), film())

    assert present(Located((tiles,)))
    assert not Path(tiles.path).is_symlink()
    assert names(elsewhere) == ["kept"]
    assert [name for name in names(tmp_path) if name.startswith(".")] == []


def test_a_link_in_the_place_of_a_file_is_replaced_and_what_it_points_to_stays(tmp_path, film, output):
    (tmp_path / "target").write_text("mine")
    bif = output(OutputKind.BIF, tmp_path)
    Path(bif.path).symlink_to(tmp_path / "target")

    write(Located((bif,)), film())

    assert (tmp_path / "target").read_text() == "mine"
    assert len(read_bif(Path(bif.path).read_bytes()).frames) == 12


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_dangling_link_is_replaced_too(tmp_path, film, output, kind):
    tiles = output(kind, tmp_path)
    Path(tiles.path).parent.mkdir(exist_ok=True)
    Path(tiles.path).symlink_to(tmp_path / "nowhere")

    write(Located((tiles,)), film())

    assert present(Located((tiles,)))


def test_two_renames_take_the_place_of_an_exchange_and_leave_nothing_behind(tmp_path):
    draft, final = tmp_path / ".framewright-1", tmp_path / "final"
    for folder in (draft, final):
        folder.mkdir()
        (folder / folder.name).touch()

    writer._swap(draft, final)

    assert names(tmp_path) == ["final"]
    assert names(final) == [".framewright-1"]


def test_the_old_folder_is_back_when_the_second_rename_fails(tmp_path):
    final = tmp_path / "final"
    final.mkdir()
    (final / "old").touch()

    with pytest.raises(FileNotFoundError):
        writer._swap(tmp_path / ".framewright-gone", final)

    assert names(tmp_path) == ["final"]
    assert names(final) == ["old"]
