"""Written and told is not shown: the wait for a server to show the outputs, on a real bus and a real disk."""

import shutil
from datetime import timedelta

import pytest

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Later
from framewright.chassis.testing.bus import until
from framewright.contracts.record import Stage
from framewright.domain.errors import NotIndexed, Reject, Retry
from framewright.domain.frames import FileVersion
from framewright.domain.outcome import Outcome
from framewright.publisher.wiring import subscriptions
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

DEAF = Fault(FaultKind.MALFORMED, method="PUT", path="*/analyze", body="")
"""Plex says yes to an analysis and does nothing."""

CLOCK = [30, 120, 300, 900, 3600, 3600, 3600]
DAY = 86_400


@pytest.fixture
async def deaf(desk):
    """A Plex server that answers every analysis and adopts nothing, with a request whose frames are there."""
    async with desk.simulated("plex") as server:
        desk.state.instruments.inject(DEAF)
        request = desk.request(server)
        await desk.put_frames(request)
        yield request


def hears(desk):
    desk.state.instruments.clear()


def waits_for(fact):
    """Seconds until the next try."""
    return round((fact.next_try - fact.at).total_seconds())


async def test_what_the_server_shows_at_once_is_adopted_with_the_proof(desk):
    async with desk.simulated("plex") as server:
        request = desk.request(server)
        await desk.put_frames(request)

        fact = await desk.handle(request)

        record = await desk.record(request)
        assert (fact.outcome, fact.code) == (Outcome.ADOPTED, "")
        assert "3 of 12 thumbnails were read back" in fact.reason
        assert (record.stage, record.adoption, record.proof) == (Stage.SHOWN, None, fact.reason)


async def test_what_is_not_shown_yet_waits_with_a_reason_in_plain_words(desk, deaf):
    fact, later = await desk.answers(deaf)

    assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
    assert fact.reason.startswith("written, not yet shown: Plex adopts the file when it analyses")
    assert "/analyze" in fact.call
    assert isinstance(later, Later)
    assert later.due == fact.next_try
    assert waits_for(fact) == 30


async def test_each_further_question_reminds_the_server_and_writes_nothing(desk, deaf):
    await desk.answers(deaf)
    (path,) = (desk.data / "Media/localhost").rglob("index-sd.bif")
    before = path.stat().st_ino
    await desk.evict()

    for _ in range(2):
        await desk.answers(deaf)

    assert path.stat().st_ino == before
    assert len(desk.asked("PUT", "*/analyze")) == 3


async def test_the_wait_has_a_clock_of_its_own(desk, deaf):
    waits = []
    for attempt in range(7, 7 + len(CLOCK)):  # after an earlier wait, whose attempts do not count
        fact, later = await desk.answers(deaf, attempt)
        waits.append(waits_for(fact))
        assert (fact.attempt, later.attempt) == (attempt, attempt + 1)

    assert waits == CLOCK


async def test_a_reminder_that_helps_is_seen_at_the_next_question(desk, deaf):
    await desk.answers(deaf)
    hears(desk)
    await desk.answers(deaf)

    fact = await desk.handle(deaf)

    assert fact.outcome is Outcome.ADOPTED
    assert (await desk.record(deaf)).stage is Stage.SHOWN


async def test_after_a_day_the_outputs_stay_unverified_and_the_next_event_asks_again(desk, deaf, later):
    for _ in CLOCK:
        await desk.answers(deaf)
    await desk.grow_old(deaf, DAY)

    fact = await desk.handle(deaf)

    assert (fact.outcome, fact.code) == (Outcome.UNVERIFIED, "NOT_SHOWN")
    assert "not shown within 24 hours" in fact.reason
    assert (await desk.record(deaf)).adoption is None
    hears(desk)
    again = later(deaf, 60, job_ids=("job2",))
    assert [fact.outcome for fact in await desk.answers(again) if not isinstance(fact, Later)] == [Outcome.WAITING]
    assert (await desk.handle(again)).outcome is Outcome.ADOPTED
    assert (await desk.handle(later(deaf, 90))).outcome is Outcome.UP_TO_DATE


async def test_what_was_shown_is_up_to_date_and_the_server_is_left_in_peace(desk, later):
    async with desk.simulated("emby") as server:
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.handle(request)
        before = len(desk.state.instruments.calls)

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.UP_TO_DATE
        assert len(desk.state.instruments.calls) == before


async def test_requests_that_wait_for_the_same_file_wait_as_one_and_all_are_told(desk, deaf, later):
    await desk.answers(deaf)
    fact, waiting = await desk.answers(later(deaf, 60, job_ids=("job2",)))
    hears(desk)
    await desk.answers(waiting.message)

    end = await desk.handle(waiting.message)

    assert fact.job_ids == waiting.message.job_ids == end.job_ids == ("job1", "job2")
    assert waiting.message.waiting_subject() == deaf.waiting_subject()
    assert end.outcome is Outcome.ADOPTED


