"""Scanning folder servers: exact counts, one job, taken up again after a crash."""

import os

import pytest

from framewright.chassis.testing.bus import until
from framewright.contracts.base import Lane
from framewright.contracts.facts import JobCreatedV1
from framewright.contracts.media import MediaChangedV1
from framewright.domain.errors import Retry
from framewright.domain.ownership import Library, PathMapping
from framewright.ingest.adapters.folders import videos_under
from framewright.ingest.handlers.scans import Scanner, scan_server


class Ledger:
    """What a scan sent and remembered; `breaks_after` messages the bus is gone."""

    def __init__(self, videos=videos_under) -> None:
        self.sent = []
        self.state = None
        self.breaks_after = 10**6
        self.scanner = Scanner(videos, self.send, self.load, self.save)

    async def send(self, message):
        if len(self.sent) >= self.breaks_after:
            raise Retry("the bus is gone")
        self.sent.append(message)

    async def load(self, _server_id):
        return self.state

    async def save(self, _server_id, state):
        self.state = state

    def of(self, kind):
        return [one for one in self.sent if isinstance(one, kind)]


@pytest.fixture
def media(tmp_path):
    names = ["a/One.mkv", "a/Two.MP4", "b/deep/er/Three.avi", "Loose.webm"]
    others = ["a/.Hidden.mkv", ".trash/Gone.mkv", "a/One.srt", "a/poster.jpg", "README", "a/One.previews/sprite-0.jpg"]
    for name in (*names, *others):
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "media"


def test_videos_come_in_order_without_hidden_and_other_files(media):
    found = [os.path.relpath(path, media) for path in videos_under(str(media))]

    assert found == ["Loose.webm", "a/One.mkv", "a/Two.MP4", "b/deep/er/Three.avi"]


def test_a_folder_link_is_not_walked_and_a_file_link_is_found(media):
    (media / "b" / "up").symlink_to(media)
    (media / "b" / "Linked.mkv").symlink_to(media / "a" / "One.mkv")

    found = [os.path.relpath(path, media / "b") for path in videos_under(str(media / "b"))]

    assert found == ["Linked.mkv", "deep/er/Three.avi"]


def test_a_folder_that_is_named_like_a_video_is_a_folder(media):
    (media / "Film.mkv").mkdir()
    (media / "Film.mkv" / "inner.mkv").touch()

    found = [os.path.relpath(path, media) for path in videos_under(str(media))]

    assert "Film.mkv" not in found
    assert "Film.mkv/inner.mkv" in found


def test_a_name_that_no_message_can_carry_is_left_out(media):
    (media / os.fsdecode(b"bad\xff.mkv")).touch()

    found = list(videos_under(str(media)))

    assert len(found) == 4


async def test_the_job_names_the_exact_count_first(media, folder_server):
    ledger = Ledger()

    job_id = await scan_server(folder_server(str(media)), ledger.scanner)

    (job,) = ledger.of(JobCreatedV1)
    assert ledger.sent[0] is job
    assert (job.job_id, job.total, job.kind, job.library_id) == (job_id, 4, "scan", "disk")
    changes = ledger.of(MediaChangedV1)
    assert {(one.job_id, one.lane, one.source) for one in changes} == {(job_id, Lane.LOW, "scan")}
    assert len({one.key for one in changes}) == 4


async def test_libraries_inside_each_other_count_no_file_twice(media, folder_server):
    ledger = Ledger()
    server = folder_server(str(media / "a"), str(media), f"{media}/", str(media / "b"))

    await scan_server(server, ledger.scanner)

    assert ledger.of(JobCreatedV1)[0].total == len(ledger.of(MediaChangedV1)) == 4


async def test_a_mapped_library_is_scanned_where_it_lies_here(media, folder_server):
    ledger = Ledger()
    server = folder_server("/volume1/films", path_mappings=(PathMapping("/volume1/films", str(media)),))

    await scan_server(server, ledger.scanner)

    assert ledger.of(JobCreatedV1)[0].total == 4


async def test_a_disabled_library_is_not_scanned(media, folder_server):
    ledger = Ledger()
    off = Library("2", "Off", "movie", (str(media / "b"),), enabled=False)
    server = folder_server(libraries=(Library("1", "On", "movie", (str(media / "a"),)), off))

    await scan_server(server, ledger.scanner)

    assert len(ledger.of(MediaChangedV1)) == 2


async def test_a_scan_that_broke_off_goes_on_under_its_own_job(media, folder_server):
    ledger = Ledger()
    ledger.breaks_after = 3
    with pytest.raises(Retry):
        await scan_server(folder_server(str(media)), ledger.scanner)
    begun = ledger.of(JobCreatedV1)[0].job_id
    ledger.breaks_after = 10**6

    again = await scan_server(folder_server(str(media)), ledger.scanner)
    later = await scan_server(folder_server(str(media)), ledger.scanner)

    assert again == begun
    assert later != begun
    of_the_first = [one for one in ledger.of(MediaChangedV1) if one.job_id == begun]
    assert len({one.dedupe_key() for one in of_the_first}) == 4, "what was sent twice is one message to the bus"


async def test_files_that_appear_during_the_scan_raise_the_total(media, folder_server):
    rounds = []

    def growing(root):
        rounds.append(root)
        if len(rounds) > 1:
            (media / "a" / "New.mkv").touch()
        return videos_under(root)

    ledger = Ledger(growing)

    await scan_server(folder_server(str(media)), ledger.scanner)

    assert [job.total for job in ledger.of(JobCreatedV1)] == [4, 5]


@pytest.mark.integration
async def test_enabled_folder_servers_are_scanned_at_start(ingest, media, folder_server, stored):
    off = folder_server(str(media / "b"), id="off", enabled=False)

    async with ingest(servers=[folder_server(str(media)), off], scan_on_start=True):

        async def all_there():
            return len(await stored(MediaChangedV1)) == 4

        await until(all_there)
        assert [job.library_id for job in await stored(JobCreatedV1)] == ["disk"]
