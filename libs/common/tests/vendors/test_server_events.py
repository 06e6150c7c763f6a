"""What servers say while it happens: heard over real connections, and every way in which a line can break."""

import asyncio
import json
import logging
from contextlib import aclosing, asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from framewright.chassis.testing.bus import until
from framewright.chassis.testing.http import serving
from framewright.contracts.server import Server, ServerAuth
from framewright.domain.errors import Reject, Retry
from framewright.vendors import EventKind, item_files, server_events
from framewright.vendors.eventsource import follow
from framewright.vendors.exchange import Call, endpoint
from framewright.vendors.mediabrowser import events as mediabrowser
from framewright.vendors.plex import events as plex
from framewright.vendors.simulation.instruments import Fault, FaultKind, Watched

FILM = "/data/films/Film (2001) {tmdb-1}/Film (2001).mkv"
VENDORS = ("plex", "emby", "jellyfin")
LINES = {"plex": "/:/eventsource/notifications", "emby": "/embywebsocket", "jellyfin": "/socket"}


class Heard:
    """Listens in the background; `broke` is how the line ended."""

    def __init__(self, lines):
        self.events, self.broke = asyncio.Queue(), None
        self.task = asyncio.create_task(self.hear(lines))

    async def hear(self, lines):
        try:
            async with aclosing(lines):
                async for event in lines:
                    self.events.put_nowait(event)
        except (Retry, Reject) as error:
            self.broke = error

    async def next(self, kind, *, with_items=False):
        """The next event of a kind."""
        async with asyncio.timeout(5):
            while (event := await self.events.get()).kind is not kind or (with_items and not event.item_ids):
                pass
        return event

    async def end(self):
        await asyncio.wait_for(self.task, 5)
        return self.broke


async def _is_true(found):
    return bool(found)


@asynccontextmanager
async def listening(desk, **changes):
    """Somebody who listens, and is heard by the server."""
    heard = Heard(server_events(desk.configured(**changes), desk.http))
    await until(lambda: _is_true(desk.asked("GET", LINES[desk.vendor])))
    await asyncio.sleep(0.2)
    try:
        yield heard
    finally:
        heard.task.cancel()
        await asyncio.gather(heard.task, return_exceptions=True)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_film_that_begins_pauses_and_ends_is_told_each_time(bench, vendor):
    async with bench(vendor) as desk, listening(desk) as heard:
        for watched in [(Watched(FILM),), (Watched(FILM, "paused"),), ()]:
            desk.state.instruments.watch(*watched)

            assert await heard.next(EventKind.PLAYBACK)


async def test_plex_says_that_a_scan_is_over_and_which_item_it_found(bench):
    async with bench("plex") as desk, listening(desk) as heard:
        desk.add("films/New (2020)/New (2020).mkv")
        desk.state.scan("1", "/data/films/New (2020)")
        event = await heard.next(EventKind.LIBRARY, with_items=True)
        files = await item_files(desk.configured(), desk.http, event.item_ids[0])
        desk.clock.now += 60

        assert files == ["/data/films/New (2020)/New (2020).mkv"]
        assert (await heard.next(EventKind.LIBRARY)).item_ids == ()


async def test_plex_says_which_item_shows_previews_now(bench, bif):
    async with bench("plex") as desk, listening(desk) as heard:
        item = next(one for one in desk.state.items() if one.title == "Film")
        files = await desk.server.outputs(desk.target("films/Film (2001) {tmdb-1}/Film (2001).mkv"))
        desk.put(files.outputs[0].path, bif())
        desk.state.analyze(item)

        assert (await heard.next(EventKind.LIBRARY)).item_ids == (item.rating_key,)


@pytest.mark.parametrize("vendor", ["emby", "jellyfin"])
async def test_a_person_hears_which_items_are_new(bench, vendor):
    async with bench(vendor) as desk:
        desk.state.door.issued["of-a-person"] = "admin"
        server = desk.configured(auth=ServerAuth(method="password", access_token="of-a-person"))
        async with listening(desk, auth=server.auth) as heard:
            desk.add("films/New (2020)/New (2020).mkv")
            desk.state.catalogue.report("/data/films/New (2020)/New (2020).mkv")

            event = await heard.next(EventKind.LIBRARY)

            assert await item_files(server, desk.http, event.item_ids[0]) == ["/data/films/New (2020)/New (2020).mkv"]


@pytest.mark.parametrize(("vendor", "task"), [("emby", "scan"), ("jellyfin", "RefreshLibrary")])
async def test_an_api_key_hears_that_the_scan_of_everything_is_over(bench, vendor, task, token):
    async with bench(vendor) as desk, listening(desk) as heard:
        headers = {"Authorization": f'MediaBrowser Token="{token}"'}
        await heard.next(EventKind.OPENED)
        await desk.http.post(f"{desk.url}/ScheduledTasks/Running/{task}", headers=headers)
        await asyncio.sleep(0.3)
        assert heard.events.empty()
        desk.clock.now += 60

        assert (await heard.next(EventKind.LIBRARY)).item_ids == ()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_line_that_is_cut_is_an_error_to_begin_again_after(bench, vendor):
    async with bench(vendor) as desk, listening(desk) as heard:
        desk.state.instruments.cut_streams()

        broke = await heard.end()

        assert (type(broke), broke.code) == (Retry, "UNREACHABLE")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_refused_token_is_final_and_nowhere_in_a_log(bench, vendor, caplog):
    caplog.set_level(logging.DEBUG)
    auth = ServerAuth(token="wr0ng-t0ken", api_key="wr0ng-t0ken")
    async with bench(vendor) as desk, listening(desk, auth=auth) as heard:
        broke = await heard.end()

    assert (type(broke), broke.code) == (Reject, "UNAUTHORIZED")
    assert "wr0ng-t0ken" not in caplog.text + str(broke)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_server_that_fails_is_asked_again(bench, vendor):
    async with bench(vendor) as desk:
        desk.state.instruments.inject(Fault(FaultKind.STATUS, path=LINES[vendor], status=503))
        async with listening(desk) as heard:
            broke = await heard.end()

    assert (type(broke), broke.code) == (Retry, "SERVER_ERROR")