async def test_jobs_that_waited_for_an_older_version_are_told_of_the_newer_one(desk, deaf, later):
    await desk.answers(deaf)
    newer = later(
        desk.request(desk.servers["s1"], version=FileVersion(desk.video.stat().st_size, 5), job_ids=("job2",)), 60
    )
    await desk.put_frames(newer, shade=200)
    fact, waiting = await desk.answers(newer)
    hears(desk)
    await desk.answers(waiting.message)

    end = await desk.handle(waiting.message)

    assert (fact.outcome, end.outcome) == (Outcome.WAITING, Outcome.ADOPTED)
    assert end.job_ids == ("job1", "job2")


async def test_a_later_request_that_finds_the_server_away_joins_the_wait(desk, deaf, later):
    await desk.answers(deaf)
    desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/sections*"))

    fact, again = await desk.answers(later(deaf, 60, job_ids=("job2",)))

    assert (fact.outcome, fact.code) == (Outcome.WAITING, "SERVER_ERROR")
    assert again.message.job_ids == ("job1", "job2")


async def test_both_waits_follow_each_other_and_are_told_apart(desk):
    async with desk.simulated("plex", index_delay=0.3) as server:
        desk.state.instruments.inject(DEAF)
        new = desk.media / "films/New/New.mkv"
        new.parent.mkdir()
        new.write_bytes(b"new film" * 50)
        request = desk.request(server, path=str(new))
        await desk.put_frames(request)
        with pytest.raises(NotIndexed) as waiting:
            await desk.answers(request)
        assert await desk.record(request) is None
        desk.state.scan("1", "/data/films/New")

        async def known():
            return any(item.file and item.file.local == str(new) for item in desk.state.items())

        await until(known)
        fact, _ = await desk.answers(request, 2)

        assert (waiting.value.code, fact.code) == ("NOT_INDEXED", "NOT_SHOWN")
        assert "not indexed yet" in waiting.value.reason


async def test_a_server_that_goes_away_while_it_is_waited_for_fails_nothing(desk, deaf):
    await desk.answers(deaf)
    hears(desk)
    desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/sections*"))

    fact, later = await desk.answers(deaf)
    for _ in CLOCK:
        await desk.answers(deaf)
    await desk.grow_old(deaf, DAY)
    end = await desk.handle(deaf)

    assert (fact.outcome, fact.code) == (Outcome.WAITING, "SERVER_ERROR")
    assert (waits_for(fact), later.due) == (120, fact.next_try)
    assert (end.outcome, end.code) == (Outcome.UNVERIFIED, "SERVER_ERROR")


async def test_the_same_trouble_before_anything_was_told_is_an_ordinary_failed_attempt(desk, deaf):
    desk.state.instruments.inject(Fault(FaultKind.STATUS, path="/library/sections*"))

    with pytest.raises(Retry) as again:
        await desk.answers(deaf)

    assert again.value.code == "SERVER_ERROR"


async def test_outputs_that_vanish_are_written_again_but_not_for_ever(desk, deaf):
    await desk.answers(deaf)
    for number in range(2):
        shutil.rmtree(desk.data / "Media/localhost")
        (desk.data / "Media/localhost").mkdir()
        await desk.answers(deaf)
        assert (await desk.record(deaf)).adoption.vanished == number + 1
    asked = (await desk.record(deaf)).adoption.asked
    shutil.rmtree(desk.data / "Media/localhost")
    (desk.data / "Media/localhost").mkdir()

    with pytest.raises(Reject) as refused:
        await desk.answers(deaf)

    assert asked == 3
    assert (refused.value.code, "3 times" in refused.value.reason) == ("OUTPUT_DELETED", True)


async def test_a_replaced_preview_is_shown_after_plex_was_restarted(desk, later):
    async with desk.simulated("plex") as server:
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.handle(request)
        again = later(request, 60, regenerate=True)
        await desk.put_frames(again, shade=200)

        fact, _ = await desk.answers(again)
        desk.state.restart()
        end = await desk.handle(again)

    assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
    assert "until it is restarted" in fact.reason
    assert end.outcome is Outcome.ADOPTED


def jellyfin(version, library, **options):
    options = {"interval": 5000, **options}
    return {"version": version, "libraries": {"Films": library}, "trickplay": TrickplaySettings(**options)}


@pytest.mark.parametrize("version", ["10.10.7", "10.11.11"])
async def test_tiles_that_the_server_would_delete_are_not_written(desk, version):
    off = LibrarySettings(False, True, True)
    async with desk.simulated("jellyfin", **jellyfin(version, off)) as server:
        request = desk.request(server)
        await desk.put_frames(request)

        with pytest.raises(Retry) as waiting:
            await desk.answers(request)

        assert waiting.value.code == "SERVER_DELETES"
        assert "EnableTrickplayImageExtraction" in waiting.value.reason
        assert [path.name for path in desk.place.iterdir()] == [desk.video.name]


async def test_from_12_on_tiles_are_shown_although_extraction_is_off(desk):
    off = LibrarySettings(False, True, True)
    async with desk.simulated("jellyfin", **jellyfin("12.0.0", off)) as server:
        request = desk.request(server)
        await desk.put_frames(request)

        assert (await desk.handle(request)).outcome is Outcome.ADOPTED


