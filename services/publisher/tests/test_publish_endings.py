"""How one request for one server ends, on a real bus and a real disk."""

import asyncio
import shutil
from datetime import timedelta

import pytest

from framewright.chassis.outgoing import Outgoing
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.record import Stage
from framewright.domain.errors import Busy, NotIndexed, Reject, Retry
from framewright.domain.frames import FileVersion, Picture, Rendition
from framewright.domain.outcome import Outcome
from framewright.formats.bif import read_bif
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

ALL = {"formats": ("bif", "trickplay")}


def written(desk):
    """Everything beside the video: what it is and which write made it."""
    return {
        path.relative_to(desk.place): path.stat().st_ino
        for path in desk.place.rglob("*")
        if path.is_file() and path != desk.video
    }


async def test_frames_become_outputs_that_are_remembered(desk):
    request = desk.request(desk.server(output=ALL))
    await desk.put_frames(request)

    fact = await desk.handle(request)

    record = await desk.record(request)
    assert (fact.outcome, fact.server_id, fact.pack) == (Outcome.PUBLISHED, "s1", request.pack)
    assert (record.stage, record.fingerprint, record.outputs) == (Stage.TOLD, request.fingerprint, fact.outputs)
    assert len(fact.outputs) == 3
    assert len(written(desk)) == 4


async def test_what_is_fresh_is_not_written_again_and_no_frame_is_read(desk, later):
    request = desk.request(desk.server(output=ALL))
    await desk.put_frames(request)
    first = await desk.handle(request)
    before = written(desk)
    await desk.evict()

    fact = await desk.handle(later(request, 60, job_ids=("job2",)))

    assert (fact.outcome, fact.outputs, fact.job_ids) == (Outcome.UP_TO_DATE, first.outputs, ("job2",))
    assert written(desk) == before


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_an_output_deleted_by_hand_is_written_again(desk, later, gone):
    request = desk.request(desk.server(output=ALL))
    await desk.put_frames(request)
    first = await desk.handle(request)
    lost = desk.place / first.outputs[gone]
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()

    fact = await desk.handle(later(request, 60))

    assert fact.outcome is Outcome.PUBLISHED
    assert len(written(desk)) == 4
    assert lost.exists()


async def test_a_regenerate_request_writes_once_although_all_is_fresh(desk, later):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    await desk.handle(request)
    before = written(desk)
    again = later(request, 60, regenerate=True)

    outcomes = [(await desk.handle(again)).outcome for _ in range(2)]

    after = written(desk)
    assert outcomes == [Outcome.PUBLISHED, Outcome.UP_TO_DATE]
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


async def test_another_version_or_picture_makes_the_output_stale(desk, later):
    server = desk.server()
    requests = [
        desk.request(server),
        desk.request(server, version=FileVersion(2000, 5)),
        desk.request(server, version=FileVersion(2000, 5), picture=Picture(quality=2)),
    ]

    outcomes = []
    for seconds, request in enumerate(requests):
        await desk.put_frames(request)
        outcomes.append((await desk.handle(later(request, seconds))).outcome)

    assert outcomes == [Outcome.PUBLISHED] * 3


@pytest.mark.parametrize("lost", ["*.m", "*.p0", "*.p1"])
async def test_evicted_frames_are_asked_for_again_for_this_server_alone(desk, lost):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    await desk.evict(request.pack + lost[1:])

    wish = await desk.handle(request)

    assert isinstance(wish, ExtractRequestedV1)
    assert (wish.targets, wish.job_ids, wish.path) == ((request.target,), request.job_ids, request.path)
    assert (wish.regenerate, wish.anew, wish.attempt) == (False, (320,), 2)
    assert wish.requested_at > request.requested_at
    assert written(desk) == {}
    assert await desk.record(request) is None


@pytest.mark.parametrize("part", ["m", "p0"])
async def test_damaged_frames_are_asked_for_again(desk, part):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    await desk.bus.publish(f"frames.v1.{request.pack}.{part}", b'{"schema": 1')

    assert isinstance(await desk.handle(request), ExtractRequestedV1)
    assert written(desk) == {}


async def test_a_request_for_frames_follows_from_those_before_it(desk):
    request = desk.request(desk.server(), reextracted=2)

    wish = await desk.handle(request)

    assert wish.attempt == 4


async def test_frames_that_are_gone_every_time_make_the_request_wait(desk):
    request = desk.request(desk.server(), reextracted=3)

    with pytest.raises(Retry) as waiting:
        await desk.handle(request)

    assert waiting.value.code == "FRAMES_MISSING"


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (TrickplaySettings(interval=7000), Rendition(320, 7000)),
        (TrickplaySettings(interval=5000, width_resolutions=[480]), Rendition(480, 5000)),
    ],
)
async def test_frames_of_another_rendition_than_the_server_wants_now_are_extracted_for_it(desk, options, wanted):
    libraries = {"Films": LibrarySettings(True, True, True)}
    async with desk.simulated("jellyfin", trickplay=options, libraries=libraries) as server:
        request = desk.request(server)
        await desk.put_frames(request)

        wish = await desk.handle(request)

        assert isinstance(wish, ExtractRequestedV1)
        assert [target.rendition for target in wish.targets] == [wanted]
        assert [target.server_id for target in wish.targets] == [server.id]
        assert written(desk) == {}


