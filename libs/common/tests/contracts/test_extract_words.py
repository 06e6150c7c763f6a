"""How two requests for one file become one, and in which lane a request is."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.domain.frames import Picture, Rendition

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def target(server_id: str, width: int = 320, **changes: str) -> Target:
    return Target(server_id=server_id, server_type="folder", rendition=Rendition(width, 5000), **changes)


def asked(job: str, *targets: Target, seconds: int = 0, **changes: object) -> ExtractRequestedV1:
    request = ExtractRequestedV1(
        job_ids=(job,),
        path="/m/film.mkv",
        path_id="f1",
        targets=targets,
        picture=Picture(),
        requested_at=NOON + timedelta(seconds=seconds),
    )
    return msgspec.structs.replace(request, **changes)


def test_whoever_comes_first_the_newer_wishes_stand_and_nothing_is_left_out() -> None:
    older = asked("a", target("s1", 160), target("s2"), lane=Lane.HI, regenerate=True, previous_path="/m/old.mkv")
    newer = asked("b", target("s1", 640), seconds=1, lane=Lane.LOW, attempt=2)

    both = {older.united(newer), newer.united(older)}

    (one,) = both
    assert one.job_ids == ("b", "a")
    assert [(each.server_id, each.rendition.width) for each in one.targets] == [("s1", 640), ("s2", 320)]
    assert (one.lane, one.regenerate, one.attempt, one.previous_path) == (Lane.HI, True, 2, "/m/old.mkv")


def test_where_outputs_were_made_is_kept_for_each_server() -> None:
    older = asked("a", target("s1"), target("s2", previous_path="/m/older.mkv"), previous_path="/m/old.mkv")
    newer = asked("b", target("s1"), target("s2"), target("s3"), seconds=1)

    one = newer.united(older)

    assert {each.server_id: one.previous_of(each) for each in one.targets} == {
        "s1": "/m/old.mkv",
        "s2": "/m/older.mkv",
        "s3": "/m/old.mkv",
    }


def test_a_request_waits_in_the_same_place_whatever_its_lane() -> None:
    places = {asked("a", lane=lane).waiting_subject() for lane in Lane}

    assert places == {"wait.jobs.f1.a"}


@pytest.mark.parametrize(
    ("jobs", "lane", "ordered", "expected"),
    [
        (("a",), Lane.HI, Lane.LOW, Lane.LOW),
        (("a",), Lane.LOW, Lane.HI, Lane.HI),
        (("a", "b"), Lane.MID, Lane.LOW, Lane.MID),
        (("b", "a"), Lane.MID, Lane.HI, Lane.HI),
    ],
)
def test_an_order_makes_no_file_less_urgent_that_another_job_waits_for(
    jobs: tuple[str, ...], lane: Lane, ordered: Lane, expected: Lane
) -> None:
    request = asked("a", lane=lane, job_ids=jobs)

    assert request.in_lane_of("a", ordered).lane is expected