@pytest.mark.parametrize("version", ["10.11.11", "12.0.0"])
async def test_where_only_the_daily_task_adopts_the_reason_says_so(desk, version):
    daily = LibrarySettings(True, False, True)
    async with desk.simulated("jellyfin", **jellyfin(version, daily)) as server:
        request = desk.request(server)
        await desk.put_frames(request)
        fact, _ = await desk.answers(request)
        refreshed = len(desk.asked("POST", "/Items/*/Refresh"))
        await desk.answers(request)
        assert len(desk.asked("POST", "/Items/*/Refresh")) == refreshed

        desk.state.refresh_all_trickplay()

        assert (await desk.handle(request)).outcome is Outcome.ADOPTED
        assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
        assert "daily task unless ExtractTrickplayImagesDuringLibraryScan" in fact.reason


async def test_sheets_counted_as_thumbnails_are_unverified_at_once_with_the_cure(desk):
    on = LibrarySettings(True, True, True)
    async with desk.simulated("jellyfin", **jellyfin("10.11.11", on, tile_width=2, tile_height=3)) as server:
        request = desk.request(server)
        await desk.put_frames(request)

        fact = await desk.handle(request)

        assert (fact.outcome, fact.code) == (Outcome.UNVERIFIED, "MISALIGNED")
        assert "counts 2 thumbnails in 2 sheets of 6" in fact.reason
        assert "Media Preview Bridge" in fact.reason


async def test_with_the_plugin_101_frames_make_two_sheets_and_101_thumbnails(desk):
    on = LibrarySettings(True, True, True)
    async with desk.simulated("jellyfin", **jellyfin("10.11.11", on), bridged=True) as server:
        request = desk.request(server)
        await desk.put_frames(request, 101)

        fact = await desk.handle(request)

        (row,) = (row for rows in desk.state.rows.values() for row in rows.values())
        assert (fact.outcome, row.thumbnail_count) == (Outcome.ADOPTED, 101)
        assert "101 thumbnails every 5 s: sheets 0 and 1 were read back" in fact.reason


async def test_a_row_of_another_interval_is_mended_by_the_plugin(desk, later):
    on = LibrarySettings(True, True, True)
    async with desk.simulated("jellyfin", **jellyfin("10.11.11", on)) as server:
        request = desk.request(server)
        await desk.put_frames(request)
        await desk.handle(request)
        desk.state.trickplay.interval, desk.state.bridged = 10_000, True
        desk.publisher.connection(server)._wishes = None

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.ADOPTED
        assert "every 10 s" in fact.reason


async def test_tiles_wider_than_the_film_are_unverified_at_once_with_the_reason(desk):
    on = LibrarySettings(True, True, True)
    async with desk.simulated("jellyfin", **jellyfin("10.11.11", on), video_width=300) as server:
        request = desk.request(server)
        await desk.put_frames(request)

        fact = await desk.handle(request)

        assert (fact.outcome, fact.code) == (Outcome.UNVERIFIED, "MISALIGNED")
        assert "tiles 300 pixels wide, as the film is" in fact.reason


async def test_the_wait_holds_no_slot_and_ends_by_itself(open_office, monkeypatch):
    monkeypatch.setattr(subscriptions, "WAITS", (1.0,))
    async with open_office(publisher_concurrency=1) as office, office.desk.simulated("plex") as server:
        office.desk.state.instruments.inject(DEAF)
        second = office.desk.place / "Second.mkv"
        second.write_bytes(b"a second" * 50)
        office.desk.state.scan("1", "")
        await office.config.add_server(server)
        first = await office.order(server)
        assert (await office.fact(first))["outcome"] == "waiting"
        assert await office.bus.count("PUBLISH", "wait.publish.plex.s1.>") == 1
        assert await office.bus.count("PUBLISH", "publish.v1.>") == 0

        hears(office.desk)
        other = await office.order(server, "Second")

        assert (await office.fact(other, wait=0.9))["outcome"] == "adopted"

        async def adopted():
            return (await office.fact(first))["outcome"] == "adopted"

        await until(adopted, 8)
        assert await office.bus.count("PUBLISH") == await office.bus.count("DEAD") == 0


async def test_what_another_job_waits_for_is_waited_for_when_one_is_cancelled(desk, deaf):
    server, request = desk.servers["s1"], deaf
    await desk.answers(request)
    desk.cancelled.add("job2")

    assert (await desk.handle(desk.request(server, job_ids=("job2",)))).outcome is Outcome.CANCELLED
    assert (await desk.record(request)).adoption is not None

    desk.cancelled.add("job1")
    await desk.handle(request)
    assert (await desk.record(request)).adoption is None


async def test_the_time_for_which_a_server_took_no_calls_does_not_count(desk, deaf):
    await desk.answers(deaf)
    await desk.grow_old(deaf, 86_000)

    fact, _ = await desk.answers(deaf, idle=timedelta(hours=12))

    assert fact.outcome is Outcome.WAITING
    assert (now() - (await desk.record(deaf)).adoption.since) < timedelta(hours=12)
