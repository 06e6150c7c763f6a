"""`/api/events`: server-sent events (WHATWG HTML, 9.2) about jobs, files, progress and history."""

from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from framewright.ui.domain.ports import LiveEvent
from framewright.ui.handlers.desk import Desk

# A proxy that buffered would hold the events back.
_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


def routes(desk: Desk) -> APIRouter:
    """The one stream: `hello` or `reset`, then `job`, `files`, `gone`, `progress`, `history`, `servers`, `devices`, `processing`."""
    router = APIRouter(tags=["live"])

    @router.get("/api/events", summary="Live updates", response_class=StreamingResponse)
    async def events(request: Request, last_event_id: str = "") -> Response:
        after = request.headers.get("last-event-id", last_event_id)
        return StreamingResponse(_written(desk.live.events(after)), media_type="text/event-stream", headers=_HEADERS)

    return router


async def _written(events: AsyncGenerator[LiveEvent | None]) -> AsyncGenerator[bytes]:
    try:
        yield b"retry: 2000\n\n"
        async for event in events:
            yield b": still here\n\n" if event is None else _lines(event)
    finally:
        await events.aclose()


def _lines(event: LiveEvent) -> bytes:
    return f"id: {event.id}\nevent: {event.name}\n".encode() + b"data: " + event.data + b"\n\n"
