"""Places that cannot be written: the request waits and says why, what was there stays as it was, and nobody else is held up."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.server import Server
from framewright.domain.errors import Retry
from framewright.domain.outcome import Outcome
from framewright.formats.bif import read_bif
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings

from .closed_places import anybody, of_somebody_else, read_only, require_modes

pytestmark = pytest.mark.integration

ALL = {"formats": ("bif", "trickplay")}
APART = {"Films": LibrarySettings(True, True, False)}

OWNERS = ("beside the film", "a folder of outputs", "bundles of Plex", "the data folder of Jellyfin")
WAYS = {"a read-only disk": read_only, "folders of somebody else": of_somebody_else}


@dataclass(frozen=True)
class Owner:
    """A server that owns the film, and the folder below which its outputs go."""

    server: Server
    place: Path


@dataclass(frozen=True)
class Remade:
    """How an attempt was refused, and all that lay there before it, after it, and after the next one."""

    code: str
    before: dict[str, bytes | None]
    kept: dict[str, bytes | None]
    after: dict[str, bytes | None]


@pytest.fixture
def owning(desk):
    """`async with owning("bundles of Plex") as owner`."""

    @asynccontextmanager
    async def run(where: str):
        apart = {"save_with_media": False, "folder": str(desk.data / "outputs"), **ALL}
        (desk.data / "outputs").mkdir()
        if where == "beside the film":
            yield Owner(desk.server(output=ALL), desk.media)
        elif where == "a folder of outputs":
            yield Owner(desk.server(output=apart), desk.data / "outputs")
        elif where == "bundles of Plex":
            async with desk.simulated("plex") as server:
                yield Owner(server, desk.data)
        else:
            options: dict[str, Any] = {"libraries": APART, "trickplay": TrickplaySettings(interval=5000)}
            async with desk.simulated("jellyfin", **options) as server:
                yield Owner(server, desk.data)

    return run


@pytest.fixture
def other(desk, tmp_path):
    """Another server that owns the same film and keeps its outputs elsewhere."""

    def make() -> Server:
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        return desk.server(server_id="s2", output={"save_with_media": False, "folder": str(folder), **ALL})

    return make


def tree(place: Path) -> dict[str, bytes | None]:
    """All that lies below: what a file holds, None for a folder."""
    found = sorted(place.rglob("*"))
    return {str(path.relative_to(place)): None if path.is_dir() else path.read_bytes() for path in found}


def there(outputs: Iterable[str]) -> list[bool]:
    return [Path(output).exists() for output in outputs]


def readable(held: dict[str, bytes | None]) -> list[str]:
    """The previews among these, each read as a player reads it."""
    found = {name: data for name, data in held.items() if data and name.endswith((".bif", ".jpg"))}
    for name, data in found.items():
        if name.endswith(".bif"):
            assert len(read_bif(data).frames) == 12
        else:
            Image.open(BytesIO(data)).load()
    return list(found)


everywhere = pytest.mark.parametrize("where", OWNERS)
either_way = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(autouse=True)
async def as_anybody(desk):
    """Nothing on the disk is done with the rights of root."""
    require_modes(desk.data)
    with anybody():
        yield


@pytest.fixture
def remade(desk, later):
    """Make the outputs of a film once more while a place is closed; the refusal, and what its server has before and after it."""

    async def run(owner: Owner, request: PublishRequestedV1, closed: AbstractContextManager[str]) -> Remade:
        before, again = tree(owner.place), later(request, 60, regenerate=True)
        await desk.put_frames(again, shade=200)
        with closed as why, pytest.raises(Retry, match=f"cannot be written: {why}") as refused:
            await desk.answers(again)
        kept = tree(owner.place)
        await desk.answers(again)
        return Remade(refused.value.code, before, kept, tree(owner.place))

    return run


@everywhere
@either_way
async def test_the_old_outputs_stay_until_the_place_can_be_written_again(desk, owning, remade, where, way):
    async with owning(where) as owner:
        request = desk.request(owner.server)
        await desk.put_frames(request)
        await desk.answers(request)

        found = await remade(owner, request, WAYS[way](owner.place))

    assert found.code == "UNWRITABLE"
    assert found.kept == found.before
    assert readable(found.kept) == readable(found.after) != []
    assert all(found.after[name] != found.before[name] for name in readable(found.kept))


@pytest.mark.parametrize(("where", "above"), [("bundles of Plex", 2), ("the data folder of Jellyfin", 0)])
async def test_the_folder_of_one_film_that_belongs_to_somebody_else_keeps_what_it_holds(
    desk, owning, remade, where, above
):
    async with owning(where) as owner:
        request = desk.request(owner.server)
        await desk.put_frames(request)
        (output,) = (await desk.handle(request)).outputs

        found = await remade(owner, request, of_somebody_else(Path(output).parents[above]))

    assert found.code == "UNWRITABLE"
    assert found.kept == found.before
    assert readable(found.kept) == readable(found.after) != []


@everywhere
@either_way
async def test_nothing_is_left_behind_where_nothing_was(desk, owning, where, way):
    async with owning(where) as owner:
        request = desk.request(owner.server)
        await desk.put_frames(request)
        before = tree(owner.place)
        with WAYS[way](owner.place) as why, pytest.raises(Retry, match=why) as refused:
            await desk.answers(request)
        kept = tree(owner.place)
        await desk.answers(request)

    assert refused.value.code == "UNWRITABLE"
    assert (kept, readable(kept)) == (before, [])
    assert await desk.record(request) is not None
    assert readable(tree(owner.place)) != []


@everywhere
@either_way
async def test_other_servers_get_their_outputs_of_the_film_all_the_same(desk, owning, other, where, way):
    async with owning(where) as owner:
        refused, welcome = desk.request(owner.server), desk.request(other())
        await desk.put_frames(refused)
        with WAYS[way](owner.place):
            with pytest.raises(Retry):
                await desk.answers(refused)
            fact = await desk.handle(welcome)

    assert fact.outcome is Outcome.PUBLISHED
    assert there(fact.outputs) == [True] * 3


@either_way
async def test_operators_read_why_a_file_waits_and_the_next_try_ends_it(open_office, other, way):
    async with open_office() as office:
        server, healthy = await office.add(output=ALL), other()
        await office.config.add_server(healthy)
        with WAYS[way](office.desk.media) as why:
            request, elsewhere = [await office.order(one) for one in (server, healthy)]
            waiting = await office.settled(request, "waiting")
            await office.settled(elsewhere, "published")
        assert await office.bus.fire_now("PUBLISH", request.waiting_subject())
        published = await office.settled(request, "published")

    assert waiting["code"] == "UNWRITABLE"
    assert waiting["reason"].endswith(f"cannot be written: {why}")
    assert waiting["next_try"]
    assert there(published["outputs"]) == [True] * 3
