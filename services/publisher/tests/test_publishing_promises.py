"""What every server that can be published to gets, whatever its vendor: the whole way on its simulator, a real bus and disk."""

from contextlib import asynccontextmanager

import msgspec
import pytest

from framewright.chassis.outgoing import Later
from framewright.chassis.testing.http import serving
from framewright.contracts.record import Stage
from framewright.domain.errors import NotIndexed, Retry
from framewright.domain.outcome import Outcome
from framewright.vendors.jellyfin.simulator import LibrarySettings, TrickplaySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration


def tiles(version, *, beside=True, **options):
    """A Jellyfin of this version that adopts at a refresh, every five seconds."""
    library = {"Films": LibrarySettings(True, True, beside)}
    return {"version": version, "libraries": library, "trickplay": TrickplaySettings(interval=5000), **options}


SPOKEN_TO = {
    "plex": dict,
    "emby": dict,
    "jellyfin 10.10 beside": lambda: tiles("10.10.7"),
    "jellyfin 10.11 apart": lambda: tiles("10.11.11", beside=False),
    "jellyfin 10.11 with the plugin": lambda: tiles("10.11.11", bridged=True),
    "jellyfin 12 beside": lambda: tiles("12.0.0"),
    "jellyfin 12 apart": lambda: tiles("12.0.0", beside=False),
}
EVERY = [*SPOKEN_TO, "folder"]

ONE_EACH = ["plex", "emby", "jellyfin 12 beside"]

KNOW_FIRST = ["plex", "jellyfin 10.11 apart", "jellyfin 12 apart"]
"""Where the place of the outputs is named by an id that the server must give."""

READ_BACK = {"plex": "/library/parts/*", "emby": "/Videos/*/index.bif", "jellyfin": "/Videos/*/Trickplay/*"}
"""The call by which the outputs are read back."""

TROUBLE = {
    "down": (Fault(FaultKind.RESET), "UNREACHABLE"),
    "starting": (Fault(FaultKind.STATUS, status=503), "SERVER_ERROR"),
    "slow": (Fault(FaultKind.LATENCY, seconds=30), "TIMEOUT"),
    "401": (Fault(FaultKind.STATUS, status=401), "UNAUTHORIZED"),
    "html": (Fault(FaultKind.MALFORMED), "BAD_ANSWER"),
    "garbage": (Fault(FaultKind.MALFORMED, body='{"Items": [', content_type="application/json"), "BAD_ANSWER"),
}


