"""The application: every route, behind the gate."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from framewright.chassis.http import Ready, health_routes
from framewright.ui.handlers import (
    access,
    devices,
    errors,
    health,
    jobs,
    live,
    ownership,
    pages,
    path_doctor,
    pictures,
    plex_account,
    plex_server,
    plex_webhooks,
    servers,
    settings,
    sign_in,
)
from framewright.ui.handlers import webhooks_history as history
from framewright.ui.handlers.access import Door, Gate
from framewright.ui.handlers.answers import components
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.frame import BodyLimit, BrowserHeaders, StopWatch


def create_app(desk: Desk, door: Door, ready: Ready, *, origins: tuple[str, ...] = ()) -> FastAPI:
    """The whole HTTP surface; scripts of `origins` may call it with a token, never with a cookie."""
    middleware = [Middleware(BrowserHeaders), *_cross_origin(origins)]
    middleware += [Middleware(StopWatch), Middleware(Gate, door=door), Middleware(BodyLimit)]
    app = FastAPI(
        title="Framewright",
        version=desk.version,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        middleware=middleware,
    )
    app.router.routes.extend(health_routes(ready))
    for module in (jobs, pictures, history, servers, settings, health, devices, live, pages):
        app.include_router(module.routes(desk))
    for module in (plex_account, plex_server, plex_webhooks, sign_in, ownership, path_doctor):
        app.include_router(module.routes(desk))
    app.include_router(access.routes(door, desk.pages))
    errors.install(app)
    _document(app)
    return app


def _cross_origin(origins: tuple[str, ...]) -> list[Middleware]:
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-Auth-Token", "Content-Type"],
        )
    ]


def _document(app: FastAPI) -> None:
    """Put the shapes that msgspec writes into the OpenAPI document."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            document.setdefault("components", {}).setdefault("schemas", {}).update(components())
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi
