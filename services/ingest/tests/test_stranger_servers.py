"""Another server at the address of a configured one: nothing of its lists is taken, and it is shown no credential."""

import importlib

import pytest

from framewright.chassis.clock import now
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.facts import ScanProgressedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1
from framewright.contracts.scans import ScanRequestedV1
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.outcome import ChangeKind
from framewright.domain.ownership import Library, PathMapping
from framewright.vendors.simulation.disk import Shelf

pytestmark = pytest.mark.integration

VENDORS = ["plex", "emby", "jellyfin"]
TOKEN = "only-for-my-server"
WHO = {"/identity", "/System/Info/Public"}
ANOTHER = "another server answers at this address"


@pytest.fixture(params=VENDORS)
async def stranger(tmp_path, request):
    """A server as it is configured, and the calls that reach a real one of its kind, which would take the token, instead."""
    film = tmp_path / "films/Film (2024)/Film (2024).mkv"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film" * 100)
    simulator = importlib.import_module(f"framewright.vendors.{request.param}.simulator")
    shelves = [Shelf("Films", "movie", "/data/films", str(tmp_path / "films"))]
    state = getattr(simulator, f"{request.param.title()}State")(shelves=shelves, token=TOKEN)
    async with serving(simulator.create_app(state)) as url:
        server = Server(
            id="sv",
            type=request.param,
            url=url,
            auth=ServerAuth(token=TOKEN),
            libraries=(Library("1", "Films", "movie", ("/data/films",)),),
            path_mappings=(PathMapping("/data", str(tmp_path)),),
            server_identity="mine",
        )
        yield server, state.instruments.calls


def learnt_nothing(calls) -> bool:
    """Whether the stranger was asked who it is, and nothing else, and saw no credential."""
    return bool(calls) and {call.path for call in calls} <= WHO and TOKEN not in repr(list(calls))


async def test_a_scan_waits_for_the_right_server_and_says_why(ingest, bus, stored, stranger):
    server, calls = stranger
    async with ingest(servers=[server]):
        await Outgoing(bus).send(ScanRequestedV1(job_id="scan1", title="Den", source="test", requested_at=now()))

        async def is_said():
            return any(ANOTHER in one.note for one in await stored(ScanProgressedV1))

        await until(is_said)
        assert await stored(MediaChangedV1) == []
        assert learnt_nothing(calls)


@pytest.mark.parametrize("ids", [{"item_id": "1", "server_id": "sv"}, {"provider_ids": {"tmdb": "603"}}])
async def test_the_paths_of_an_item_are_not_asked_of_another_server(ingest, bus, stored, stranger, ids):
    server, calls = stranger
    async with ingest(servers=[server]):
        kind = ChangeKind.ADDED
        await Outgoing(bus).send(ItemChangedV1(event_id="e", key="k", source="x", kind=kind, observed_at=now(), **ids))

        async def waits():
            return bool(await bus.subjects("DUE", "wait.item.>"))

        await until(waits)
        assert await stored(MediaChangedV1) == []
        assert learnt_nothing(calls)
