"""Moves on one disk and across two real ones: whole at every moment, whatever is killed, full or in the way."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

import msgspec
import pytest

from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Library
from framewright.domain.publishing import Located, Output, OutputKind
from framewright.publisher.adapters.mover import move
from framewright.publisher.adapters.remover import remove
from framewright.publisher.adapters.writer import present, write
from framewright.publisher.domain.removal import Doomed
from framewright.vendors import output_place

from .dying import survives
from .full_disks import a_disk_that_takes, on_a_small_disk
from .whole import COUNT, Reader, held

pytestmark = pytest.mark.integration

ELSEWHERE = ("/dev/shm", f"/run/user/{os.geteuid()}", "/var/tmp", str(Path.home()))
"""Where a second file system is likely; the first one is a tmpfs on nearly every Linux."""

MOVER = Path(__file__).with_name("a_moving_process.py")
FOLDERS = [OutputKind.TRICKPLAY, OutputKind.WEBVTT]

everything = pytest.mark.parametrize("kind", list(OutputKind))


@pytest.fixture
def other_disk(tmp_path):
    """A folder on another file system than that of the test."""
    for place in map(Path, ELSEWHERE):
        if os.access(place, os.W_OK | os.X_OK) and place.stat().st_dev != tmp_path.stat().st_dev:
            with tempfile.TemporaryDirectory(prefix="framewright-", dir=place) as folder:
                yield Path(folder)
            return
    pytest.skip(f"moves across disks are not tried: no second file system to write to in {', '.join(ELSEWHERE)}")


@pytest.fixture(params=["one disk", "two disks"])
def disks(request, tmp_path) -> tuple[Path, Path]:
    return tmp_path, tmp_path if request.param == "one disk" else request.getfixturevalue("other_disk")


@pytest.fixture
def movable(film, output):
    """Where an output lies and where it is to go, on these disks; folders of their own each time."""
    numbers = count()

    def make(kind: OutputKind, disks: tuple[Path, Path], pictures: int = COUNT) -> tuple[Output, Output]:
        number = next(numbers)
        roots = disks[0] / f"old{number}", disks[1] / f"new{number}"
        for root in roots:
            root.mkdir()
        old, new = (output(kind, root) for root in roots)
        write(Located((old,)), film(pictures, shade=80))
        return old, new

    return make


def tree(folder: str | Path) -> dict[str, bytes | None]:
    """All that lies in the folder: what a file holds, None for a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in Path(folder).rglob("*")
    }


def trees(*outputs: Output) -> list[dict[str, bytes | None]]:
    """All that lies below the root of each."""
    return [tree(one.root) for one in outputs]


def go_on(old: Output, new: Output) -> None:
    """What the handler does when the request comes again: it moves what lies in the old place and tidies that up."""
    if present(Located((old,))):
        move(old.path, new)
    assert present(Located((new,)))
    tidy(old.path)


@everything
def test_a_move_killed_at_any_step_leaves_a_whole_output_and_is_finished_the_next_time(disks, movable, kind):
    for step in count(1):
        old, new = movable(kind, disks)
        whole, before = held(old.path), tree(old.root)

        alive = survives(step, partial(move, old.path, new), Path(old.root), Path(new.root))

        assert whole in (held(old.path), held(new.path))
        go_on(old, new)
        assert trees(old, new) == [{}, before]
        if alive:
            break
    assert step > 3


async def test_a_move_across_disks_killed_at_any_step_is_finished_by_the_same_request(desk, other_disk):
    server = desk.server(output={"formats": ("trickplay",)})
    other = Library("10", "More films", "movie", (str(other_disk),))
    desk.servers["s1"] = msgspec.structs.replace(server, libraries=(*server.libraries, other))
    here, there = desk.video, other_disk / desk.video.name
    await desk.put_frames(desk.request(server), 250)
    await desk.handle(desk.request(server))
    await desk.evict()
    before = tree(here.parent)

    for step in count(1):
        request = desk.request(server, path=str(there), previous_path=str(here))
        alive = survives(step, partial(move_all, await begun(desk, request)), desk.media, other_disk)
        fact = await desk.handle(request)

        assert (fact.outcome, tree(here.parent), tree(there.parent)) == (Outcome.PUBLISHED, {}, before)
        assert await desk.publisher.record(media_id(str(here)), "s1") is None
        if alive:
            break
        here, there = there, here


async def begun(desk, request) -> list[tuple[str, Output]]:
    """Move the video, and say in its old record that the outputs follow, as the handler does first; which go where."""
    before, after = Path(request.previous_path), Path(request.path)
    shutil.move(before, after)
    old = await desk.publisher.record(media_id(str(before)), "s1")
    await desk.publisher.remember(media_id(str(before)), "s1", msgspec.structs.replace(old, moved_to=request.path_id))
    there = [path.replace(str(before.parent), str(after.parent)) for path in old.outputs]
    kinds = [output_place("folder", path).kind for path in there]
    outputs = [
        Output(kind, path, str(after.parent), Rendition(320, 5000)) for kind, path in zip(kinds, there, strict=True)
    ]
    return list(zip(old.outputs, outputs, strict=True))


