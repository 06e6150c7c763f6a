"""`/api/servers/auth`: signing in to an Emby or a Jellyfin. The credential stays here; the browser gets a handle for it."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.server import parse_server
from framewright.contracts.settings import REDACTED
from framewright.ui.domain.sign_in import VOUCHER_SECONDS, Approach, Voucher
from framewright.ui.handlers.answers import Json, json_object, missing
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.upstream import outward, text

VENDORS = ("emby", "jellyfin")


def routes(desk: Desk) -> APIRouter:
    """Password, API key, and Quick Connect in three steps."""
    router = APIRouter(prefix="/api/servers/auth", tags=["sign-in"])

    @router.post("/{vendor}/password", summary="Sign in with a name and a password")
    async def password(vendor: str, request: Request) -> Response:
        data = await json_object(request)
        to, username = _approach(vendor, data), text(data, "username")
        given = text(data, "password", empty=True)

        async def work() -> Response:
            return await _vouched(desk, await desk.sign_in.by_password(vendor, to, username, given))

        return await outward(work())

    @router.post("/{vendor}/api-key", summary="Check an API key")
    async def api_key(vendor: str, request: Request) -> Response:
        data = await json_object(request)
        to, key = _approach(vendor, data), text(data, "api_key")

        async def work() -> Response:
            return await _vouched(desk, await desk.sign_in.by_api_key(vendor, to, key))

        return await outward(work())

    _quick_connect(router, desk)
    return router


def _quick_connect(router: APIRouter, desk: Desk) -> None:
    @router.post("/{vendor}/quick-connect/initiate", summary="Begin Quick Connect")
    async def initiate(vendor: str, request: Request) -> Response:
        to = _approach(vendor, await json_object(request))

        async def work() -> Response:
            code, handle, seconds = await desk.sign_in.initiate(vendor, to)
            return Json({"success": True, "code": code, "handle": handle, "expires_in": seconds})

        return await outward(work())

    @router.post("/{vendor}/quick-connect/poll", summary="Whether the code was entered")
    async def poll(vendor: str, request: Request) -> Response:
        handle = _handle(vendor, await json_object(request))

        async def work() -> Response:
            state = await desk.sign_in.approval(handle)
            return Json({"authenticated": state == "authenticated", "state": state})

        return await outward(work())

    @router.post("/{vendor}/quick-connect/exchange", summary="The credential of an approved request")
    async def exchange(vendor: str, request: Request) -> Response:
        handle = _handle(vendor, await json_object(request))

        async def work() -> Response:
            return await _vouched(desk, await desk.sign_in.exchanged(handle))

        return await outward(work())


def _approach(vendor: str, data: dict[str, Any]) -> Approach:
    """Where to, checked as the address of a configured server is."""
    if vendor not in VENDORS:
        raise missing(f"nobody signs in to servers of type {vendor!r} here")
    candidate = {"id": "candidate", "type": vendor, "url": data.get("url", ""), "verify_ssl": data.get("verify_ssl")}
    server = parse_server(candidate)
    return Approach(server.url, server.verify_ssl)


def _handle(vendor: str, data: dict[str, Any]) -> str:
    if vendor not in VENDORS:
        raise missing(f"nobody signs in to servers of type {vendor!r} here")
    return text(data, "handle")


async def _vouched(desk: Desk, voucher: Voucher) -> Response:
    """What the browser may know: everything but the credential."""
    return Json(
        {
            "success": True,
            "handle": await desk.vouchers.issue(voucher),
            "expires_in": VOUCHER_SECONDS,
            "access_token": REDACTED,
            "user_id": voucher.user_id,
            "username": voucher.username,
            "server_id": voucher.identity,
            "server_name": voucher.name,
            "version": voucher.version,
        }
    )
