"""A removal that is killed anywhere: what it leaves is never taken for an output, and done again it takes the rest."""

import signal
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from framewright.chassis.bus import delete_consumer
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.catalogue import LOCKS, PUBLISH
from framewright.contracts.publish import RemovalRequestedV1
from framewright.domain.publishing import Located, Output, OutputKind
from framewright.publisher.adapters.remover import remove
from framewright.publisher.adapters.writer import present, write
from framewright.publisher.domain.removal import Doomed
from framewright.vendors import output_place

from .conftest import KEY
from .doorman import Doorman
from .dying import survives
from .whole import CHECKS, held

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Shelf:
    """Previews of a gone film among what is not to be touched: other widths, another film, foreign files, a lone link."""

    output: Output
    doomed: Doomed
    root: Path

    def tree(self) -> dict[str, object]:
        """All that lies here and what it holds; the gone film's own output left out."""
        ours = Path(self.output.path)
        return {str(path): told(path) for path in self.root.rglob("*") if not path.is_relative_to(ours)}


def told(path: Path) -> object:
    """What tells whether an entry is untouched."""
    if path.is_symlink():
        return path.readlink()
    return "folder" if path.is_dir() else (path.stat().st_ino, path.read_bytes())


def doomed(output: Output, *above: str) -> Doomed:
    place = output_place("folder", output.path)
    assert place is not None
    return Doomed(output.path, place.kind, (*place.made, *above))


@pytest.fixture
def shelf(tmp_path, film, output):
    """A fresh shelf each time it is asked for."""
    numbers = count()

    def make(kind: OutputKind, *, alone: bool = False) -> Shelf:
        root = tmp_path / f"shelf{next(numbers)}" / "Films/Film"
        root.mkdir(parents=True)
        ours = output(kind, root)
        write(Located((ours,)), film(shade=80))
        if alone:
            return Shelf(ours, doomed(ours, str(root), str(root.parent)), root.parents[1])
        another = Output(kind, ours.path.replace("Film [2001]", "Film [2001] 2"), str(root), ours.rendition, 2, 2)
        write(Located((output(kind, root, width=640), another)), film(shade=200))
        (root / "poster.jpg").write_bytes(b"ours not")
        (root / "Film [2001] 3.previews").symlink_to("/nowhere")
        return Shelf(ours, doomed(ours), root)

    return make


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_removal_killed_at_any_step_leaves_a_whole_output_or_none_and_nothing_else_changed(shelf, kind):
    for step in count(1):
        one = shelf(kind)
        before = one.tree()

        alive = survives(step, partial(remove, one.doomed), one.root)

        if present(Located((one.output,))):
            CHECKS[kind](Path(one.output.path))
        assert one.tree() == before
        assert remove(one.doomed) == ""
        assert one.tree() == before
        assert not Path(one.output.path).exists()
        if alive:
            break
    assert step > (1 if kind is OutputKind.BIF else 4)


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_removal_killed_at_any_step_takes_the_folders_made_for_the_output_when_done_again(shelf, kind):
    for step in count(1):
        one = shelf(kind, alone=True)

        alive = survives(step, partial(remove, one.doomed), one.root)

        assert remove(one.doomed) == ""
        assert list(one.root.iterdir()) == []
        if alive:
            break
    assert step > 3


@pytest.mark.parametrize("kind", [OutputKind.TRICKPLAY, OutputKind.WEBVTT])
def test_a_removal_killed_at_any_step_leaves_what_others_put_into_the_folder(shelf, kind):
    for step in count(1):
        one = shelf(kind)
        Path(one.output.path, "notes.txt").write_text("mine")

        alive = survives(step, partial(remove, one.doomed), one.root)

        assert "holds more than this system makes" in remove(one.doomed)
        assert held(one.output.path) == {"notes.txt": b"mine"}
        if alive:
            break
    assert step > 3


@pytest.mark.parametrize("kind", list(OutputKind))
def test_what_a_killed_writer_left_of_an_output_goes_with_it(shelf, film, kind):
    one = shelf(kind)
    before = one.tree()
    for step in range(1, 12):
        survives(step, partial(write, Located((one.output,)), film(shade=10)), one.root)
    assert one.tree() != before

    assert remove(one.doomed) == ""

    assert one.tree() == before


BEFORE = {
    "it forgets": "HPUB $KV.files.",
    "it tells": "HPUB events.v1.settled.",
    "it asks for a look": "HPUB wait.refresh.",
    "it acks": "PUB $JS.ACK.PUBLISH.",
}
"""The steps of a removal after its files are gone, and what the publisher says to the broker for each."""


@pytest.fixture
async def deleted(desk, open_office, tmp_path):
    """A film that was published for an Emby and deleted; the removal is ordered, and no publisher is at work."""
    async with desk.simulated("emby"):
        async with open_office() as office:
            request = await office.order(await office.add("emby"))
            await office.settled(request, "adopted")
        (desk.media / "films/Other").mkdir()
        desk.video.unlink()
        order = RemovalRequestedV1(
            job_ids=("gone1",),
            path=request.path,
            path_id=request.path_id,
            target=request.target,
            roots=(f"{desk.media}/films",),
            requested_at=now(),
        )
        await Outgoing(desk.bus).send(order)
        yield request


async def a_minute_later(bus) -> None:
    """Leases of the dead are over, and what they did not ack is handed out once more."""
    await bus.purge(f"KV_{LOCKS.name}", "$KV.locks.>")
    await delete_consumer(bus, PUBLISH.name, "remove-emby-s1")


@pytest.mark.parametrize("step", BEFORE)
async def test_a_publisher_killed_after_the_files_are_gone_is_followed_by_one_that_ends_it(
    desk, server, deleted, open_office, tmp_path, step
):
    settings = {"CONFIG_DIR": str(tmp_path / "config"), "FRAMEWRIGHT_SECRET_KEY": KEY}

    status = await Doorman(server.port, BEFORE[step]).let_in("-m", "framewright.publisher", **settings)

    assert status == -signal.SIGKILL
    assert (list(desk.place.iterdir()), await desk.record(deleted) is None) == ([], step != "it forgets")
    await a_minute_later(desk.bus)
    async with open_office() as office:
        await office.settled(deleted, "removed")
        await until(partial(is_acked, desk.bus))
    assert await desk.record(deleted) is None
    assert await desk.bus.count(PUBLISH.name, "wait.refresh.>") == 1


async def is_acked(bus) -> bool:
    return await bus.count(PUBLISH.name, "remove.v1.>") == 0
