"""`/api/settings/plex_webhook`: having plex.tv call us when something was added (Plex Pass)."""

import secrets
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.settings import Settings, patch_settings
from framewright.domain.errors import FramewrightError, Retry
from framewright.ui.domain.plex_webhook import PATH, SWITCHED_OFF, doubt, public_url, with_secret
from framewright.ui.handlers.answers import Json
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.origin import origin_of
from framewright.ui.handlers.upstream import body_of, failure, outward


def routes(desk: Desk) -> APIRouter:
    """Register, unregister, status, test."""
    router = APIRouter(prefix="/api/settings/plex_webhook", tags=["sign-in"])

    @router.post("/register", summary="Register our webhook beside the account's others")
    async def register(request: Request) -> Response:
        return await _register(desk, request)

    @router.post("/unregister", summary="Remove our webhook from the account; the others stay")
    async def unregister(request: Request) -> Response:
        return await _unregister(desk, request)

    @router.get("/status", summary="Whether our webhook is registered, and whether the account may have one")
    async def status(request: Request) -> Response:
        return await _status(desk, request)

    @router.post("/test", summary="Send a synthetic event to the public address")
    async def test(request: Request) -> Response:
        url = public_url((await body_of(request)).get("public_url"), await _known(desk, request))
        return Json({"public_url": url, **await _pinged(desk, url), "warning": "" if _is_on(desk) else SWITCHED_OFF})

    return router


async def _register(desk: Desk, request: Request) -> Response:
    given = (await body_of(request)).get("public_url")
    url = public_url(given, _configured(desk) or _default(request))
    changes = {"plex_webhook_enabled": True, **({"plex_webhook_public_url": url} if given else {})}
    patch_settings(desk.config.settings, changes)  # what cannot be stored is refused before plex.tv is told

    async def work() -> Response:
        settings = await desk.config.change_settings(_with_secret)
        await desk.plex.hooks.register(with_secret(url, settings.webhook_secret))
        await desk.config.change_settings(lambda now: patch_settings(now, changes))
        return Json({"success": True, "registered_in_plex": True, "public_url": url})

    return await outward(work())


async def _unregister(desk: Desk, request: Request) -> Response:
    given = (await body_of(request)).get("public_url")

    async def work() -> Response:
        registered = await desk.plex.hooks.public_url()
        await desk.plex.hooks.unregister(public_url(given, registered or await _known(desk, request)))
        await desk.config.change_settings(lambda now: patch_settings(now, {"plex_webhook_enabled": False}))
        return Json({"success": True, "registered_in_plex": False})

    return await outward(work())


async def _status(desk: Desk, request: Request) -> Response:
    url = await _known(desk, request)
    shown = {
        "enabled_in_settings": desk.config.settings.plex_webhook_enabled,
        "registered_in_plex": False,
        "public_url": url,
        "default_url": _default(request),
        "has_plex_pass": None,
        "error": None,
        "error_reason": None,
        "warning": "",
    }
    return Json({**shown, **await _looked_up(desk, url)})


async def _looked_up(desk: Desk, url: str) -> dict[str, Any]:
    """What plex.tv says of our webhook; a failure is part of the answer, not its end."""
    try:
        state = await desk.plex.hooks.state(with_secret(url, desk.config.settings.webhook_secret))
    except FramewrightError as error:
        found = failure(error)
        missing = {"has_plex_pass": False} if found.reason == "plex_pass_required" else {}
        return {**missing, "error": found.error, "error_reason": found.reason}
    warning = doubt(url, stale=state.stale, enabled=_is_on(desk)) if state.registered else ""
    return {"registered_in_plex": state.registered, "has_plex_pass": state.has_plex_pass, "warning": warning}


async def _pinged(desk: Desk, url: str) -> dict[str, Any]:
    try:
        status = await desk.ping(with_secret(url, desk.config.settings.webhook_secret))
    except Retry as error:
        return {"success": False, "status_code": None, "error": error.reason, "error_reason": "network_error"}
    if 200 <= status < 300:  # noqa: PLR2004 - a success
        return {"success": True, "status_code": status, "error": None, "error_reason": None}
    return {"success": False, "status_code": status, "error": _explained(status), "error_reason": "refused"}


def _explained(status: int) -> str:
    if status in {401, 403}:
        return f"it answered {status}: somebody else's page, or a proxy that asks for a login"
    return f"it answered {status}"


def _with_secret(settings: Settings) -> Settings:
    """A webhook secret of its own where there is none: the operators' token must not go to plex.tv."""
    if settings.webhook_secret:
        return settings
    return msgspec.structs.replace(settings, webhook_secret=secrets.token_urlsafe(32))


async def _known(desk: Desk, request: Request) -> str:
    """Where Plex is to reach us: as the settings say, else as it was registered, else as this request came."""
    return _configured(desk) or await desk.plex.hooks.public_url() or _default(request)


def _configured(desk: Desk) -> str:
    return public_url(desk.config.settings.plex_webhook_public_url, "")


def _is_on(desk: Desk) -> bool:
    settings = desk.config.settings
    return settings.webhook_enabled and settings.plex_webhook_enabled


def _default(request: Request) -> str:
    """Our webhook under the name by which this request came."""
    return f"{origin_of(request)}{PATH}"
