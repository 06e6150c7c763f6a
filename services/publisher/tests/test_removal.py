"""When a video is gone: what goes with it, what stays, and when nobody dares to remove anything."""

import dataclasses
import shutil
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.delivery import Context
from framewright.chassis.outgoing import Joined, Outgoing
from framewright.contracts.catalogue import FILES, JOB_STATE
from framewright.contracts.orphans import CONFIRMED_PREFIX
from framewright.contracts.publish import RefreshWantedV1, RemovalRequestedV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.domain.errors import Retry
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.publisher.adapters.guard import RemovalGuard
from framewright.publisher.handlers.removal import on_removal_requested

pytestmark = pytest.mark.integration

ALL = {"formats": ("bif", "trickplay")}


@pytest.fixture
def removal(desk):
    """The request that the router would send when the film is said to be gone."""

    def make(request, **changes) -> RemovalRequestedV1:
        fields = {
            "job_ids": ("gone1",),
            "path": request.path,
            "path_id": request.path_id,
            "target": request.target,
            "roots": (f"{desk.media}/films",),
            "requested_at": now(),
        }
        return RemovalRequestedV1(**{**fields, **changes})

    return make


@pytest.fixture
def remove(desk):
    """Treat a removal as a delivery would."""

    async def handle(request: RemovalRequestedV1):
        async with AsyncExitStack() as stack:
            outgoing = Outgoing(desk.bus)
            context = Context(1, now(), 1, outgoing.send, outgoing.show, stack)
            return await on_removal_requested(request, context, publisher=desk.publisher)

    return handle


@pytest.fixture
def published(desk):
    """Publish the film for a server; the neighbour keeps the library from looking unmounted."""

    async def make(server, path: Path | None = None):
        request = desk.request(server, path=str(path or desk.video))
        await desk.put_frames(request)
        await desk.handle(request)
        (desk.media / "films/Other").mkdir(exist_ok=True)
        return request

    return make


def is_there(path: str) -> bool:
    return Path(path).exists()


def precious(path: str) -> str:
    """A file that nobody may remove; those of the system are precious already."""
    if not path.startswith("/etc/"):
        Path(path).write_bytes(b"precious")
    return path