class Signpost:
    """Sends everybody to another address, and remembers what came."""

    def __init__(self, to=""):
        self.to, self.seen = to, []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            self.seen.append(scope["path"])
            headers = [(b"location", f"{self.to}{scope['path']}".encode())]
            await send({"type": "http.response.start", "status": 302 if self.to else 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{}"})


@asynccontextmanager
async def at(desk, case):
    """The server of a case with a request whose frames are there."""
    vendor = case.partition(" ")[0]
    if vendor == "folder":
        request = desk.request(desk.server())
        await desk.put_frames(request)
        yield request
        return
    async with desk.simulated(vendor, **SPOKEN_TO[case]()) as server:
        request = desk.request(server)
        await desk.put_frames(request)
        yield request


def outputs_in(desk):
    """Every file below the media and data folders: what it is and which write made it."""
    found = [*desk.media.rglob("*"), *desk.data.rglob("*")]
    return {path: path.stat().st_ino for path in found if path.is_file() and path != desk.video}


@pytest.mark.parametrize("case", EVERY)
async def test_frames_are_written_told_and_seen_to_be_shown(desk, case):
    async with at(desk, case) as request:
        fact = await desk.handle(request)

        asked = case == "folder" or desk.asked("GET", READ_BACK[case.partition(" ")[0]])
        assert fact.outcome is (Outcome.PUBLISHED if case == "folder" else Outcome.ADOPTED)
        assert case == "folder" or "read back" in fact.reason
        assert asked
        assert outputs_in(desk)


@pytest.mark.parametrize("case", EVERY)
async def test_the_next_event_writes_nothing_and_is_up_to_date(desk, later, case):
    async with at(desk, case) as request:
        await desk.handle(request)
        before = outputs_in(desk)
        await desk.evict()

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is Outcome.UP_TO_DATE
        assert outputs_in(desk) == before


@pytest.mark.parametrize("case", EVERY)
async def test_outputs_that_somebody_deleted_are_written_and_shown_again(desk, later, case):
    async with at(desk, case) as request:
        first = await desk.handle(request)
        for path in outputs_in(desk):
            path.unlink()

        fact = await desk.handle(later(request, 60))

        assert fact.outcome is first.outcome
        assert outputs_in(desk)


@pytest.mark.parametrize("case", KNOW_FIRST)
async def test_a_file_the_server_does_not_know_waits_for_that_and_gets_nothing(desk, case):
    async with at(desk, case) as request:
        new = desk.media / "films/New/New.mkv"
        new.parent.mkdir()
        new.write_bytes(b"new")
        unknown = msgspec.structs.replace(
            request,
            path=str(new),
            target=msgspec.structs.replace(request.target, remote_paths=("/data/films/New/New.mkv",)),
        )

        with pytest.raises(NotIndexed):
            await desk.answers(unknown)

        assert outputs_in(desk).keys() == {new}


@pytest.mark.parametrize("case", ["emby", "jellyfin 10.10 beside", "jellyfin 12 beside"])
async def test_a_file_the_server_does_not_know_is_written_beside_the_video_and_waits_to_be_shown(desk, case):
    async with at(desk, case) as request:
        new = desk.media / "films/New/New.mkv"
        new.parent.mkdir()
        new.write_bytes(b"new" * 100)
        unknown = msgspec.structs.replace(
            request,
            path=str(new),
            target=msgspec.structs.replace(request.target, remote_paths=("/data/films/New/New.mkv",)),
        )
        desk.state.instruments.inject(Fault(FaultKind.MALFORMED, method="POST", path="/Library/Media/Updated", body=""))

        fact, _ = await desk.answers(unknown)
        desk.state.catalogue.scan()
        await desk.answers(unknown)
        end = await desk.handle(unknown)

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "NOT_SHOWN")
        assert "does not know the file yet" in fact.reason
        assert end.outcome in {Outcome.ADOPTED, Outcome.UP_TO_DATE}


def impatient(desk, trouble):
    """A server that answers late is waited for less long than usual, for the sake of the test."""
    seconds = 0.5 if trouble == "slow" else 5.0
    desk.servers["s1"] = msgspec.structs.replace(desk.servers["s1"], timeout=seconds)


async def told_and_waiting(desk, case, request):
    """Written and told, but the server was not seen to show it."""
    desk.state.instruments.inject(Fault(FaultKind.STATUS, path=READ_BACK[case.partition(" ")[0]]))
    fact, _ = await desk.answers(request)
    desk.state.instruments.clear()
    assert (fact.outcome, fact.code) == (Outcome.WAITING, "SERVER_ERROR")


@pytest.mark.parametrize("case", ONE_EACH)
@pytest.mark.parametrize("trouble", TROUBLE)
async def test_trouble_while_a_server_is_waited_for_delays_the_proof_and_fails_nothing(desk, case, trouble):
    fault, code = TROUBLE[trouble]
    async with at(desk, case) as request:
        await told_and_waiting(desk, case, request)
        before = outputs_in(desk)
        desk.state.instruments.inject(fault)
        impatient(desk, trouble)

        fact, again = await desk.answers(request)
        impatient(desk, "over")
        desk.state.instruments.clear()
        end = await desk.handle(request)

        assert (fact.outcome, fact.code, type(again)) == (Outcome.WAITING, code, Later)
        assert (end.outcome, outputs_in(desk)) == (Outcome.ADOPTED, before)


@pytest.mark.parametrize("case", ONE_EACH)
@pytest.mark.parametrize("trouble", ["down", "401"])
async def test_trouble_before_anything_is_told_is_another_try_without_secrets(desk, case, trouble):
    fault, code = TROUBLE[trouble]
    async with at(desk, case) as request:
        desk.state.instruments.inject(fault)

        with pytest.raises(Retry) as again:
            await desk.answers(request)

        desk.state.instruments.clear()
        assert again.value.code == code
        assert "s3cr3t" not in repr(again.value) + repr(again.value.__cause__)
        assert (await desk.handle(request)).outcome is Outcome.ADOPTED


@pytest.mark.parametrize("case", ONE_EACH)
async def test_a_redirect_to_another_host_gets_no_token_and_delays_the_proof(desk, case):
    stranger = Signpost()
    async with at(desk, case) as request, serving(stranger) as elsewhere, serving(Signpost(elsewhere)) as moved:
        await told_and_waiting(desk, case, request)
        right = desk.servers["s1"]
        desk.servers["s1"] = msgspec.structs.replace(right, url=moved)

        fact, _ = await desk.answers(request)
        desk.servers["s1"] = right

        assert (fact.outcome, fact.code) == (Outcome.WAITING, "BAD_ANSWER")
        assert "redirected to another address" in fact.reason
        assert stranger.seen == []
        assert (await desk.handle(request)).outcome is Outcome.ADOPTED


@pytest.mark.parametrize("case", ONE_EACH)
async def test_another_server_at_the_address_gets_nothing(desk, case):
    async with at(desk, case) as request:
        right = desk.servers["s1"]
        desk.servers["s1"] = msgspec.structs.replace(right, server_identity="somebody else")

        with pytest.raises(Retry) as waiting:
            await desk.answers(request)

        assert waiting.value.code == "WRONG_SERVER"
        assert outputs_in(desk) == {}


def recognitions(desk):
    """How often the server was asked who it is."""
    return sum(call.path in {"/identity", "/System/Info"} for call in desk.state.instruments.calls)


@pytest.mark.parametrize("case", ["emby"])
async def test_the_right_server_is_recognised_once_and_not_before_every_file(desk, case):
    async with at(desk, case) as request:
        identity = await desk.publisher.connection(desk.servers["s1"]).identify()
        desk.servers["s1"] = msgspec.structs.replace(desk.servers["s1"], server_identity=identity.id)

        before = recognitions(desk)
        assert (await desk.handle(request)).outcome is Outcome.ADOPTED
        once = recognitions(desk)
        await desk.handle(request)

        assert before < once == recognitions(desk)


@pytest.mark.parametrize("case", [*ONE_EACH, "jellyfin 10.11 apart"])
async def test_a_server_that_restarts_while_it_is_waited_for_shows_the_same_files(desk, case):
    async with at(desk, case) as request:
        await told_and_waiting(desk, case, request)
        before = outputs_in(desk)

    async with at(desk, case):
        for _ in range(3):
            fact, *again = await desk.answers(request)
            if not again:
                break

        assert fact.outcome is Outcome.ADOPTED
        assert outputs_in(desk) == before


@pytest.mark.parametrize("case", ONE_EACH)
async def test_pictures_that_are_not_ours_are_no_proof(desk, case):
    async with at(desk, case) as request:
        other = Fault(FaultKind.MALFORMED, path=READ_BACK[case.partition(" ")[0]], body="x", content_type="image/jpeg")
        desk.state.instruments.inject(other)

        fact, *_ = await desk.answers(request)

        assert fact.outcome in {Outcome.WAITING, Outcome.UNVERIFIED}
        assert (await desk.record(request)).stage is Stage.TOLD


@pytest.mark.parametrize("case", ONE_EACH)
async def test_no_call_of_the_whole_way_carries_the_token_in_its_address(desk, case):
    headers = {"plex": "x-plex-token", "emby": "x-emby-token", "jellyfin": "authorization"}
    async with at(desk, case) as request:
        fact = await desk.handle(request)

        for call in desk.state.instruments.calls:
            assert not {name.lower() for name in call.query} & {"x-plex-token", "api_key", "apikey", "token"}
            used = [name for name in call.headers if name in headers.values()]
            assert used == [headers[case.partition(" ")[0]]]
        assert "s3cr3t" not in repr(fact) + repr(await desk.record(request))
