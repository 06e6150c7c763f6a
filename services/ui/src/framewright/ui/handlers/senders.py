"""`/api/senders`: the Sonarr and Radarr instances whose history is read to find what never arrived."""

from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.chassis.clock import now
from framewright.contracts.senders import Sender, SenderReport, redacted_sender
from framewright.domain.errors import FramewrightError, Reject
from framewright.ui.domain.senders import NewSender, SenderDesk, SenderPage, changed_sender, new_sender
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import documented, taking


def routes(desk: Desk) -> APIRouter:
    """Add, show, change, remove; keys are masked in every answer."""
    router = APIRouter(prefix="/api/senders", tags=["senders"])
    senders = desk.senders

    @router.get("", summary="Every sender", responses=documented(SenderPage))
    async def show_all() -> Response:
        return Json({"senders": [redacted_sender(one) for one in await senders.store.all()]})

    @router.post(
        "", status_code=201, summary="Add a sender", responses=documented(Sender, 201), openapi_extra=taking(NewSender)
    )
    async def add(request: Request) -> Response:
        sender = new_sender(await json_object(request), uuid4().hex)
        await senders.store.add(sender)
        return Json(redacted_sender(sender), 201)

    @router.get("/{sender_id}", summary="One sender", responses=documented(Sender))
    async def show(sender_id: str) -> Response:
        return Json(redacted_sender(await senders.store.find(sender_id)))

    @router.put(
        "/{sender_id}",
        summary="Change a sender; what is not given stays",
        responses=documented(Sender),
        openapi_extra=taking(NewSender),
    )
    async def change(sender_id: str, request: Request) -> Response:
        changes = await json_object(request)
        return Json(redacted_sender(await senders.store.change(sender_id, lambda old: changed_sender(old, changes))))

    @router.delete("/{sender_id}", summary="Remove a sender")
    async def delete(sender_id: str) -> Response:
        await senders.store.delete(sender_id)
        return Json({"success": True})

    router.include_router(_readings(senders))
    return router


def _readings(senders: SenderDesk) -> APIRouter:
    """Trying a sender, having its history read, and what was found."""
    router = APIRouter()

    @router.post("/{sender_id}/test", summary="Try whether the stored sender answers")
    async def test(sender_id: str) -> Response:
        sender = await senders.store.find(sender_id)
        try:
            version = await senders.version(sender)
        except FramewrightError as error:
            return Json({"success": False, "version": "", "error": error.reason})
        return Json({"success": True, "version": version, "error": ""})

    @router.post("/{sender_id}/reconcile", status_code=202, summary="Have the history read now")
    async def reconcile(sender_id: str) -> Response:
        sender = await senders.store.find(sender_id)
        if not sender.enabled:
            raise Reject(f"{sender.label} is disabled", code="CONFLICT")
        asked = now()
        await senders.store.ask(sender_id, asked)
        return Json({"success": True, "asked_at": asked}, 202)

    @router.get("/{sender_id}/report", summary="What the last reading found", responses=documented(SenderReport))
    async def report(sender_id: str) -> Response:
        sender = await senders.store.find(sender_id)
        found = (await senders.store.reconciled(sender_id)).report
        if found is None:
            raise missing(f"the history of {sender.label} was not read yet")
        return Json(found)

    return router
