"""Scans as they run in ingest: what they queue, what they leave alone, how they stop and go on."""

from datetime import timedelta

import msgspec
import pytest

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import FILES, JOB_STATE, SCANS
from framewright.contracts.facts import JobCreatedV1, ScanProgressedV1
from framewright.contracts.jobs import JobControl, Processing
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.contracts.scans import ScanKind, ScanRequestedV1, ScanState, scan_key
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint
from framewright.domain.media import media_id
from framewright.domain.ownership import ExcludeRule, Library, PathMapping

pytestmark = pytest.mark.integration


@pytest.fixture
def media(tmp_path):
    for name in ("a/One.mkv", "a/Two.mp4", "b/deep/Three.avi", "Loose.webm"):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"film")
    return tmp_path / "media"


@pytest.fixture
def ask(bus):
    """Asks for a scan; answers its id."""

    async def send(job_id="scan1", **changes):
        fields = {"job_id": job_id, "title": "Disk", "source": "test", "requested_at": now(), **changes}
        await Outgoing(bus).send(ScanRequestedV1(**fields))
        return job_id

    return send


@pytest.fixture
def ended(stored):
    """The last word of a scan, once it was said."""

    async def wait(job_id="scan1", seconds=10.0):
        async def is_there():
            return any(one.finished and one.job_id == job_id for one in await stored(ScanProgressedV1))

        await until(is_there, seconds)
        return [one for one in await stored(ScanProgressedV1) if one.job_id == job_id][-1]

    return wait


@pytest.fixture
def publish(bus):
    """Remembers the outputs of a file as fresh."""

    async def remember(path, server_id="disk", stage=Stage.SHOWN, **changes):
        status = path.stat()
        version = FileVersion(status.st_size, status.st_mtime_ns)
        mark = fingerprint(version, Rendition(320, 5000), Picture())
        fields = {"fingerprint": mark, "requested_at": now(), "outputs": (), "stage": stage, "at": now(), **changes}
        key = record_key(media_id(str(path)), server_id)
        await Bucket(bus, FILES.name).put(key, msgspec.json.encode(PublishRecord(**fields)))

    return remember


async def test_a_scan_counts_first_and_queues_what_has_no_outputs(ingest, media, folder_server, ask, ended, stored):
    async with ingest(servers=[folder_server(str(media))]):
        await ask()
        last = await ended()

        (job,) = await stored(JobCreatedV1)
        changes = await stored(MediaChangedV1)
    assert (job.job_id, job.total, job.kind, job.title) == ("scan1", 4, "full_library", "Disk")
    assert (last.total, last.count.checked, last.count.queued) == (4, 4, 4)
    assert {(one.job_id, one.lane, one.source) for one in changes} == {("scan1", Lane.LOW, "scan")}
    assert len({one.key for one in changes}) == 4


async def test_what_is_fresh_is_not_queued(ingest, media, folder_server, ask, ended, stored, publish):
    await publish(media / "a" / "One.mkv")
    await publish(media / "a" / "Two.mp4", stage=Stage.WRITTEN)
    await publish(media / "Loose.webm", outputs=(f"{media}/Loose.trickplay/320 - 10x10",))

    async with ingest(servers=[folder_server(str(media))]):
        await ask()
        last = await ended()
        queued = {one.path for one in await stored(MediaChangedV1)}

    assert (last.count.up_to_date, last.count.queued) == (1, 3)
    assert str(media / "a" / "One.mkv") not in queued


async def test_a_file_that_changed_since_is_queued(ingest, media, folder_server, ask, ended, publish):
    await publish(media / "a" / "One.mkv")
    (media / "a" / "One.mkv").write_bytes(b"a better film")

    async with ingest(servers=[folder_server(str(media))]):
        await ask()

        assert (await ended()).count.up_to_date == 0


async def test_everything_is_queued_when_all_shall_be_made_anew(
    ingest, media, folder_server, ask, ended, stored, publish
):
    await publish(media / "a" / "One.mkv")

    async with ingest(servers=[folder_server(str(media))]):
        await ask(regenerate=True, lane=Lane.MID)
        last = await ended()
        changes = await stored(MediaChangedV1)

    assert last.count.queued == 4
    assert {(one.regenerate, one.lane) for one in changes} == {(True, Lane.MID)}


async def test_excluded_files_are_counted_and_left_alone(ingest, media, folder_server, ask, ended):
    server = folder_server(str(media), exclude_paths=(ExcludeRule(str(media / "a")),))

    async with ingest(servers=[server]):
        await ask()
        last = await ended()

    assert (last.count.excluded, last.count.queued, last.total) == (2, 2, 4)


async def test_libraries_are_scanned_where_they_lie_here_and_none_twice(ingest, media, folder_server, ask, ended):
    roots = ("/volume1/films/a", "/volume1/films", "/volume1/films/b")
    server = folder_server(*roots, path_mappings=(PathMapping("/volume1/films", str(media)),))

    async with ingest(servers=[server]):
        await ask()

        assert (await ended()).count.checked == 4


