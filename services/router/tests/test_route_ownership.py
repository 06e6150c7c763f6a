"""Which local file a path means, who owns it, and what is said about those who do not."""

import pytest

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1, JobCreatedV1
from framewright.contracts.server import ServerOutput
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import ExcludeRule, ExcludeType, Library, PathMapping

pytestmark = pytest.mark.integration


def _routed(told):
    (fact,) = [one for one in told if isinstance(one, FileRoutedV1)]
    return fact


async def test_an_owned_file_becomes_one_job_with_every_owner(desk, stored):
    film = desk.add("film.mkv")
    desk.server("s1")
    desk.server("s2", output=ServerOutput(width=640, frame_interval=10))

    told = await desk.route(film, title="A film")

    (job,) = await stored(ExtractRequestedV1)
    assert (job.path, job.path_id) == (str(film), media_id(str(film)))
    assert [(one.server_id, one.rendition) for one in job.targets] == [
        ("s1", Rendition(320, 5000)),
        ("s2", Rendition(640, 10000)),
    ]
    (created,) = await stored(JobCreatedV1)
    assert (created.title, created.total, (created.job_id,)) == ("A film", 1, job.job_ids)
    assert _routed(told).outcome is Outcome.WAITING


async def test_a_redelivered_change_makes_no_second_job(desk, stored):
    film = desk.add("film.mkv")
    desk.server()

    await desk.route(film)
    again = await desk.route(film)

    assert len(await stored(ExtractRequestedV1)) == 1
    assert {type(one) for one in again} == {JobCreatedV1, FileRoutedV1}


async def test_a_path_of_nobody_is_not_owned_and_says_why(desk, stored):
    desk.server("s1", f"{desk.media}/films")
    stranger = desk.add("films_16tb2/film.mkv")

    told = await desk.route(stranger)

    assert _routed(told).outcome is Outcome.NOT_OWNED
    assert _routed(told).reason == "no enabled library of any server holds the path"
    assert await stored(ExtractRequestedV1) == []
    assert desk.disk.looked_at == []


async def test_a_disabled_server_and_a_disabled_library_own_nothing(desk):
    film = desk.add("film.mkv")
    desk.server("off", enabled=False)
    desk.server("lib", libraries=(Library("1", "Films", "movie", (str(desk.media),), enabled=False),))

    told = await desk.route(film)

    assert _routed(told).outcome is Outcome.NOT_OWNED


@pytest.mark.parametrize(
    "rule", [lambda media: ExcludeRule(f"{media}/extras"), lambda _: ExcludeRule(r"-trailer\.", ExcludeType.REGEX)]
)
async def test_an_excluded_path_is_said_to_be_excluded(desk, stored, rule):
    film = desk.add("extras/film-trailer.mkv")
    desk.server(exclude_paths=(rule(desk.media),))

    fact = _routed(await desk.route(film))

    assert (fact.outcome, fact.reason) == (Outcome.EXCLUDED, "every owning server excludes the path")
    assert "exclude rule" in fact.servers[0].reason
    assert await stored(ExtractRequestedV1) == []


async def test_a_server_that_excludes_does_not_keep_the_others_out(desk, stored):
    film = desk.add("film.mkv")
    desk.server("picky", exclude_paths=(ExcludeRule(str(desk.media)),))
    desk.server("open")

    fact = _routed(await desk.route(film))

    assert {one.server_id: one.outcome for one in fact.servers} == {
        "picky": Outcome.EXCLUDED,
        "open": Outcome.WAITING,
    }
    assert [one.server_id for one in (await stored(ExtractRequestedV1))[0].targets] == ["open"]


async def test_a_pinned_event_is_for_its_server_alone(desk, stored):
    film = desk.add("film.mkv")
    desk.server("s1")
    desk.server("s2")

    await desk.route(film, server_id="s2")

    assert [one.server_id for one in (await stored(ExtractRequestedV1))[0].targets] == ["s2"]


async def test_a_pin_on_a_server_that_is_disabled_or_gone_owns_nothing(desk):
    film = desk.add("film.mkv")
    desk.server("s1")
    desk.server("off", enabled=False)

    for pinned in ("off", "gone"):
        assert _routed(await desk.route(film, event_id=pinned, server_id=pinned)).outcome is Outcome.NOT_OWNED


async def test_a_windows_sender_is_translated_to_the_file_that_exists(desk, stored):
    film = desk.add("films/A film.mkv")
    row = PathMapping("/data", str(desk.media), webhook_prefixes=("D:\\Media", "\\\\nas\\media"))
    desk.server("s1", "/data/films", path_mappings=(row,))

    for number, spelling in enumerate(("D:\\Media\\films\\A film.mkv", "d:/media/films/A film.mkv")):
        await desk.route(spelling, event_id=f"w{number}")
    told = await desk.route("\\\\NAS\\media\\films\\A film.mkv", event_id="unc")

    (job,) = await stored(ExtractRequestedV1)
    assert job.path == str(film)
    assert job.targets[0].remote_paths == ("/data/films/A film.mkv",)
    assert told[-1].outcome is Outcome.COALESCED


async def test_of_two_places_the_one_that_exists_is_taken(desk, stored):
    film = desk.add("disk2/film.mkv")
    rows = [PathMapping("/data", f"{desk.media}/disk{number}") for number in (1, 2, 3)]
    desk.server("s1", "/data", path_mappings=tuple(rows))

    await desk.route("/data/film.mkv")

    assert (await stored(ExtractRequestedV1))[0].path == str(film)


async def test_a_file_that_is_not_here_is_believed_to_be_where_the_mapping_says(desk, stored):
    desk.server("s1", "/data", path_mappings=(PathMapping("/data", str(desk.media)),))

    await desk.route("/data/later.mkv")

    assert (await stored(ExtractRequestedV1))[0].path == f"{desk.media}/later.mkv"


async def test_a_scan_names_the_job_that_it_opened(desk, stored):
    film = desk.add("film.mkv")
    desk.server()

    told = await desk.route(film, job_id="scan-1")

    assert [type(one) for one in told] == [FileRoutedV1]
    assert (await stored(ExtractRequestedV1))[0].job_ids == ("scan-1",)


async def test_a_folder_stands_for_the_videos_in_it(desk, stored):
    for name in ("show/s1/e2.mkv", "show/s1/e1.mkv", "show/s1/.e3.mkv", "show/poster.jpg", "show/.bin/x.mkv"):
        desk.add(name)
    desk.server()

    job, *singles = await desk.route(desk.media / "show", regenerate=True, server_id="s1")

    assert (job.kind, job.total) == ("folder", 2)
    assert [one.path for one in singles] == [f"{desk.media}/show/s1/e{number}.mkv" for number in (1, 2)]
    assert {(one.job_id, one.regenerate, one.server_id) for one in singles} == {(job.job_id, True, "s1")}
    assert len({one.key for one in singles}) == 2
    assert await stored(ExtractRequestedV1) == []


async def test_a_folder_without_a_video_says_so(desk):
    desk.add("empty/readme.txt")
    desk.server()

    fact = _routed(await desk.route(desk.media / "empty"))

    assert (fact.outcome, fact.reason) == (Outcome.FILE_MISSING, "the folder holds no video")


async def test_a_name_that_no_message_can_carry_does_not_stop_its_folder(desk):
    desk.add("show/e1.mkv")
    desk.add("show/e2\udcff.mkv")
    desk.server()

    _job, *singles = await desk.route(desk.media / "show")

    assert [one.path for one in singles] == [f"{desk.media}/show/e1.mkv"]
