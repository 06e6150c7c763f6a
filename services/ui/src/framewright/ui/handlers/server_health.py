"""`/api/servers/{id}/health-check` and `/previews-readiness`: whether a server is set so that previews appear, and its cure."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Reject
from framewright.domain.health import Check
from framewright.ui.domain.server_health import Order, Plan, known_keys, plan, readiness, report, unreachable
from framewright.ui.handlers.answers import Json, problem
from framewright.ui.handlers.bodies import body_as
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.servers import existing
from framewright.vendors import Auditor

Work = Callable[[Auditor, Sequence[Check]], Awaitable[dict[str, Any]]]
"""What is done with the rows of a server that answers."""


class Rows(msgspec.Struct, frozen=True):
    """Rows of the check list, by key or by flag."""

    ids: tuple[str, ...] = ()
    id: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that are named."""
        return (*self.ids, *([self.id] if self.id else []))


def routes(desk: Desk) -> APIRouter:
    """Look, mend, dismiss."""
    router = APIRouter(prefix="/api/servers/{server_id}", tags=["servers"])

    @router.get("/health-check", summary="Settings of the server that keep previews from appearing")
    async def look(server_id: str) -> Response:
        server = enabled_server(desk, server_id)
        async with desk.audits(server) as audit:
            return Json(report(server, await audit.checks()))

    @router.post("/health-check/apply", summary="Set what is wrong as it should be")
    async def apply(server_id: str, request: Request) -> Response:
        server, order = enabled_server(desk, server_id), await body_as(request, Order)

        async def work(audit: Auditor, checks: Sequence[Check]) -> dict[str, Any]:
            return await carried_out(audit, plan(checks, order))

        return await examined(desk, server, work)

    @router.get("/previews-readiness", summary="The whole check list in sections")
    async def sections(server_id: str) -> Response:
        server = enabled_server(desk, server_id)
        async with desk.audits(server) as audit:
            return Json(readiness(server, await audit.checks(), await desk.dismissals.of(server_id)))

    @router.post("/previews-readiness/dismiss", summary="Hear no more of some rows")
    async def dismiss(server_id: str, request: Request) -> Response:
        server, rows = enabled_server(desk, server_id), await body_as(request, Rows)
        async with desk.audits(server) as audit:
            keys = known_keys(await audit.checks(), rows.names)
        return Json({"ok": True, "dismissed": sorted(await desk.dismissals.change(server_id, add=keys))})

    @router.post("/previews-readiness/undismiss", summary="Hear of rows again")
    async def undismiss(server_id: str, request: Request) -> Response:
        enabled_server(desk, server_id)
        rows = await body_as(request, Rows)
        return Json({"ok": True, "dismissed": sorted(await desk.dismissals.change(server_id, remove=rows.names))})

    return router


def enabled_server(desk: Desk, server_id: str) -> Server:
    """The configured server.

    Raises:
        Reject: code NOT_FOUND; CONFLICT, it is disabled.
    """
    server = existing(desk, server_id)
    if not server.enabled:
        raise Reject(f"the server {server.name or server.id} is disabled", code="CONFLICT")
    return server


async def examined(desk: Desk, server: Server, work: Work) -> Response:
    """The answer of the work on the rows as they are now; 502 when the server could not be asked for them."""
    async with desk.audits(server) as audit:
        checks = await audit.checks()
        if reason := unreachable(checks):
            return problem(502, "UPSTREAM_ERROR", reason)
        return Json(await work(audit, checks))


async def carried_out(audit: Auditor, wanted: Plan) -> dict[str, Any]:
    """What became of each row, by its key; `ok` when all are set, so what waits for a phrase is a failure."""
    results = {one.key: await _set(audit, one) for one in wanted.steps}
    waiting = {one.key: one.phrase for one in wanted.unconfirmed}
    results |= {key: {"ok": False, "message": f"type {phrase!r} in confirm"} for key, phrase in waiting.items()}
    return {"ok": all(one["ok"] for one in results.values()), "results": results, "needs_confirm": waiting}


async def _set(audit: Auditor, check: Check) -> dict[str, Any]:
    try:
        return {"ok": True, "message": await audit.apply(check)}
    except FramewrightError as error:
        return {"ok": False, "message": error.reason, "code": error.code}