async def test_a_file_of_two_servers_is_looked_at_once(ingest, media, folder_server, ask, ended, stored):
    other = folder_server(str(media / "a"), id="other")

    async with ingest(servers=[folder_server(str(media)), other]):
        await ask()
        last = await ended()
        changes = await stored(MediaChangedV1)

    assert (last.total, last.count.checked, last.count.queued) == (4, 4, 4)
    assert len(changes) == 4


async def test_only_the_libraries_that_are_asked_for_are_gone_through(ingest, media, folder_server, ask, ended):
    server = folder_server(
        libraries=(Library("1", "A", "", (str(media / "a"),)), Library("2", "B", "", (str(media / "b"),)))
    )

    async with ingest(servers=[server]):
        await ask(library_ids=("2",))

        assert (await ended()).count.checked == 1


async def test_what_came_before_the_lookback_is_left_out(ingest, media, folder_server, ask, ended):
    async with ingest(servers=[folder_server(str(media))]):
        await ask("late", kind=ScanKind.RECENTLY_ADDED, lookback_hours=0.25, requested_at=now() + timedelta(hours=1))
        await ask("soon", kind=ScanKind.RECENTLY_ADDED, lookback_hours=0.25)

        assert (await ended("late")).count.checked == 0
        assert (await ended("soon")).count.checked == 4


async def test_a_folder_that_is_away_waits_and_the_others_go_on(ingest, media, folder_server, ask, stored):
    away = folder_server("/nowhere/at/all", id="away")

    async with ingest(servers=[away, folder_server(str(media))]):
        await ask()

        async def is_waited_for():
            told = await stored(ScanProgressedV1)
            return bool(told) and told[-1].count.queued == 4 and "cannot be read" in told[-1].note

        await until(is_waited_for)
        assert not any(one.finished for one in await stored(ScanProgressedV1))


async def test_a_cancelled_scan_ends_without_another_file(ingest, bus, media, folder_server, ask, ended, stored):
    control = msgspec.json.encode(JobControl(cancelled_at=now()))
    await Bucket(bus, JOB_STATE.name).put("control.scan1", control)

    async with ingest(servers=[folder_server(str(media))]):
        await ask()
        last = await ended()

    assert (last.note, last.count.checked) == ("cancelled", 0)
    assert not await stored(MediaChangedV1)


async def test_a_scan_waits_while_work_is_paused_and_goes_on_when_it_is_not(
    ingest, bus, media, folder_server, ask, ended, stored
):
    async with ingest(servers=[folder_server(str(media))]) as desk:
        await desk.config.pause(Processing(paused=True))
        await ask()

        async def is_put_back():
            return bool(await bus.subjects(SCANS.name, "wait.scan.*"))

        await until(is_put_back)
        assert not await stored(MediaChangedV1)
        await desk.config.pause(Processing(paused=False))

        assert (await ended()).count.queued == 4


async def test_a_scan_rests_after_its_stop_time_and_is_taken_up_where_it_was(
    ingest, bus, media, folder_server, ask, ended, stored
):
    async with ingest(servers=[folder_server(str(media))]):
        await ask(stop_at=now() - timedelta(seconds=1))

        async def rests():
            return any("rests" in one.note for one in await stored(ScanProgressedV1))

        await until(rests)
        assert not await bus.subjects(SCANS.name, "*.scan.>")
        await ask(requested_at=now() + timedelta(seconds=1))
        last = await ended()

    assert last.count.queued == 4
    assert len(await stored(JobCreatedV1)) == 1


@pytest.mark.parametrize(
    ("hours", "changes", "note"),
    [
        (1, {}, ""),
        (1, {"auto_requeue_on_restart": False}, "auto_requeue_on_restart is off"),
        (13, {}, "more than 720 minutes ago"),
    ],
)
async def test_an_interrupted_scan_is_taken_up_as_the_settings_say(
    ingest, bus, media, folder_server, ask, ended, hours, changes, note
):
    long_ago = now() - timedelta(hours=hours)
    state = ScanState(job_id="scan1", at=long_ago, interrupted_at=long_ago)
    await Bucket(bus, JOB_STATE.name).put(scan_key("scan1"), msgspec.json.encode(state))

    async with ingest(servers=[folder_server(str(media))], stored_settings=changes):
        await ask()
        last = await ended()

    assert note in last.note
    assert bool(last.note) == bool(note)


async def test_enabled_folder_servers_are_scanned_once_at_start(ingest, media, folder_server, ended, stored):
    off = folder_server(str(media / "b"), id="off", enabled=False)

    async with ingest(servers=[folder_server(str(media)), off], scan_on_start=True):

        async def all_there():
            return len(await stored(MediaChangedV1)) == 4

        await until(all_there)
        assert [(job.server_id, job.title) for job in await stored(JobCreatedV1)] == [("disk", "Disk")]
