"""What operators ask for becomes messages."""

from datetime import UTC, datetime

import pytest

from framewright.contracts.base import Lane
from framewright.contracts.scans import ScanKind
from framewright.contracts.server import Library, Server
from framewright.domain.errors import Reject
from framewright.domain.ownership import PathMapping
from framewright.ui.domain.new_jobs import NewScan, NewWork, Start, change_of, manual_job, scan_job
from framewright.ui.domain.priorities import lane_for, priority_of

START = Start("job1", datetime(2026, 11, 20, 12, tzinfo=UTC))
SERVERS = [
    Server(id="a", type="plex", name="Attic", libraries=(Library(id="1", name="Films", enabled=True),)),
    Server(id="b", type="emby", name="Barn", enabled=False),
]


@pytest.mark.parametrize(("asked", "hours"), [(0.1, 0.25), (6.5, 6.5), (9999, 720.0)])
def test_the_look_back_is_kept_within_its_bounds(asked, hours):
    wish = NewScan(job_type=ScanKind.RECENTLY_ADDED, lookback_hours=asked)

    _, request = scan_job(wish, START, SERVERS)

    assert (request.lookback_hours, request.lane) == (hours, Lane.MID)


def test_a_scan_is_named_after_what_it_goes_through():
    titles = [
        scan_job(wish, START, SERVERS)[0].title
        for wish in (NewScan(library_id=1), NewScan(), NewScan(library_name="My films", library_ids=("1",)))
    ]

    assert titles == ["Films", "Attic", "My films"]


@pytest.mark.parametrize("wish", [NewScan(server_id="b"), NewScan(server_id="c"), NewScan(library_ids=("2",))])
def test_a_scan_of_what_is_not_there_is_refused(wish):
    with pytest.raises(Reject):
        scan_job(wish, START, SERVERS)


def test_without_servers_there_is_nothing_to_scan():
    with pytest.raises(Reject) as refused:
        scan_job(NewScan(), START, [])

    assert refused.value.code == "CONFLICT"


def test_a_windows_path_is_taken_as_it_is_spelled():
    job, paths = manual_job(NewWork(file_paths=("D:\\Films\\Film.mkv",), server_id="a"), START, SERVERS)

    change = change_of(job, paths[0], regenerate=False)

    assert (job.title, change.path, change.server_id) == ("Film.mkv", "D:\\Films\\Film.mkv", "a")


@pytest.mark.parametrize(
    ("paths", "total"),
    [
        (("/m/a.mkv", "/m/b.mkv"), 2),
        (("/m/show", "/m/show/e1.mkv", "/m/show/s2"), 1),
        (("/m/show", "/m/showreel.mkv"), 2),
        (("/m/a.mkv", "/m//a.mkv"), 1),
        (("/films/a.mkv", "/m/a.mkv", "/m/b.mkv"), 2),
        (("/films/show/e1.mkv", "/m/show"), 1),
    ],
)
def test_a_job_never_waits_for_more_files_than_its_paths_are(paths, total):
    mapped = Server(id="c", type="plex", path_mappings=(PathMapping(remote_prefix="/films", local_prefix="/m"),))

    job, queued = manual_job(NewWork(file_paths=paths), START, [mapped])

    assert (job.total, len(queued)) == (total, len(paths))


@pytest.mark.parametrize("word", [0, 4, "urgent", "", True, "1"])
def test_a_priority_that_is_none_is_refused(word):
    with pytest.raises(Reject):
        lane_for(word)


def test_numbers_and_words_name_the_same_lanes():
    assert [lane_for(word) for word in (1, 2, 3)] == [lane_for(word) for word in ("high", "normal", "low")]
    assert [priority_of(lane) for lane in Lane] == [1, 2, 3]
