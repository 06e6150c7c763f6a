"""The shared HTTP client, the health routes, and a uvicorn server inside the service's own loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

Ready = Callable[[], Awaitable[str]]
"""Answers why the service is not ready, or an empty string."""


def health_routes(ready: Ready) -> list[Route]:
    """`/live` (the loop turns), `/ready` (the bus is there) and `/metrics` (Prometheus text)."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def is_ready(_request: Request) -> Response:
        reason = await ready()
        return JSONResponse({"ready": not reason, "reason": reason}, status_code=503 if reason else 200)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/live", live), Route("/ready", is_ready), Route("/metrics", metrics)]


def health_app(ready: Ready) -> ASGIApp:
    """An application with nothing but the health routes."""
    return Starlette(routes=list(health_routes(ready)))


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening-to-be socket, so that a port of 0 is known before the server starts.

    Raises:
        OSError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle off only on sockets that say they are TCP; without it every answer waits 40 ms for an ack.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


@asynccontextmanager
async def serving(app: ASGIApp, bound: socket.socket) -> AsyncGenerator[str]:
    """Serve an ASGI application while the context is open; yields its base URL."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # uvicorn would believe X-Forwarded-For of every loopback peer
        timeout_keep_alive=75,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue] - signals are the service's
    task = asyncio.create_task(_serve(server, bound))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    host, port = bound.getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _serve(server: uvicorn.Server, bound: socket.socket) -> None:
    # `Server.serve` would take over SIGINT and SIGTERM; the service drains first and stops this server itself.
    await server._serve([bound])  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def client(*, timeout: float = 30.0, verify: bool = True) -> httpx.AsyncClient:
    """A pooled client that never follows a redirect (a token must not travel to another host)."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout, connect=min(5.0, timeout)),
        verify=verify,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
    )
