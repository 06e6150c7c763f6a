"""After a rename: outputs are moved and not made anew, whole at every moment, whatever is killed in between."""

import shutil
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Joined, Outgoing
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.record import Stage
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import PathMapping
from framewright.domain.publishing import Located, OutputKind
from framewright.publisher.adapters.mover import move
from framewright.publisher.adapters.writer import write
from framewright.publisher.handlers.removal import on_removal_requested

pytestmark = pytest.mark.integration

ALL = {"formats": ("bif", "trickplay")}


@pytest.fixture
def renamed(desk):
    """Publish the film, then rename it; the request for its new name, of which there are no frames."""

    async def make(server, *, keep: bool = False):
        before = desk.request(server)
        await desk.put_frames(before)
        await desk.handle(before)
        new = desk.media / "films/Film (2001)/Film (2001).mkv"
        new.parent.mkdir()
        (new.write_bytes(b"film") if keep else desk.video.rename(new))
        return before, desk.request(server, path=str(new), previous_path=str(desk.video), job_ids=("renamed",))

    return make


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below, by its name without that of the film."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".mkv"]
    names = {
        path: str(path.relative_to(folder)).replace("Film (2001)", "*").replace("Film [2001]", "*") for path in files
    }
    return {names[path]: path.read_bytes() for path in files}


async def test_outputs_go_with_the_renamed_video_and_no_frame_is_read(desk, renamed):
    server = desk.server(output=ALL)
    _, request = await renamed(server)
    before = contents(desk.place)

    fact = await desk.handle(request)

    new = Path(request.path).parent
    assert fact.outcome is Outcome.PUBLISHED
    assert contents(new) == before
    assert list(desk.place.iterdir()) == []
    assert (await desk.record(request)).path == request.path
    assert await desk.publisher.record(media_id(request.previous_path), "s1") is None


async def test_a_copy_that_stays_where_it_was_keeps_its_outputs(desk, renamed):
    before, request = await renamed(desk.server(output=ALL), keep=True)

    await desk.handle(request)

    assert contents(Path(request.path).parent) == contents(desk.place)
    assert (await desk.record(before)).outputs != (await desk.record(request)).outputs


async def test_old_outputs_that_are_gone_are_made_from_frames_again(desk, renamed):
    _, request = await renamed(desk.server())
    shutil.rmtree(desk.place / "Film [2001].previews")

    assert isinstance(await desk.handle(request), ExtractRequestedV1)


async def test_outputs_that_are_made_anew_after_a_rename_take_the_old_ones_away(desk, renamed):
    before, request = await renamed(desk.server(output=ALL))
    anew = msgspec.structs.replace(request, regenerate=True)
    await desk.put_frames(anew, shade=200)

    fact, removal = await desk.answers(anew)
    context = Context(1, now(), 1, Outgoing(desk.bus).send, Outgoing(desk.bus).show, None)
    removed, *_ = await on_removal_requested(removal, context, publisher=desk.publisher)

    assert (fact.outcome, removed.outcome) == (Outcome.PUBLISHED, Outcome.REMOVED)
    assert list(desk.place.iterdir()) == []
    assert (removed.job_ids, await desk.record(before)) == ((), None)
    assert contents(Path(request.path).parent) != {}


async def test_a_plex_bundle_stays_in_its_place_and_is_remembered_of_the_new_path(desk):
    async with desk.simulated("plex") as server:
        before = desk.request(server)
        await desk.put_frames(before)
        await desk.handle(before)
        old = await desk.record(before)
        named = str(desk.media / "films/Old name.mkv")
        await desk.publisher.remember(media_id(named), "s1", msgspec.structs.replace(old, path=named))
        await desk.publisher.memory.forget(before.path_id, "s1")
        await desk.evict()

        fact, *_ = await desk.answers(msgspec.structs.replace(before, previous_path=named))

    assert (fact.outcome, fact.outputs) == (Outcome.ADOPTED, old.outputs)
    assert await desk.publisher.record(media_id(named), "s1") is None


async def test_a_renamed_video_has_its_server_look_at_both_names(desk, renamed):
    async with desk.simulated("emby"):
        _, request = await renamed(desk.server("emby", path_mappings=(PathMapping("/data", str(desk.media)),)))

        answers = await desk.answers(request)

    (wish,) = [one.message for one in answers if isinstance(one, Joined)]
    assert [(one.cause, one.path, one.previous) for one in wish.changed] == [
        (
            ChangeKind.RENAMED,
            "/data/films/Film (2001)/Film (2001).mkv",
            "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv",
        )
    ]


async def test_servers_that_share_outputs_move_them_once_and_both_remember_it(desk, renamed):
    servers = [desk.server(output={"formats": ("bif",)}), desk.server(server_id="s2", output={"formats": ("bif",)})]
    second = desk.request(servers[1])
    await desk.put_frames(second)
    await desk.handle(second)
    _, request = await renamed(servers[0])
    await desk.evict()

    facts = [await desk.handle(request)]
    facts.append(await desk.handle(msgspec.structs.replace(request, target=second.target)))

    assert [fact.outcome for fact in facts] == [Outcome.PUBLISHED] * 2


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, 4, 5])
async def test_a_move_that_is_cut_off_anywhere_is_finished_the_next_time(desk, renamed, killed_after):
    _, request = await renamed(desk.server(output=ALL))
    before = contents(desk.place)
    publisher = desk.publisher
    desk.publisher = dying(publisher, killed_after)
    with pytest.raises(KilledError):
        await desk.handle(request)

    desk.publisher = publisher
    assert {*contents(desk.place), *contents(Path(request.path).parent)} == set(before)
    fact, *_ = await desk.answers(request)

    assert fact.outcome in {Outcome.PUBLISHED, Outcome.UP_TO_DATE}
    assert contents(Path(request.path).parent) == before
    assert (await desk.record(request)).stage is Stage.TOLD


@pytest.mark.parametrize("kind", [OutputKind.TRICKPLAY, OutputKind.WEBVTT])
def test_what_is_not_ours_goes_along_as_it_is_on_one_disk(tmp_path, film, output, kind):
    old, new = (output(kind, tmp_path / name) for name in ("old", "new"))
    for one in (old, new):
        Path(one.root).mkdir()
    write(Located((old,)), film())
    Path(old.path, "notes.txt").write_text("mine")
    Path(old.path, "notes.txt").chmod(0o600)

    move(old.path, new)

    notes = Path(new.path, "notes.txt")
    assert (notes.read_text(), notes.stat().st_mode & 0o777) == ("mine", 0o600)
    assert not Path(old.path).exists()


class KilledError(Exception):
    """Stands for the end of the process."""


class Mortal:
    """Does what the real one does until the steps are used up; then the process is dead."""

    def __init__(self, real, steps: list[int]):
        self._real = real
        self._steps = steps

    def __getattr__(self, name):
        act = getattr(self._real, name)
        return until_dead(act, self._steps) if name in {"move", "forget"} else act


def until_dead(act, steps: list[int]):
    async def run(*args, **named):
        if not steps[0]:
            raise KilledError
        steps[0] -= 1
        return await act(*args, **named)

    return run


def dying(publisher, after: int):
    """The same publisher, dead after so many steps: the intent, each of three outputs, the new record, the old one gone."""
    steps = [after]
    return replace(
        publisher,
        remember=until_dead(publisher.remember, steps),
        disk=Mortal(publisher.disk, steps),
        memory=Mortal(publisher.memory, steps),
    )
