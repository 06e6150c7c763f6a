"""The OpenAPI document: shapes that msgspec writes, bodies that routes read by themselves, the one shape of errors."""

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from framewright.contracts.senders import Sender, SenderReport
from framewright.contracts.settings import Settings
from framewright.ui.domain.attempts import AttemptPage
from framewright.ui.domain.devices import Rescanned
from framewright.ui.domain.new_jobs import Again, Clearing, Hurry, NewScan, NewWork
from framewright.ui.domain.schedules import NewSchedule, SchedulePage, ScheduleView
from framewright.ui.domain.senders import NewSender, SenderPage
from framewright.ui.domain.views import FilePage, JobDetail, JobPage
from framewright.ui.domain.webhook_journal import PendingPage, Replayed, ReplayWish

_REF = "#/components/schemas/{name}"

_FRAMEWORK = ("HTTPValidationError", "ValidationError")
"""Shapes of the framework's own refusals, which nobody is ever answered."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request was refused: a sentence, and a code for programs."""

    error: str
    code: str


ANSWERED: tuple[type[Any], ...] = (
    *(JobPage, JobDetail, FilePage, AttemptPage, Rescanned, Problem),
    *(PendingPage, Replayed, SchedulePage, ScheduleView, SenderPage, Sender, SenderReport),
)
"""Answers that stand in the document by name."""

TAKEN: tuple[type[Any], ...] = (
    *(NewScan, NewWork, Again, Hurry, Clearing, Settings),
    *(ReplayWish, NewSchedule, NewSender),
)
"""Bodies that stand in the document by name."""


def documented(kind: type[Any], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that answers this shape."""
    return {status: _response(kind)}


def taking(kind: type[Any]) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads this body by itself."""
    content = {"application/json": {"schema": {"$ref": _REF.format(name=kind.__name__)}}}
    return {"requestBody": {"content": content}}


def describe(app: FastAPI) -> None:
    """Let the application write its document this way; it is made once, at the first request for it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = openapi


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK:
        schemas.pop(name, None)
    schemas.update(msgspec.json.schema_components((*ANSWERED, *TAKEN), ref_template=_REF)[1])
    for methods in document["paths"].values():
        for operation in methods.values():
            _refusals(operation["responses"])
    return document


def _refusals(responses: dict[str, Any]) -> None:
    """Whatever is wrong with a request is answered 400 and in one shape, not 422 as the framework assumes."""
    responses.pop("422", None)
    responses.setdefault("default", _response(Problem))


def _response(kind: type[Any]) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=kind.__name__)}
    return {"description": (kind.__doc__ or "").strip(), "content": {"application/json": {"schema": schema}}}
