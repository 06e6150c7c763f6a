"""`/api/plex/test` and `/api/plex/libraries`: one Plex server before, or without, its being configured."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Retry
from framewright.domain.ownership import Library
from framewright.ui.domain.servers import new_server
from framewright.ui.domain.sign_in import PLEX
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.servers import tested, vouched
from framewright.ui.handlers.upstream import outward

LONGEST = 20.0
"""Seconds that one server may take: less than the whole answer may."""


def routes(desk: Desk) -> APIRouter:
    """Both take `url` with a `token`, or with a `handle` of `/api/plex/servers`."""
    router = APIRouter(prefix="/api/plex", tags=["sign-in"])

    @router.post("/test", summary="Try an address and a token")
    async def test(request: Request) -> Response:
        return Json(await tested(desk, await _candidate(desk, await json_object(request))))

    @router.get("/libraries", summary="The libraries of a Plex server; unnamed, of the first that answers")
    async def libraries(url: str = "", token: str = "", handle: str = "") -> Response:
        named = {"url": url, "token": token, "handle": handle}
        servers = (await _candidate(desk, named),) if url or handle else _configured(desk)

        async def work() -> Response:
            found = await _first_answer(desk, servers)
            return Json({"libraries": [{"id": one.id, "name": one.name, "type": one.kind} for one in found]})

        return await outward(work())

    return router


async def _first_answer(desk: Desk, servers: Sequence[Server]) -> Sequence[Library]:
    """The libraries of the first server that answers; all are asked at once, so that a dead one costs its own time only.

    Raises:
        Retry, Reject: what became of the first one, when none answers.
    """
    asked = [asyncio.ensure_future(_read(desk, server)) for server in servers]
    failures: list[FramewrightError] = []
    try:
        for one in asked:
            answer = await one
            if not isinstance(answer, FramewrightError):
                return answer
            failures.append(answer)
    finally:
        for one in asked:
            one.cancel()
    raise failures[0]


async def _read(desk: Desk, server: Server) -> Sequence[Library] | FramewrightError:
    try:
        async with asyncio.timeout(LONGEST), desk.reach(server) as media:
            await media.identify()
            return await media.libraries()
    except TimeoutError:
        return Retry(f"{server.name or server.id} had no answer within {LONGEST:g} s", code="TIMEOUT")
    except FramewrightError as error:
        return error


async def _candidate(desk: Desk, data: dict[str, Any]) -> Server:
    auth = {"handle": data["handle"]} if data.get("handle") else {"token": data.get("token", "")}
    described = {"type": PLEX, "url": data.get("url", ""), "verify_ssl": data.get("verify_ssl"), "auth": auth}
    return new_server(await vouched(desk, described), "candidate")


def _configured(desk: Desk) -> tuple[Server, ...]:
    servers = tuple(one for one in desk.config.servers if one.type == PLEX and one.enabled)
    if not servers:
        raise missing("no Plex server is configured and enabled: name one by url and token")
    return servers