def left(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*")}


async def test_exactly_the_outputs_of_the_gone_video_go(desk, published, removal, remove):
    request = await published(desk.server(output=ALL))
    (desk.place / "poster.jpg").write_bytes(b"ours not")
    (desk.place / "Film [2001].trickplay/640 - 10x10").mkdir()
    desk.video.unlink()

    (fact,) = await remove(removal(request))

    assert (fact.outcome, len(fact.outputs), fact.job_ids) == (Outcome.REMOVED, 3, ("gone1",))
    assert left(desk.place) == {"poster.jpg", "Film [2001].trickplay", "Film [2001].trickplay/640 - 10x10"}
    assert await desk.record(request) is None


async def test_folders_made_for_the_outputs_go_with_the_last_of_them(desk, published, removal, remove):
    mirror = desk.media / "previews"
    mirror.mkdir()
    server = desk.server(output={"save_with_media": False, "folder": str(mirror), "formats": ("trickplay",)})
    request = await published(server)
    assert left(mirror)
    shutil.rmtree(desk.place)

    await remove(removal(request))

    assert left(mirror) == set()


async def test_a_video_that_is_there_keeps_everything(desk, published, removal, remove):
    request = await published(desk.server())
    before = left(desk.place)

    (fact,) = await remove(removal(request))

    assert (fact.outcome, fact.reason) == (Outcome.UP_TO_DATE, "the video is there")
    assert left(desk.place) == before


async def test_a_link_whose_target_is_away_counts_as_a_video(desk, published, removal, remove):
    request = await published(desk.server())
    desk.video.unlink()
    desk.video.symlink_to("/nowhere/at/all.mkv")

    (fact,) = await remove(removal(request))

    assert fact.outcome is Outcome.UP_TO_DATE


@pytest.mark.parametrize("empty", [True, False])
async def test_nothing_is_removed_while_a_library_looks_unmounted(desk, published, removal, remove, empty):
    request = await published(desk.server())
    mount = desk.media / "films2"
    mount.mkdir() if empty else None
    desk.video.unlink()
    before = left(desk.place)

    with pytest.raises(Retry) as raised:
        await remove(removal(request, roots=(f"{desk.media}/films", str(mount))))

    assert raised.value.code == "MOUNT_MISSING"
    assert "looks unmounted" in raised.value.reason
    assert left(desk.place) == before


async def test_of_what_was_never_made_only_the_server_is_told(desk, removal, remove):
    async with desk.simulated("emby") as server:
        desk.video.rename(desk.media / "films/another.mkv")

        fact, wish = await remove(removal(desk.request(server)))

    assert (fact.outcome, fact.reason) == (Outcome.REMOVED, "nothing was made of it")
    assert isinstance(wish, Joined)
    (changed,) = wish.message.changed
    assert (type(wish.message), changed.cause) == (RefreshWantedV1, ChangeKind.DELETED)
    assert changed.path == "/data/films/Film [2001] {tmdb-1}/Film [2001].mkv"


async def test_a_replacement_of_the_same_name_keeps_the_outputs_it_shares(desk, published, removal, remove):
    server = desk.server()
    request = await published(server)
    await published(server, desk.video.rename(desk.video.with_suffix(".mp4")))

    (fact,) = await remove(removal(request))

    assert fact.outputs == ()
    assert "serves" in fact.reason
    assert (desk.place / "Film [2001].previews/thumbnails.vtt").exists()


async def test_a_bundle_that_another_living_video_shares_stays(desk, published, removal, remove):
    async with desk.simulated("plex") as server:
        request = await published(server)
        record = await desk.record(request)
        copy = desk.media / "films/Other/Copy.mkv"
        copy.write_bytes(b"film")
        await desk.publisher.remember(media_id(str(copy)), "s1", msgspec.structs.replace(record, path=str(copy)))
        desk.video.unlink()

        fact, _ = await remove(removal(request))
        assert (fact.outputs, is_there(record.outputs[0])) == ((), True)

        copy.unlink()
        again = removal(request, path=str(copy), path_id=media_id(str(copy)))
        fact, _ = await remove(again)
    assert (fact.outputs, is_there(record.outputs[0])) == (record.outputs, False)


@pytest.mark.parametrize(
    "output",
    [
        "/etc/hostname",
        "{place}/Film [2001].mkv.bif",
        "{place}/Another-320-5.bif",
        "{place}/poster.jpg",
        "{place}/../Film [2001]-320-5.bif",
    ],
)
async def test_a_record_that_names_something_else_removes_nothing(desk, published, removal, remove, output):
    request = await published(desk.server())
    named = output.format(place=desk.place)
    record = msgspec.structs.replace(await desk.record(request), outputs=(precious(named),))
    await desk.publisher.remember(request.path_id, "s1", record)
    desk.video.unlink()

    (fact,) = await remove(removal(request))

    assert (fact.outcome, fact.outputs) == (Outcome.REMOVED, ())
    assert is_there(named)


async def test_a_folder_that_holds_more_than_ours_keeps_the_rest(desk, published, removal, remove):
    request = await published(desk.server())
    (desk.place / "Film [2001].previews/notes.txt").write_text("mine")
    desk.video.unlink()

    (fact,) = await remove(removal(request))

    assert "holds more than this system makes" in fact.reason
    assert left(desk.place) == {"Film [2001].previews", "Film [2001].previews/notes.txt"}


async def test_tiles_behind_a_link_are_left_alone(desk, published, removal, remove):
    request = await published(desk.server(output=ALL))
    elsewhere = desk.media / "elsewhere"
    (desk.place / "Film [2001].trickplay").rename(elsewhere)
    (desk.place / "Film [2001].trickplay").symlink_to(elsewhere)
    before = left(elsewhere)
    desk.video.unlink()

    (fact,) = await remove(removal(request))

    assert "is a link" in fact.reason
    assert left(elsewhere) == before


async def test_a_video_that_comes_back_at_the_last_moment_keeps_its_outputs(desk, published, removal, remove):
    class Slow:
        async def hold(self, _request):
            desk.video.write_bytes(b"back")
            return ""

    request = await published(desk.server())
    desk.video.unlink()
    desk.publisher = dataclasses.replace(desk.publisher, guard=Slow())

    (fact,) = await remove(removal(request))

    assert fact.outcome is Outcome.UP_TO_DATE
    assert (desk.place / "Film [2001].previews/thumbnails.vtt").exists()
    assert await desk.record(request) is not None


async def test_nothing_is_removed_for_a_job_that_was_cancelled(desk, published, removal, remove):
    request = await published(desk.server())
    desk.video.unlink()
    desk.cancelled.add("gone1")

    (fact,) = await remove(removal(request))

    assert fact.outcome is Outcome.CANCELLED
    assert (desk.place / "Film [2001].previews").exists()


async def test_a_forgotten_record_leaves_no_way_back_to_it(desk, published, removal, remove):
    async with desk.simulated("plex") as server:
        request = await published(server)
        files, output = Bucket(desk.bus, FILES.name), (await desk.record(request)).outputs[0]
        assert len(await files.get_many(["output.>"])) == 1
        assert await desk.publisher.memory.sharers(output, "another") == [request.path]
        desk.video.unlink()

        await remove(removal(request))

    assert await files.get_many(["output.>"]) == {}


async def test_removals_that_are_held_are_counted_again_only_after_a_while(desk, published, removal):
    time = [1000.0]
    guard = RemovalGuard(desk.bus, desk.publisher.memory, lambda: time[0])
    request = removal(await published(desk.server()))
    for number in range(60):
        await Outgoing(desk.bus).send(removal(request, path_id=media_id(str(number))))
    assert "60 removals" in await guard.hold(request)
    await desk.bus.purge("PUBLISH", "remove.v1.>")

    assert "60 removals" in await guard.hold(request)
    time[0] += 6
    assert await guard.hold(request) == ""


async def test_many_removals_at_once_wait_for_the_word_of_an_operator(desk, published, removal, remove):
    request = await published(desk.server())
    desk.video.unlink()
    for number in range(60):
        await Outgoing(desk.bus).send(removal(request, path_id=media_id(str(number))))

    with pytest.raises(Retry) as raised:
        await remove(removal(request))
    assert raised.value.code == "MASS_DELETION"
    assert 'POST /api/orphans/confirm {"server_id": "s1"}' in raised.value.reason
    assert (desk.place / "Film [2001].previews").exists()

    await Bucket(desk.bus, JOB_STATE.name).put(f"{CONFIRMED_PREFIX}s1", b"1", seconds=60)
    (fact,) = await remove(removal(request))
    assert fact.outcome is Outcome.REMOVED


async def test_what_is_little_of_a_big_library_needs_no_word(desk, published, removal, remove):
    request = await published(desk.server())
    desk.video.unlink()
    files = Bucket(desk.bus, FILES.name)
    record = PublishRecord(fingerprint="x", requested_at=now(), outputs=(), stage=Stage.TOLD, at=now())
    for number in range(1300):
        await files.put(record_key(f"{number:032x}", "s1"), msgspec.json.encode(record))
    for number in range(60):
        await Outgoing(desk.bus).send(removal(request, path_id=media_id(str(number))))

    (fact,) = await remove(removal(request))

    assert fact.outcome is Outcome.REMOVED


async def test_a_request_whose_video_went_meanwhile_writes_nothing(desk, published):
    request = await published(desk.server())
    before = left(desk.place) - {desk.video.name}
    desk.video.unlink()

    fact = await desk.handle(msgspec.structs.replace(request, regenerate=True, requested_at=now()))

    assert fact.outcome is Outcome.FILE_MISSING
    assert left(desk.place) == before


async def test_the_service_removes_what_was_published_and_asks_for_a_look(desk, open_office):
    async with desk.simulated("emby"), open_office() as office:
        server = await office.add("emby")
        request = await office.order(server)
        (desk.media / "films/Other").mkdir()
        assert await office.fact(request)
        desk.video.unlink()

        await Outgoing(desk.bus).send(
            RemovalRequestedV1(
                job_ids=("gone1",),
                path=request.path,
                path_id=request.path_id,
                target=request.target,
                roots=(f"{desk.media}/films",),
                requested_at=now(),
            )
        )
        fact = await office.settled(request, "removed")

    assert fact["outputs"] == [str(desk.place / "Film [2001]-320-5.bif")]
    assert left(desk.place) == set()
    assert await desk.bus.count("PUBLISH", "wait.refresh.>") == 1
