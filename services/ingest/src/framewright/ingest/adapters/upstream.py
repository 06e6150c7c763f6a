"""Passes requests on to the ui, so that one port serves webhooks and dashboard on a box without a reverse proxy."""

from collections.abc import AsyncIterator

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

# RFC 9110 section 7.6.1: these belong to one connection and are never passed on.
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


class Upstream:
    """One HTTP service behind this one; answers are streamed, so server-sent events pass through as they come."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(30.0, connect=2.0, read=None),
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=32),
        )

    async def pass_on(self, request: Request) -> Response:
        """The upstream's answer; 503 when it is not there."""
        url = httpx.URL(path=request.url.path, query=request.url.query.encode())
        headers = [(name, value) for name, value in request.headers.raw if name.decode().lower() not in HOP_BY_HOP]
        if request.client is not None:
            headers.append((b"x-forwarded-for", request.client.host.encode()))
        try:
            sent = self._client.build_request(request.method, url, headers=headers, content=_content(request))
            answer = await self._client.send(sent, stream=True)
        except httpx.HTTPError:
            body = {"error": "the dashboard service is starting or down", "code": "UNAVAILABLE"}
            return JSONResponse(body, status_code=503, headers={"Retry-After": "2"})
        kept = [(name, value) for name, value in answer.headers.raw if name.decode().lower() not in HOP_BY_HOP]
        response = StreamingResponse(
            _body(answer), status_code=answer.status_code, background=BackgroundTask(answer.aclose)
        )
        response.raw_headers[:] = kept
        return response

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _content(request: Request) -> AsyncIterator[bytes] | None:
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    except httpx.HTTPError:
        return  # the connection to our own client is cut too, which is the honest signal
