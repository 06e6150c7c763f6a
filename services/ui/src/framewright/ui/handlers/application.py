"""The application: every route, behind the gate."""

from fastapi import Depends, FastAPI, Request
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from framewright.chassis.http import Ready, health_routes
from framewright.ui.handlers import (
    access,
    authentication,
    devices,
    errors,
    group_sync,
    groups,
    health,
    job_orders,
    jobs,
    live,
    orphans,
    output_status,
    ownership,
    pages,
    path_doctor,
    pictures,
    playback,
    players,
    plex_account,
    plex_metadata,
    plex_provider,
    plex_server,
    plex_webhooks,
    processing,
    schedules,
    senders,
    server_health,
    servers,
    settings,
    sign_in,
    single_switches,
    system,
    webhooks_pending,
    webhooks_replay,
)
from framewright.ui.handlers import webhooks_history as history
from framewright.ui.handlers.access import Door, Gate
from framewright.ui.handlers.answers import missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.document import describe
from framewright.ui.handlers.frame import BodyLimit, BrowserHeaders, StopWatch

_MODULES = (
    *(jobs, job_orders, processing, pictures, schedules),
    *(history, webhooks_pending, webhooks_replay, senders),
    *(servers, ownership, path_doctor, server_health, single_switches, output_status, orphans, playback),
    *(players, groups, group_sync),
    *(plex_account, plex_server, plex_webhooks, sign_in),
    *(plex_provider, plex_metadata),
    *(settings, health, system, devices, live, pages),
)
"""Everything with routes; of two that fit an address, the one that stands first here is taken."""


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
        dependencies=[Depends(_named_plainly)],
    )
    app.router.routes.extend(health_routes(ready))
    for module in _MODULES:
        app.include_router(module.routes(desk))
    app.include_router(access.routes(door, desk.pages))
    app.include_router(authentication.routes(door))
    errors.install(app)
    describe(app)
    return app


async def _named_plainly(request: Request) -> None:
    """Ids become keys on the bus, where blanks, wildcards and empty parts have a meaning; no thing of ours has such an id.

    Raises:
        Reject: code NOT_FOUND.
    """
    for value in map(str, request.path_params.values()):
        if not value.isprintable() or set(value) & set(" *>") or not all(value.split(".")):
            raise missing("nothing has such an id")


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
