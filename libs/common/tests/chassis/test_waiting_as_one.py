"""Of requests for one file and server only one waits, and it answers to the jobs of all."""

from datetime import UTC, datetime, timedelta

import pytest

from framewright.chassis.bus import Bus
from framewright.chassis.clock import after, now
from framewright.chassis.outgoing import Later, Outgoing
from framewright.contracts.base import decode
from framewright.contracts.extract import Target
from framewright.contracts.publish import PublishRequestedV1, RemovalRequestedV1
from framewright.domain.frames import FileVersion, Picture, Rendition

pytestmark = pytest.mark.integration

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = Target(server_id="s1", server_type="plex", rendition=Rendition(320, 5000))


def publish(job: str, seconds: int, **changes) -> PublishRequestedV1:
    fields = {"regenerate": False, "version": FileVersion(1, 1), **changes}
    return PublishRequestedV1(
        job_ids=(job,),
        path="/media/Film.mkv",
        path_id="f1",
        target=TARGET,
        picture=Picture(),
        pack="p",
        fingerprint=f"{seconds}",
        requested_at=NOON + timedelta(seconds=seconds),
        **fields,
    )


def remove(job: str, root: str) -> RemovalRequestedV1:
    return RemovalRequestedV1(
        job_ids=(job,), path="/media/Film.mkv", path_id="f1", target=TARGET, roots=(root,), requested_at=now()
    )


async def waiting(bus: Bus, kind, place: str):
    assert await bus.count("PUBLISH", "wait.>") == 1
    found = await bus.get_last("PUBLISH", place)
    assert found is not None
    return decode(kind, found[1])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_the_newest_request_waits_for_all_jobs_in_whatever_order_they_come(bus, order):
    both = publish("job1", 10, regenerate=True, previous_path="/media/Old.mkv"), publish("job2", 20)

    for number in order:
        await Outgoing(bus).send(Later(both[number], after(60)))

    one = await waiting(bus, PublishRequestedV1, "wait.publish.plex.s1.f1")
    assert (one.fingerprint, set(one.job_ids)) == ("20", {"job1", "job2"})
    assert (one.regenerate, one.previous_path) == (True, "/media/Old.mkv")


async def test_a_file_is_removed_once_for_all_who_say_it_is_gone(bus):
    for job, root in (("job1", "/media/a"), ("job2", "/media/b")):
        await Outgoing(bus).send(Later(remove(job, root), after(60)))

    one = await waiting(bus, RemovalRequestedV1, "wait.remove.plex.s1.f1")
    assert (one.job_ids, one.roots) == (("job1", "job2"), ("/media/a", "/media/b"))
