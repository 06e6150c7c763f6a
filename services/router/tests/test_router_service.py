"""The router as it is wired: its servers are asked with patience, its configuration comes first."""

import asyncio
import time
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from cryptography.fernet import Fernet
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.delivery import serve
from framewright.chassis.job_controls import JobControls
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import Sealer
from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.base import Lane
from framewright.contracts.catalogue import CONFIG, JOB_STATE
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileRoutedV1
from framewright.contracts.jobs import JobMovedV1
from framewright.contracts.media import NudgeV1
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.frames import Rendition
from framewright.domain.media import media_id
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.domain.ownership import Library
from framewright.router.adapters import Renditions
from framewright.router.settings import RouterSettings
from framewright.router.wiring import build
from framewright.vendors.jellyfin.simulator import JellyfinState, create_app
from framewright.vendors.jellyfin.simulator.settings import TrickplaySettings
from framewright.vendors.simulation.instruments import Fault, FaultKind

pytestmark = pytest.mark.integration

WANTED = Rendition(320, 5000)
KEY = Fernet.generate_key().decode()


async def _never(_request):
    await asyncio.sleep(30)
    return JSONResponse({})


HANGING = Starlette(routes=[Route("/{path:path}", _never)])


@pytest.fixture
async def jellyfin():
    state = JellyfinState(trickplay=TrickplaySettings(interval=10_000, width_resolutions=[320, 640]))
    async with serving(create_app(state)) as url:
        yield state, Server(id="jf", type="jellyfin", name="JF", url=url, auth=ServerAuth(api_key=state.token))


@pytest.fixture
async def renditions():
    async with httpx.AsyncClient() as http:
        yield Renditions(lambda _server: http)


async def test_a_server_says_its_own_rhythm_and_is_asked_once(jellyfin, renditions):
    state, server = jellyfin

    answers = [await renditions.of(server, WANTED) for _ in range(3)]

    assert answers == [(Rendition(320, 10_000), Rendition(640, 10_000))] * 3
    assert len(state.instruments.asked("GET", "/System/Configuration")) == 1


async def test_a_server_that_is_down_gets_what_is_configured(jellyfin, renditions):
    state, server = jellyfin
    state.instruments.inject(Fault(FaultKind.STATUS, status=503))

    assert await renditions.of(server, WANTED) == (WANTED,)


async def test_a_server_that_refuses_us_gets_what_is_configured(jellyfin, renditions):
    state, server = jellyfin
    state.instruments.inject(Fault(FaultKind.STATUS, status=401))

    assert await renditions.of(server, WANTED) == (WANTED,)


async def test_servers_that_hang_cost_their_patience_once(desk, jellyfin, renditions, stored):
    film = desk.add("film.mkv")
    libraries = (Library("1", "Films", "movie", (str(desk.media),)),)
    async with serving(HANGING) as url:
        for name in ("h1", "h2"):
            desk.server(name, type="jellyfin", url=url)
        desk.servers.append(Server(**{**_fields(jellyfin[1]), "libraries": libraries}))
        desk.renditions = renditions.of

        began = time.monotonic()
        await desk.route(film)
        took = time.monotonic() - began

    (job,) = await stored(ExtractRequestedV1)
    assert Renditions.PATIENCE <= took < 2 * Renditions.PATIENCE
    assert [one.rendition.interval_ms for one in job.targets] == [5000, 5000, 10_000]


async def test_nothing_is_routed_before_the_servers_are_known(desk, bus, server, stored, tmp_path):
    film = desk.add("film.mkv")
    config = ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY))
    await config.add_server(desk.server("s1"))
    await Outgoing(bus).send(desk.change(film))

    async with _running(bus, server, tmp_path, desk.media, late=0.5):
        await until(lambda: _some(stored, FileRoutedV1))

    (fact,) = await stored(FileRoutedV1)
    assert fact.outcome is Outcome.WAITING
    assert len(await stored(ExtractRequestedV1)) == 1


async def test_a_folder_is_expanded_to_jobs_by_the_running_service(desk, bus, server, stored, tmp_path):
    for number in range(5):
        desk.add(f"show/e{number}.mkv")
    await ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY)).add_server(desk.server("s1"))

    async with _running(bus, server, tmp_path, desk.media):
        await Outgoing(bus).send(desk.change(desk.media / "show"))
        await until(lambda: _some(stored, ExtractRequestedV1, 5))

    jobs = await stored(ExtractRequestedV1)
    assert len({job.job_ids for job in jobs}) == 1
    assert sorted(job.path for job in jobs) == [f"{desk.media}/show/e{number}.mkv" for number in range(5)]


async def test_nudges_orders_and_selected_libraries_reach_the_running_service(desk, bus, server, stored, tmp_path):
    config, controls = ConfigStore(Bucket(bus, CONFIG.name), Sealer(KEY)), JobControls(Bucket(bus, JOB_STATE.name))
    libraries = tuple(Library(name, name, "movie", (f"{desk.media}/{name}",)) for name in ("films", "shows"))
    await config.add_server(desk.server("s1", type="plex", url="http://127.0.0.1:9", libraries=libraries))
    await config.change_settings(lambda old: msgspec.structs.replace(old, selected_libraries=("films",)))
    await controls.cancel("cancelled", now())
    outgoing = Outgoing(bus)
    for name, job_id in (("films/a.mkv", "scan"), ("shows/b.mkv", "scan"), ("films/c.mkv", "cancelled")):
        await outgoing.send(desk.change(desk.add(name), name, job_id=job_id, lane=Lane.LOW, key=media_id(name)))
    path = str(desk.media / "films/d.mkv")
    await outgoing.send(NudgeV1(event_id="n", key="n", path=path, observed_at=now(), kind=ChangeKind.ADDED))

    async with _running(bus, server, tmp_path, desk.media):
        await until(lambda: _some(stored, FileRoutedV1, 3), wait=20)
        await outgoing.send(JobMovedV1(job_id="scan", lane=Lane.HI, at=now()))
        await until(lambda: _lane(stored, Lane.HI))
        await until(lambda: _waits(bus, "wait.refresh.plex.s1.*"))

    outcomes = {fact.path.rpartition("/")[2]: fact.outcome for fact in await stored(FileRoutedV1)}
    assert outcomes == {"a.mkv": Outcome.WAITING, "b.mkv": Outcome.NOT_OWNED, "c.mkv": Outcome.CANCELLED}


async def _lane(stored, lane):
    return [job.lane for job in await stored(ExtractRequestedV1)] == [lane]


async def _waits(bus, pattern):
    return await bus.count("PUBLISH", pattern) == 1


@asynccontextmanager
async def _running(bus, server, config_dir, media, late=0.0):
    """The service as the chassis runs it; the configuration is followed `late` seconds after the queue."""
    settings = RouterSettings(
        nats_url=server.url, config_dir=str(config_dir), media_root=str(media), framewright_secret_key=KEY
    )
    stopping = asyncio.Event()
    async with build(settings, bus) as service:
        running = [asyncio.create_task(serve(bus, one, stopping)) for one in service.subscriptions]
        await asyncio.sleep(late)
        running += [asyncio.create_task(task(stopping)) for task in service.tasks]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*running)


async def _some(stored, kind, number=1):
    return len(await stored(kind)) >= number


def _fields(server):
    return {name: getattr(server, name) for name in server.__struct_fields__}
