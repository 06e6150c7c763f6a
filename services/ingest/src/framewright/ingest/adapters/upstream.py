"""Passes requests on to the ui, so that one port serves webhooks and dashboard on a box without a reverse proxy."""

from collections.abc import AsyncIterator, Iterable

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from framewright.domain.errors import Retry

Header = tuple[bytes, bytes]

# RFC 9110 section 7.6.1: these belong to one connection and are never passed on, nor is what `Connection` names.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


FORWARDED_FOR = b"x-forwarded-for"


class Upstream:
    """One HTTP service behind this one; answers are streamed, so server-sent events pass through as they come."""

    def __init__(self, base_url: str) -> None:
        self._base = httpx.URL(base_url)
        self._client = httpx.AsyncClient(
            trust_env=False,  # a hop inside the system never goes through the proxy for the world outside
            timeout=httpx.Timeout(30.0, connect=2.0, read=None),
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=32),
        )

    async def pass_on(self, request: Request) -> Response:
        """The upstream's answer; 503 when it is not there."""
        try:
            answer = await self._client.send(self._request(request), stream=True)
        except httpx.InvalidURL:
            return JSONResponse({"error": "the address is not valid", "code": "VALIDATION_ERROR"}, status_code=400)
        except httpx.HTTPError:
            body = {"error": "the dashboard service is starting or down", "code": "UNAVAILABLE"}
            return JSONResponse(body, status_code=503, headers={"Retry-After": "2"})
        response = StreamingResponse(
            _body(answer), status_code=answer.status_code, background=BackgroundTask(answer.aclose)
        )
        response.raw_headers[:] = _end_to_end(answer.headers.raw)
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _request(self, request: Request) -> httpx.Request:
        """The same request for the upstream, its target as it came, because decoding it would change its meaning.

        Made by hand: the shared client would add headers of its own, and the cookies that other callers were given.

        Raises:
            httpx.InvalidURL: the target is too long or holds what no URL may hold.
        """
        query: bytes = request.scope["query_string"]
        target = request.scope["raw_path"] + (b"?" + query if query else b"")
        headers = [header for header in _end_to_end(request.headers.raw) if header[0] != FORWARDED_FOR]
        headers.append((FORWARDED_FOR, _hops(request)))
        url = self._base.copy_with(raw_path=self._base.raw_path.rstrip(b"/") + target)
        return httpx.Request(request.method, url, headers=headers, content=_content(request))


def _end_to_end(headers: Iterable[Header]) -> list[Header]:
    """The headers without those of the connection."""
    found = [(name.lower(), value) for name, value in headers]
    named = ",".join(value.decode("latin-1") for name, value in found if name == b"connection")
    dropped = HOP_BY_HOP | {word.strip().lower() for word in named.split(",")}
    return [(name, value) for name, value in found if name.decode("latin-1") not in dropped]


def _hops(request: Request) -> bytes:
    """Every hop that was claimed, then the peer: the last one is the only one that cannot be made up."""
    claimed = request.headers.getlist(FORWARDED_FOR.decode())
    peer = [request.client.host] if request.client is not None else []
    return ", ".join([*claimed, *peer]).encode("latin-1")


def _content(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx.HTTPError as error:
        # Only an exception makes the server cut the connection; a plain end would pass half an answer for a whole one.
        raise Retry("the dashboard service broke off its answer", code="UNAVAILABLE") from error