class Always:
    """Gives everybody the same answer, whoever wants a WebSocket too; `seen` are the paths that were asked for."""

    def __init__(self, response):
        self.response, self.seen = response, []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return
        self.seen.append(scope["path"])
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(self.response)
        else:
            await self.response(scope, receive, send)


async def broken(app, vendor):
    """How the line to a server ends that is this application."""
    async with serving(app) as url, httpx.AsyncClient(verify=False) as http:
        server = Server(id="s", type=vendor, url=url, name="Den", auth=ServerAuth(token="t", api_key="t"))
        return await Heard(server_events(server, http)).end()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_web_page_instead_of_events_is_a_bad_answer(vendor):
    broke = await broken(Always(HTMLResponse("<html>Sign in</html>")), vendor)

    assert (type(broke), broke.code) == (Retry, "BAD_ANSWER")
    assert broke.reason.startswith("Den: ")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_redirect_is_not_followed_and_the_token_stays(vendor):
    stranger = Always(HTMLResponse("Welcome"))
    async with serving(stranger) as elsewhere:
        broke = await broken(Always(RedirectResponse(f"{elsewhere}/socket")), vendor)

    assert (type(broke), broke.code, stranger.seen) == (Retry, "BAD_ANSWER", [])


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_server_that_is_away_is_unreachable(vendor):
    server = Server(id="s", type=vendor, url="http://127.0.0.1:1", auth=ServerAuth(token="t", api_key="t"))
    async with httpx.AsyncClient(verify=False) as http:
        broke = await Heard(server_events(server, http)).end()

    assert (type(broke), broke.code) == (Retry, "UNREACHABLE")


async def streamed(pieces, *, silence=5.0, most_bytes=1000):
    """How the line ends when a server sends these pieces and then nothing more."""

    async def body():
        for piece in pieces:
            yield piece
        await asyncio.sleep(60)

    async def stream(_request):
        return StreamingResponse(body(), media_type="text/event-stream")

    async with serving(Starlette(routes=[Route("/e", stream)])) as url, httpx.AsyncClient(verify=False) as http:
        to = endpoint(Server(id="s", type="plex", url=url, name="Den"), http, {})
        return await Heard(follow(to, Call("GET", "/e", most_bytes=most_bytes), silence)).end()


async def test_a_server_that_falls_silent_is_given_up():
    broke = await streamed([b"event: ping\ndata: {}\n\n"], silence=0.3)

    assert broke.code == "TIMEOUT"


async def test_an_event_without_end_is_not_kept():
    broke = await streamed([b"data: x\n\n", *[b"data: " + b"x" * 300 + b"\n"] * 5])

    assert (broke.code, broke.reason) == ("BAD_ANSWER", "Den: GET /e sends an event without end")


async def test_many_events_are_no_event_without_end():
    broke = await streamed([b"data: x\n\n" * 50] * 20, silence=0.3)

    assert broke.code == "TIMEOUT"


async def test_what_a_server_wants_to_hear_keeps_the_line_alive():
    heard = []

    async def socket(ws):
        await ws.accept()
        await ws.send_json({"MessageType": "ForceKeepAlive", "Data": 0.4})
        while len(heard) < 3:
            heard.append(await ws.receive_json())
        await ws.close()

    async with serving(Starlette(routes=[WebSocketRoute("/s", socket)])) as url, httpx.AsyncClient() as http:
        to = endpoint(Server(id="s", type="jellyfin", url=url), http, {})
        await Heard(mediabrowser.events(to, mediabrowser.Line("/s", {}, ('{"MessageType":"Hello"}',), False))).end()

    assert [one["MessageType"] for one in heard] == ["Hello", "KeepAlive", "KeepAlive"]


ENDED = {"event": "ended", "Activity": {"type": "library.refresh.items", "Context": {"key": "/library/metadata/7"}}}
CHILDREN = {"type": "library.update.item.metadata", "Context": {"key": "/library/metadata/7/children"}}
TOLD = [
    {"ActivityNotification": ENDED},
    {"NotificationContainer": {"type": "activity", "ActivityNotification": [{"event": "ended", "Activity": CHILDREN}]}},
    {"TimelineEntry": [{"itemID": 7, "state": 3}, {"itemID": "7", "state": 5}]},
]


@pytest.mark.parametrize("data", TOLD)
def test_plex_is_understood_in_every_shape_that_clients_show(data):
    (event,) = plex.Hearing().events(json.dumps(data))

    assert (event.kind, event.item_ids) == (EventKind.LIBRARY, ("7",))


def test_the_progress_of_a_film_that_plays_on_is_no_news():
    hearing = plex.Hearing()
    told = [
        f'{{"PlaySessionStateNotification":{{"sessionKey":"4","state":"{state}"}}}}'
        for state in ("playing", "playing", "paused", "stopped", "playing")
    ]

    assert [len(hearing.events(one)) for one in told] == [1, 0, 1, 1, 1]


def test_a_collection_that_was_refreshed_is_no_item():
    activity = {"type": "library.refresh.items", "Context": {"key": "/library/collections/9/children"}}

    (event,) = plex.Hearing().events(json.dumps({"ActivityNotification": {"event": "ended", "Activity": activity}}))

    assert event.item_ids == ()
