"""The ui behind ingest's port: requests and answers pass through as they are."""

import asyncio
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from framewright.chassis.testing.http import serving
from framewright.ingest.adapters.upstream import Upstream

pytestmark = pytest.mark.integration

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Ui:
    """A dashboard that says what it was asked."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.goes_on = asyncio.Event()
        anything = Route("/{path:path}", self.echo, methods=METHODS)
        self.app = Starlette(
            routes=[
                Route("/events", self.events),
                Route("/broken", self.broken),
                Route("/login", self.login),
                Route("/gone", self.moved),
                anything,
            ]
        )

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        said = {
            "method": request.method,
            "target": request.scope["raw_path"].decode(),
            "query": request.scope["query_string"].decode(),
            "headers": [[name.decode(), value.decode()] for name, value in request.headers.raw],
            "body": body.decode("latin-1"),
        }
        headers = {"X-Hop": "mine", "Connection": "X-Hop", "Keep-Alive": "timeout=9", "X-Kept": "yes"}
        return JSONResponse(said, status_code=207, headers=headers)

    async def events(self, _request: Request) -> Response:
        async def stream():
            try:
                yield b"data: first\n\n"
                await self.goes_on.wait()
                yield b"data: second\n\n"
                await asyncio.sleep(60)
            finally:
                self.left.set()

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def broken(self, _request: Request) -> Response:
        async def stream():
            yield b"half of"
            await asyncio.sleep(0.05)
            raise ConnectionResetError

        return StreamingResponse(stream())

    async def login(self, _request: Request) -> Response:
        answer = Response("welcome")
        answer.set_cookie("session", "of-somebody", httponly=True)
        answer.set_cookie("theme", "dark")
        return answer

    async def moved(self, _request: Request) -> Response:
        return Response(status_code=302, headers={"Location": "/login"})


@pytest.fixture
def ui() -> Ui:
    return Ui()


@pytest.fixture
def proxied(ui):
    """`async with proxied() as http`: a client of the port in front of the ui."""

    @asynccontextmanager
    async def run(address: str = ""):
        async with serving(ui.app) as url:
            upstream = Upstream(address or url)

            async def front(scope, receive, send):
                await (await upstream.pass_on(Request(scope, receive)))(scope, receive, send)

            async with serving(front) as base, httpx.AsyncClient(base_url=base) as http:
                yield http
            await upstream.aclose()

    return run


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_reaches_the_ui_with_its_body(proxied, method):
    async with proxied() as http:
        answer = await http.request(method, "/api/jobs?a=1&b=%20", content=b"\x00body\xff")

    said = answer.json()
    assert answer.status_code == 207
    assert (said["method"], said["query"], said["body"]) == (method, "a=1&b=%20", "\x00body\xff")


async def test_a_chunked_body_passes_through(proxied):
    async def chunks():
        yield b"one "
        yield b"two"

    async with proxied() as http:
        said = (await http.post("/upload", content=chunks())).json()

    assert said["body"] == "one two"
    assert ["transfer-encoding", "chunked"] in said["headers"]


@pytest.mark.parametrize("target", ["/a%2Fb/c", "/what%3Fnow", "/50%2525", "/caf%C3%A9/%23tag", "//double"])
async def test_a_target_keeps_its_meaning(proxied, target):
    async with proxied() as http:
        parts = urlsplit(str(http.base_url))
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert f'"target":"{target}"'.encode() in answer


async def test_headers_of_the_connection_are_not_passed_on(proxied):
    own = {"X-Mine": "1", "Connection": "keep-alive, X-Secret-Hop", "X-Secret-Hop": "x", "TE": "trailers"}

    async with proxied() as http:
        answer = await http.get("/", headers={**own, "Proxy-Authorization": "Basic eDp5"})

    names = {name for name, _ in answer.json()["headers"]}
    assert "x-mine" in names
    assert names.isdisjoint({"connection", "x-secret-hop", "te", "proxy-authorization"})
    assert answer.headers["x-kept"] == "yes"
    assert {"x-hop", "keep-alive"}.isdisjoint(answer.headers)


async def test_the_ui_sees_the_address_that_was_asked_and_who_asked(proxied):
    async with proxied() as http:
        said = (await http.get("/", headers={"Host": "previews.example", "Accept-Encoding": "identity"})).json()

    headers = dict(said["headers"])
    assert headers["host"] == "previews.example"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["accept-encoding"] == "identity"


async def test_claimed_hops_come_before_the_one_that_is_known(proxied):
    async with proxied() as http:
        said = (await http.get("/", headers=[("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "7.7.7.7")])).json()

    hops = [value for name, value in said["headers"] if name == "x-forwarded-for"]
    assert len(hops) == 1
    assert hops[0].startswith("6.6.6.6, 7.7.7.7, ")


async def test_a_session_of_one_caller_is_never_lent_to_another(proxied):
    async with proxied() as http:
        login = await http.get("/login")
        http.cookies.clear()
        said = (await http.get("/")).json()

    assert len(login.headers.get_list("set-cookie")) == 2
    assert "cookie" not in dict(said["headers"])


async def test_a_redirect_is_for_the_browser_to_follow(proxied):
    async with proxied() as http:
        answer = await http.get("/gone")

    assert (answer.status_code, answer.headers["location"]) == (302, "/login")


async def test_events_come_through_as_they_are_sent(proxied, ui):
    async with proxied() as http, http.stream("GET", "/events") as answer:
        lines = answer.aiter_lines()
        first = await asyncio.wait_for(anext(lines), 2)
        ui.goes_on.set()
        rest = [await asyncio.wait_for(anext(lines), 2) for _ in range(2)]

        assert answer.headers["content-type"].startswith("text/event-stream")
        assert (first, rest) == ("data: first", ["", "data: second"])


async def test_a_viewer_who_leaves_is_let_go_upstream(proxied, ui):
    async with proxied() as http:
        async with http.stream("GET", "/events") as answer:
            await anext(answer.aiter_lines())

        await asyncio.wait_for(ui.left.wait(), 3)


async def test_an_answer_that_breaks_off_is_not_passed_on_as_whole(proxied):
    async with proxied() as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/broken")


async def test_a_ui_that_is_down_is_said_to_be_starting(proxied):
    async with proxied("http://127.0.0.1:9") as http:
        answer = await http.get("/")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["code"] == "UNAVAILABLE"


async def test_webhooks_stay_here_and_the_rest_goes_to_the_ui(ingest, ui):
    async with serving(ui.app) as url, ingest(ui_upstream=url) as desk:
        webhook = await desk.post("custom", {"file_path": "/a.mkv"})
        history = await desk.http.get("/api/webhooks/history")
        live = await desk.http.get("/live")

    assert webhook.json()["status"] == "queued"
    assert history.json()["target"] == "/api/webhooks/history"
    assert live.text == "ok"
