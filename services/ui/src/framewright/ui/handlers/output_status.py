"""`/api/servers/{id}/output-status`: whether the previews of a path lie where the server looks for them."""

import asyncio
from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from framewright.contracts.server import Server, server_paths, wanted_rendition
from framewright.domain.errors import NotIndexed, Reject
from framewright.domain.ownership import Verdict, judge
from framewright.domain.publishing import PublishTarget
from framewright.ui.domain.output_status import OutputStatus
from framewright.ui.domain.sign_in import PLEX
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.servers import canonical_path, existing
from framewright.ui.handlers.upstream import outward

SAYS_SO = frozenset({"OUTPUT_ROOT_MISSING", "NOT_OWNED"})
"""Refusals that are the answer to the question."""


def routes(desk: Desk) -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/api/servers", tags=["servers"])

    @router.get("/{server_id}/output-status", summary="Which outputs of a path exist for this server")
    async def status(server_id: str, path: str, item_id: str = "") -> Response:
        server = existing(desk, server_id)
        if server.type == PLEX and not item_id:
            return Json({"needs_item_id": True})
        asked = OutputStatus(
            server_id=server_id,
            path=path,
            canonical_path=await canonical_path(desk, path, (server,)),
            owned=False,
            item_id=item_id,
        )
        return await outward(_answered(desk, server, asked))

    return router


async def _answered(desk: Desk, server: Server, asked: OutputStatus) -> Response:
    ownership = judge(server_paths(server), asked.canonical_path)
    if ownership.verdict is not Verdict.OWNED:
        return Json(replace(asked, reason=ownership.steps[-1] if ownership.steps else "the server does not own it"))
    rendition = wanted_rendition(server, desk.config.settings.thumbnail_interval)
    library_id = ownership.library.id if ownership.library else ""
    target = PublishTarget(
        asked.canonical_path, ownership.remote_paths, rendition, library_id=library_id, item_id=asked.item_id
    )
    return Json(await _looked_at(desk, server, target, replace(asked, owned=True)))


async def _looked_at(desk: Desk, server: Server, target: PublishTarget, asked: OutputStatus) -> OutputStatus:
    """The server says where its outputs go; what lies there is what this service sees."""
    try:
        async with desk.reach(server) as media:
            located = await media.outputs(target)
            hindrance = await media.hindrance(target, located)
    except NotIndexed as error:
        return replace(asked, reason=error.reason)
    except Reject as error:
        if error.code not in SAYS_SO:
            raise
        return replace(asked, reason=error.reason)
    states = tuple(await asyncio.gather(*(desk.output_state(one) for one in located.outputs)))
    return replace(
        asked,
        exists=bool(states) and all(one.exists for one in states),
        item_id=located.item_id or asked.item_id,
        outputs=states,
        note=located.note,
        hindrance=hindrance.reason if hindrance else "",
    )