def move_all(journeys: list[tuple[str, Output]]) -> None:
    """What the handler has done on the disks."""
    for before, output in journeys:
        move(before, output)
        tidy(before)


def tidy(path: str) -> None:
    place = output_place("folder", path)
    assert remove(Doomed(path, place.kind, place.made)) == ""


@everything
def test_a_kill_with_another_film_in_the_way_costs_that_film_its_place_and_ours_nothing(disks, movable, film, kind):
    for step in count(1):
        old, new = movable(kind, disks)
        write(Located((new,)), film(4, shade=200))
        whole, before = held(old.path), tree(old.root)

        alive = survives(step, partial(move, old.path, new), Path(old.root), Path(new.root))

        assert whole in (held(old.path), held(new.path))
        go_on(old, new)
        assert trees(old, new) == [{}, before]
        if alive:
            break
    assert step > 3


@everything
def test_a_copy_killed_at_any_step_leaves_the_old_one_as_it_was(disks, movable, kind):
    for step in count(1):
        old, new = movable(kind, disks)
        whole, before = held(old.path), tree(old.root)

        alive = survives(step, partial(move, old.path, new, keep=True), Path(old.root), Path(new.root))

        assert held(old.path) == whole
        assert held(new.path) in ({}, whole)
        move(old.path, new, keep=True)
        assert trees(old, new) == [before, before]
        if alive:
            break
    assert step > 3


@everything
def test_a_player_finds_a_whole_output_at_every_moment_of_a_journey(disks, movable, output, kind):
    here, there = disks
    old, first = movable(kind, disks)
    places = [first]
    for number in range(30):
        root = (here, there)[number % 2] / f"stop{number}"
        root.mkdir()
        places.append(output(kind, root))
    reader = Reader(kind, old.path, *(place.path for place in places))
    reader.start()

    for before, after in zip([old, *places], places, strict=False):
        move(before.path, after)
    reader.done.set()
    reader.join(5)

    assert reader.failure is None
    assert reader.reads > 10


@everything
def test_what_is_moved_gets_the_owner_and_mode_of_the_folder_that_receives_it(disks, movable, kind):
    old, new = movable(kind, disks)
    Path(new.root).chmod(0o2770)
    if os.geteuid() == 0:
        os.chown(new.root, 1234, 4321)
    wanted = Path(new.root).stat()

    move(old.path, new)

    for path in Path(new.root).rglob("*"):
        found = path.stat()
        assert (found.st_uid, found.st_gid) == (wanted.st_uid, wanted.st_gid)
        assert oct(found.st_mode & 0o7777) == ("0o2770" if path.is_dir() else "0o660")


@everything
def test_a_disk_that_fills_up_leaves_the_old_output_and_whatever_was_in_its_new_place(
    tmp_path, other_disk, movable, film, kind
):
    old, new = movable(kind, (tmp_path, other_disk))
    write(Located((new,)), film(4, shade=200))
    before = trees(old, new)

    with a_disk_that_takes(600), pytest.raises(Retry, match="cannot be written: File too large") as refused:
        move(old.path, new)

    assert refused.value.code == "UNWRITABLE"
    assert trees(old, new) == before


@everything
def test_a_full_disk_leaves_the_old_output_and_nothing_in_the_new_place(tmp_path, movable, kind):
    old, new = movable(kind, (tmp_path, tmp_path), 200)
    before = tree(old.root)
    small = partial(on_a_small_disk, "64k", Path(new.root))
    if small(["true"]).returncode:
        pytest.skip("a full disk is not tried: this machine lets nobody mount a small one")

    done = small([sys.executable, str(MOVER), kind, old.path, new.path, new.root])

    reason = f"{new.path} cannot be written: No space left on device"
    assert json.loads(done.stdout or done.stderr) == {"code": "UNWRITABLE", "reason": reason, "left": []}
    assert tree(old.root) == before


@pytest.mark.parametrize("kind", FOLDERS)
def test_what_is_not_ours_stays_behind_on_the_old_disk(tmp_path, other_disk, movable, kind):
    old, new = movable(kind, (tmp_path, other_disk))
    whole = held(old.path)
    Path(old.path, "notes").mkdir()
    Path(old.path, "notes/mine.txt").write_text("mine")

    move(old.path, new)

    assert held(new.path) == whole
    assert tree(old.path) == {"notes": None, "notes/mine.txt": b"mine"}


@pytest.mark.parametrize("make", [Path.touch, partial(Path.symlink_to, target="/nowhere")])
@pytest.mark.parametrize("kind", FOLDERS)
def test_a_file_or_a_link_in_the_way_of_a_folder_is_replaced(disks, movable, kind, make: Callable[[Path], None]):
    old, new = movable(kind, disks)
    whole = held(old.path)
    Path(new.path).parent.mkdir(exist_ok=True)
    make(Path(new.path))

    move(old.path, new)

    assert held(new.path) == whole
    assert not Path(old.path).exists()


def test_a_folder_in_the_way_of_a_file_stays_and_is_named(disks, movable):
    old, new = movable(OutputKind.BIF, disks)
    Path(new.path, "kept").mkdir(parents=True)
    before = trees(old, new)

    with pytest.raises(Retry, match="cannot be written: Is a directory"):
        move(old.path, new)

    assert trees(old, new) == before
