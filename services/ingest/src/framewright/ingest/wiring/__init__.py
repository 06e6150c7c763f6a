"""Opens what ingest needs and closes it on the way out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.config_store import ConfigStore
from framewright.chassis.http import health_routes
from framewright.chassis.outgoing import Outgoing
from framewright.chassis.sealing import load_sealer
from framewright.chassis.security import load_token
from framewright.chassis.service import Service
from framewright.contracts.catalogue import CONFIG
from framewright.domain.errors import Retry
from framewright.ingest.adapters.upstream import Upstream
from framewright.ingest.domain.flood import Allowance, Flood
from framewright.ingest.handlers.openapi import openapi_route
from framewright.ingest.handlers.refusals import tell_refusals
from framewright.ingest.handlers.triggers import drives, trigger_routes
from framewright.ingest.handlers.webhooks import Door, no_such_route, webhook_routes
from framewright.ingest.settings import IngestSettings
from framewright.ingest.wiring.events import clients, events, ground_of
from framewright.ingest.wiring.reconcile import reconciliation
from framewright.ingest.wiring.scans import scans

STORE_DEADLINE = 5.0
"""Seconds a sender waits at most for its event to be durable before it is told to come again."""

ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@asynccontextmanager
async def build(settings: IngestSettings, bus: Bus) -> AsyncGenerator[Service]:
    """Wire ingest."""
    async with AsyncExitStack() as stack:
        bucket = Bucket(bus, CONFIG.name)
        config = ConfigStore(bucket, load_sealer(settings.framewright_secret_key, settings.config_dir))
        token = load_token(settings.web_auth_token, settings.config_dir)
        outgoing = Outgoing(bus)

        door = Door(
            loaded=partial(_loaded, config),
            allowed=lambda: [config.settings.webhook_secret, token],
            ground=ground_of(config),
            store=partial(outgoing.send, deadline=STORE_DEADLINE),
            flood=Flood(Allowance(settings.flood_burst, settings.flood_rate)),
        )
        routes = [*health_routes(partial(_ready, bus)), *webhook_routes(door, settings.server_pass)]
        routes += [*trigger_routes(door, drives(settings.a_train_drives)), openapi_route(door)]
        if settings.ui_upstream:
            upstream = Upstream(settings.ui_upstream)
            stack.push_async_callback(upstream.aclose)
            routes.append(_everything_else(upstream))

        http = await clients(stack)
        scanning = scans(settings, bus, config, http)
        acting = events(settings, bus, config, http)
        reconciling = await stack.enter_async_context(reconciliation(settings, bus))
        refusals = partial(tell_refusals, door.flood.refusals, outgoing.send)
        yield Service(
            subscriptions=(*acting, *scanning.subscriptions),
            tasks=(config.watch, refusals, reconciling, *scanning.tasks),
            app=Starlette(routes=routes, exception_handlers={HTTPException: no_such_route}),
        )


def _everything_else(upstream: Upstream) -> Route:
    async def endpoint(request: Request) -> Response:
        return await upstream.pass_on(request)

    return Route("/{path:path}", endpoint, methods=ALL_METHODS)


async def _loaded(config: ConfigStore) -> None:
    """Wait for the first snapshot: until then every secret is wrong and no server exists.

    Raises:
        Retry: code STARTING, it takes longer than a sender should wait.
    """
    try:
        async with asyncio.timeout(STORE_DEADLINE):
            await config.loaded()
    except TimeoutError as error:
        raise Retry("the configuration is not read yet", code="STARTING") from error


async def _ready(bus: Bus) -> str:
    return "" if bus.connected else "the bus is out of reach"
