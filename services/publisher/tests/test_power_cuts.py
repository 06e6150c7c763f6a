"""A power cut at any step of a write, a move or a removal: what is on the disks then, whatever the kernel had written."""

import subprocess
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from itertools import count, product
from pathlib import Path

import pytest

from framewright.domain.publishing import Located, Output, OutputKind
from framewright.publisher.adapters.mover import move
from framewright.publisher.adapters.remover import remove
from framewright.publisher.adapters.writer import present, write
from framewright.publisher.domain.removal import Doomed

from .dying import survives
from .power import a_disk
from .whole import COUNT, held

pytestmark = pytest.mark.integration

KINDS = pytest.mark.parametrize("kind", [OutputKind.BIF, OutputKind.TRICKPLAY])


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    """Two disks that can be cut off."""
    place = tmp_path_factory.mktemp("disks")
    with ExitStack() as stack:
        try:
            pair = [stack.enter_context(a_disk(place, name)) for name in ("one", "two")]
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"power cuts are not tried: only root can mount a file system from a file here ({error})")
        yield pair


@pytest.fixture
def lying(film, output, request):
    """An output in a folder of its own on a disk, and the same in what a power cut left of that disk."""

    def make(kind, disk, name, shade=0):
        root = disk.folder / f"{request.node.name}-{name}"
        root.mkdir()
        one = output(kind, root)
        if shade:
            write(Located((one,)), film(COUNT, shade=shade))
        disk.flush()
        return one

    return make


def remains(one: Output, disk, folder: Path) -> tuple[bool, dict[str, bytes]]:
    """Whether an output is seen in its place in what a power cut left of its disk, and what lies there."""
    there = replace(one, path=str(folder / Path(one.path).relative_to(disk.folder)))
    return present(Located((there,))), held(there.path)


def left(one: Output, disk, folder: Path) -> dict[str, bytes]:
    """What lies in the output's place after a power cut; nothing where no output is seen."""
    seen, lying = remains(one, disk, folder)
    return lying if seen else {}


def left_of(one: Output, disk) -> tuple[dict[str, bytes], ...]:
    """The same, when as little was written as was asked for and when all was."""
    return disk.after_a_cut(partial(left, one, disk))


@KINDS
def test_an_output_that_is_replaced_is_the_old_one_or_the_new_one(disks, lying, film, kind):
    disk, _ = disks
    old, new = (held(lying(kind, disk, shade, shade).path) for shade in (80, 200))

    for step in count(1):
        one = lying(kind, disk, step, 80)
        alive = survives(step, partial(write, Located((one,)), film(COUNT, shade=200)), disk.folder)
        least, most = left_of(one, disk)

        assert least in (old, new)
        assert most in (old, new)
        if alive:
            break
    assert least == new


@KINDS
def test_a_first_output_is_whole_or_not_there(disks, lying, film, kind):
    disk, _ = disks
    whole = held(lying(kind, disk, "whole", 200).path)

    for step in count(1):
        one = lying(kind, disk, step)
        alive = survives(step, partial(write, Located((one,)), film(COUNT, shade=200)), disk.folder)
        least, most = left_of(one, disk)

        assert least in ({}, whole)
        assert most in ({}, whole)
        if alive:
            break
    assert least == whole


@KINDS
def test_an_output_that_is_moved_across_disks_is_whole_on_one_of_them(disks, lying, kind):
    for step in count(1):
        old, new = (lying(kind, disk, step, shade) for disk, shade in zip(disks, (80, 0), strict=True))
        whole = held(old.path)
        alive = survives(step, partial(move, old.path, new), *(disk.folder for disk in disks))
        here, there = (left_of(one, disk) for one, disk in zip((old, new), disks, strict=True))

        assert all(whole in pair for pair in product(here, there))
        if alive:
            break
    assert (here[0], there[0]) == ({}, whole)


@KINDS
def test_an_output_that_is_moved_on_one_disk_is_whole_in_one_of_its_places(disks, lying, kind):
    disk, _ = disks

    for step in count(1):
        pair = [lying(kind, disk, f"{step}-{shade}", shade) for shade in (80, 0)]
        whole = held(pair[0].path)
        alive = survives(step, partial(move, pair[0].path, pair[1]), disk.folder)
        least, most = disk.after_a_cut(partial(both_left, pair, disk))

        assert whole in least
        assert whole in most
        if alive:
            break
    assert least == [{}, whole]


def both_left(pair, disk, folder: Path) -> list[dict[str, bytes]]:
    return [left(one, disk, folder) for one in pair]


@KINDS
def test_an_output_that_is_removed_is_whole_or_is_not_taken_for_one(disks, lying, kind):
    disk, _ = disks

    for step in count(1):
        one = lying(kind, disk, step, 80)
        whole = held(one.path)
        made = (str(Path(one.path).parent),) if kind is OutputKind.TRICKPLAY else ()
        alive = survives(step, partial(remove, Doomed(one.path, kind, made)), disk.folder)
        after = disk.after_a_cut(partial(remains, one, disk))

        assert all(lying == whole for seen, lying in after if seen)
        if alive:
            break
    assert after[0] == (False, {})
