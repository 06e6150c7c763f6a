"""`/api/plex/test` and `/api/plex/libraries`: one Plex server before, or without, its being configured."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server
from framewright.ui.domain.servers import new_server
from framewright.ui.domain.sign_in import PLEX
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.servers import tested, vouched
from framewright.ui.handlers.upstream import outward


def routes(desk: Desk) -> APIRouter:
    """Both take `url` with a `token`, or with a `handle` of `/api/plex/servers`."""
    router = APIRouter(prefix="/api/plex", tags=["sign-in"])

    @router.post("/test", summary="Try an address and a token")
    async def test(request: Request) -> Response:
        return Json(await tested(desk, await _candidate(desk, await json_object(request))))

    @router.get("/libraries", summary="The libraries of a Plex server; of the first configured one when none is named")
    async def libraries(url: str = "", token: str = "", handle: str = "") -> Response:
        named = {"url": url, "token": token, "handle": handle}
        server = await _candidate(desk, named) if url or handle else _configured(desk)

        async def work() -> Response:
            async with desk.reach(server) as media:
                await media.identify()
                found = await media.libraries()
            return Json({"libraries": [{"id": one.id, "name": one.name, "type": one.kind} for one in found]})

        return await outward(work())

    return router


async def _candidate(desk: Desk, data: dict[str, Any]) -> Server:
    auth = {"handle": data["handle"]} if data.get("handle") else {"token": data.get("token", "")}
    described = {"type": PLEX, "url": data.get("url", ""), "verify_ssl": data.get("verify_ssl"), "auth": auth}
    return new_server(await vouched(desk, described), "candidate")


def _configured(desk: Desk) -> Server:
    server = next((one for one in desk.config.servers if one.type == PLEX), None)
    if server is None:
        raise missing("no Plex server is configured: name one by url and token")
    return server
