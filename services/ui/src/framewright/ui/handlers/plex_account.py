"""`/api/plex`: signing in to Plex, the account's state, its servers. No token of any kind leaves this service."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Retry
from framewright.ui.domain.sign_in import ACCOUNT_METHOD, PLEX, Voucher, own_page
from framewright.ui.handlers.answers import Json, invalid
from framewright.ui.handlers.desk import Desk
from framewright.ui.handlers.upstream import body_of, outward, text
from framewright.vendors import FoundPlexServer, PlexMethod, PlexStanding

_ALERTS = {
    PlexStanding.EXPIRING: "the Plex token ends in less than 12 hours and could not be refreshed",
    PlexStanding.EXPIRED: "the Plex token is over and could not be refreshed",
    PlexStanding.REFUSED: "sign in to Plex again",
}


def routes(desk: Desk) -> APIRouter:
    """PIN, account, servers."""
    router = APIRouter(prefix="/api/plex", tags=["sign-in"])

    @router.post("/auth/pin", summary="Begin signing in: a code and the page where it is claimed")
    async def start(request: Request) -> Response:
        data = await body_of(request)
        method, forward_url = _method(data), _forward_url(request, data)

        async def work() -> Response:
            pin = await desk.plex.start(method, forward_url)
            shown = {"id": pin.id, "code": pin.code, "auth_url": pin.auth_url}
            return Json({**shown, "method": method, "expires_in": pin.expires_in})

        return await outward(work())

    @router.get("/auth/pin/{pin_id}", summary="Whether the code was claimed")
    async def poll(pin_id: int) -> Response:
        async def work() -> Response:
            claimed = await desk.plex.claimed(pin_id)
            return Json({"authenticated": claimed, "auth_token": REDACTED if claimed else None})

        return await outward(work())

    @router.get("/servers", summary="The account's servers, each address tried")
    async def servers() -> Response:
        async def work() -> Response:
            return Json({"servers": [await _shown(desk, found) for found in await desk.plex.servers()]})

        return await outward(work())

    router.include_router(_account(desk))
    return router


def _account(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/account")

    @router.get("", summary="The account and how it stands")
    async def show() -> Response:
        return Json(await account_view(desk))

    @router.delete("", summary="Sign out here; servers that were added keep their tokens")
    async def sign_out() -> Response:
        await desk.plex.sign_out()
        return Json({"success": True})

    @router.post("/refresh", summary="Take a new token now")
    async def refresh() -> Response:
        async def work() -> Response:
            await desk.plex.refresh()
            return Json(await account_view(desk))

        return await outward(work())

    @router.post("/upgrade", summary="Turn a token of the older flow into one that this device renews")
    async def upgrade(request: Request) -> Response:
        token = text({"token": "", **await body_of(request)}, "token", empty=True)

        async def work() -> Response:
            await desk.plex.upgrade(token)
            return Json(await account_view(desk))

        return await outward(work())

    return router


async def account_view(desk: Desk) -> dict[str, Any]:
    """The account without its token; `alert` is a sentence when somebody has to look after it, else empty."""
    account, standing = await desk.plex.account()
    shown: dict[str, Any] = {
        "signed_in": account is not None,
        "state": standing,
        "alert": _ALERTS.get(standing, ""),
        "client_identifier": await desk.plex.client_identifier(),
    }
    if account is None:
        return shown
    return {
        **shown,
        "method": account.method,
        "username": account.username,
        "signed_in_at": _moment(account.signed_in_at),
        "expires_at": _moment(account.expires_at),
        "refresh_at": _moment(account.refresh_at),
        "problem": account.problem,
    }


async def standing_view(desk: Desk) -> dict[str, str]:
    """How the account stands and whether somebody has to look after it; `unknown` while the bus is out of reach."""
    try:
        _, standing = await desk.plex.account()
    except Retry:
        return {"state": "unknown", "alert": ""}
    return {"state": standing, "alert": _ALERTS.get(standing, "")}


async def _shown(desk: Desk, found: FoundPlexServer) -> dict[str, Any]:
    """A server as the wizard shows it; its handle stands for the token that is good for this server only."""
    best = found.best
    url = best.url if best else ""
    voucher = Voucher(PLEX, ACCOUNT_METHOD, found.token, url, found.machine_id, found.name, found.version)
    return {
        "name": found.name,
        "machine_id": found.machine_id,
        "host": best.host if best else "",
        "port": best.port if best else 0,
        "ssl": best.ssl if best else False,
        "owned": found.owned,
        "local": best.local if best else False,
        "url": url,
        "relay": best.relay if best else False,
        "verified": bool(best and best.verified),
        "present": found.present,
        "version": found.version,
        "connections": [
            {"url": way.url, "local": way.local, "relay": way.relay, "ssl": way.ssl, "verified": way.verified}
            for way in found.connections
        ],
        "handle": await desk.vouchers.issue(voucher) if found.token else "",
    }


def _method(data: dict[str, Any]) -> PlexMethod:
    try:
        return PlexMethod(data.get("method", PlexMethod.JWT))
    except ValueError as error:
        raise invalid("method", f"must be one of {', '.join(PlexMethod)}") from error


def _forward_url(request: Request, data: dict[str, Any]) -> str:
    """Where the browser comes back to; the origin header says under which name a proxy shows us."""
    wanted = text({"forward_url": "", **data}, "forward_url", empty=True)
    hosts = {request.headers.get("host", ""), urlsplit(request.headers.get("origin", "")).netloc} - {""}
    return own_page(wanted, hosts) if wanted else ""


def _moment(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None