async def test_an_older_request_never_overwrites_a_newer_ones_output(desk, later):
    server = desk.server()
    old = desk.request(server)
    new = later(desk.request(server, version=FileVersion(2000, 5)), 60)
    for request in (old, new):
        await desk.put_frames(request)
    await desk.handle(new)
    before = written(desk)

    fact = await desk.handle(old)

    assert fact.outcome is Outcome.COALESCED
    assert written(desk) == before
    assert (await desk.record(old)).fingerprint == new.fingerprint


@pytest.mark.parametrize("regenerate", [False, True])
async def test_after_a_failed_telling_the_server_is_told_and_nothing_is_written(desk, regenerate):
    async with desk.simulated("emby") as server:
        request = desk.request(server, regenerate=regenerate)
        frames = await desk.put_frames(request)
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/Library/Media/Updated", times=1))
        with pytest.raises(Retry, match="503"):
            await desk.handle(request)
        before = written(desk)
        assert (await desk.record(request)).stage is Stage.WRITTEN
        await desk.evict()

        fact = await desk.handle(request)

        assert fact.outcome is Outcome.ADOPTED
        assert "/Library/Media/Updated" in fact.call
        assert written(desk) == before
        assert read_bif((desk.place / fact.outputs[0]).read_bytes()).frames == tuple(frames)
        assert len(desk.asked("POST", "/Library/Media/Updated")) == 2


async def test_a_delivery_that_comes_again_after_its_end_tells_nobody_twice(desk):
    async with desk.simulated("emby") as server:
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.handle(request)

        fact = await desk.handle(request)

        assert fact.outcome is Outcome.UP_TO_DATE
        assert len(desk.asked("POST", "/Library/Media/Updated")) == 1


async def test_refused_credentials_are_worth_another_try(desk):
    async with desk.simulated("plex", token="another") as server:
        with pytest.raises(Retry) as waiting:
            await desk.handle(desk.request(server))

    assert waiting.value.code == "UNAUTHORIZED"
    assert "s3cr3t" not in waiting.value.reason


async def test_a_missing_output_folder_is_worth_another_try(desk):
    output = {"save_with_media": False, "folder": str(desk.data / "not mounted")}

    with pytest.raises(Retry) as waiting:
        await desk.handle(desk.request(desk.server(output=output)))

    assert waiting.value.code == "OUTPUT_ROOT_MISSING"


async def test_a_folder_of_the_film_that_is_gone_is_worth_another_try(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    shutil.rmtree(desk.place)

    with pytest.raises(Retry, match="not mounted") as waiting:
        await desk.handle(request)

    assert waiting.value.code == "UNWRITABLE"
    assert not desk.place.exists()


async def test_a_film_outside_every_library_is_refused_for_good(desk):
    server = desk.server(output={"save_with_media": False, "folder": str(desk.data)})

    with pytest.raises(Reject) as refused:
        await desk.handle(desk.request(server, path=str(desk.media / "other" / "Film.mkv")))

    assert (type(refused.value), refused.value.code) == (Reject, "NOT_OWNED")


async def test_a_server_that_does_not_know_the_file_yet_gets_nothing(desk):
    async with desk.simulated("plex", index_delay=60.0) as server:
        new = desk.media / "films/New/New.mkv"
        new.parent.mkdir()
        new.write_bytes(b"new")
        request = desk.request(server, path=str(new))
        await desk.put_frames(request)

        with pytest.raises(NotIndexed):
            await desk.handle(request)

    assert list((desk.data / "Media/localhost").iterdir()) == []


async def test_a_removed_servers_request_is_cancelled(desk):
    request = desk.request(desk.server())
    desk.servers.clear()

    fact = await desk.handle(request)

    assert (fact.outcome, fact.server_id) == (Outcome.CANCELLED, "s1")
    assert "not configured any more" in fact.reason


async def test_two_deliveries_for_one_output_do_not_write_at_once(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)

    endings = await asyncio.gather(desk.handle(request), desk.handle(request), return_exceptions=True)

    assert sorted(type(ending).__name__ for ending in endings) == ["Busy", "FileSettledV1"]
    (busy,) = (ending for ending in endings if isinstance(ending, Busy))
    assert timedelta(seconds=busy.after) < timedelta(seconds=10)


async def test_two_servers_of_one_job_that_miss_their_frames_are_both_heard(desk):
    wishes = [await desk.handle(desk.request(desk.server(server_id=name))) for name in ("one", "two")]

    for wish in wishes:
        await Outgoing(desk.bus).send(wish)
        await desk.bus.purge("JOBS", "jobs.v1.>")

    state = await desk.bus.stream_state("JOBS")
    assert state[1] == 2


async def test_a_cancelled_job_is_published_no_further(desk):
    request = desk.request(desk.server())
    await desk.put_frames(request)
    desk.cancelled.add("job1")

    fact = await desk.handle(request)

    assert fact.outcome is Outcome.CANCELLED
    assert await desk.record(request) is None
