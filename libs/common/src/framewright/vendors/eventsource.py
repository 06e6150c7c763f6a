"""Following a server's events over Server-Sent Events; source: the HTML standard, section 9.2."""

from collections.abc import AsyncGenerator, AsyncIterator

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from framewright.domain.errors import Retry
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint

MEDIA_TYPE = "text/event-stream"


async def follow(to: Endpoint, call: Call, silence: float) -> AsyncGenerator[ServerSentEvent]:
    """Every event for as long as the stream lives; it always ends by an error.

    Raises:
        Retry: the server says nothing for `silence` seconds (TIMEOUT), ends the stream (UNREACHABLE), answers something else
            or an event of more than `call.most_bytes` (BAD_ANSWER); else as `exchange.send`.
        Reject: as `exchange.send`.
    """
    url, headers = exchange.address(to, call), {**to.headers, "Accept": MEDIA_TYPE}
    patience = httpx.Timeout(to.timeout, read=silence)
    with exchange.translated(to, call, silence):
        async with to.http.stream(call.method, url, headers=headers, timeout=patience) as response:
            exchange.check(to, call, response)
            try:
                async for event in EventSource(_bounded(to, call, response)).aiter_sse():
                    yield event
            except SSEError as error:
                raise Retry(f"{to.name}: {call} answers no events", code=exchange.BAD_ANSWER) from error
    raise Retry(f"{to.name}: the server ended {call}", code=exchange.UNREACHABLE)


def _bounded(to: Endpoint, call: Call, response: httpx.Response) -> httpx.Response:
    """The same answer, of which no single event is endless: the decoder keeps an event until it is whole."""
    kind = response.headers.get("content-type", "")

    async def pieces() -> AsyncIterator[bytes]:
        unfinished = 0
        async for piece in response.aiter_bytes():
            ended = max(piece.rfind(b"\n\n"), piece.rfind(b"\n\r\n"))
            unfinished = len(piece) - ended if ended >= 0 else unfinished + len(piece)
            if unfinished > call.most_bytes:
                raise Retry(f"{to.name}: {call} sends an event without end", code=exchange.BAD_ANSWER)
            yield piece

    return httpx.Response(response.status_code, headers={"content-type": kind}, content=pieces())
