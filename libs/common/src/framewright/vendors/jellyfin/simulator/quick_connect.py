"""Quick Connect of a simulated Jellyfin; states and times as the server's `QuickConnectManager` has them."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import unquote

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.requests import HTTPConnection

from framewright.vendors.jellyfin.simulator.state import JellyfinState
from framewright.vendors.mediabrowser.simulator.access import login_answer

LIFETIME = 600.0
"""Seconds for which a request waits, and for which an approved one can be redeemed."""

OPEN = frozenset(
    {
        "/QuickConnect/Enabled",
        "/QuickConnect/Initiate",
        "/QuickConnect/Connect",
        "/Users/AuthenticateWithQuickConnect",
    }
)
"""Paths that need no token."""

_WHO = ("DeviceId", "Device", "Client", "Version")
_FIELD = re.compile(r'(\w+)="([^"]*)"')

router = APIRouter()


@dataclass
class Asked:
    """One request."""

    code: str
    secret: str
    device: dict[str, str]
    until: float
    user: str = ""


@dataclass
class QuickConnect:
    """The requests under way; `enabled` as new servers have it."""

    clock: Callable[[], float]
    enabled: bool = True
    requests: list[Asked] = field(default_factory=list[Asked])

    def start(self, device: dict[str, str]) -> Asked:
        """A new request."""
        code = f"{len(self.requests) + 100_001}"
        asked = Asked(code, secrets.token_hex(32), device, self.clock() + LIFETIME)
        self.requests.append(asked)
        return asked

    def find(self, secret: str) -> Asked | None:
        """A request that is not over."""
        return next((one for one in self.requests if one.secret == secret and one.until > self.clock()), None)

    def approve(self, code: str, user: str) -> bool:
        """What the person does in another app of theirs."""
        for one in self.requests:
            if one.code == code and one.until > self.clock():
                one.user, one.until = user, self.clock() + LIFETIME
                return True
        return False


class _Secret(msgspec.Struct):
    secret: str = msgspec.field(default="", name="Secret")


def installed(app: FastAPI, state: JellyfinState) -> QuickConnect:
    """Add Quick Connect to the application; answers the state of its requests."""
    app.state.quick_connect = QuickConnect(state.clock)
    app.include_router(router)
    return app.state.quick_connect


def refusal(state: JellyfinState) -> Callable[[HTTPConnection], Response | None]:
    """The server's door, open for those who have no token yet."""

    def guard(request: HTTPConnection) -> Response | None:
        return None if request.url.path in OPEN else state.door.refusal(request)

    return guard


def _quick(request: Request) -> QuickConnect:
    quick: QuickConnect = request.app.state.quick_connect
    return quick


Quick = Annotated[QuickConnect, Depends(_quick)]


@router.get("/QuickConnect/Enabled")
async def enabled(quick: Quick) -> Response:
    """Whether it is switched on."""
    return _json(quick.enabled)


@router.post("/QuickConnect/Initiate")
async def initiate(request: Request, quick: Quick) -> Response:
    """A new request; the header must say which device asks."""
    if not quick.enabled:
        return Response(status_code=401)
    scheme, _, fields = request.headers.get("authorization", "").partition(" ")
    device = {name: unquote(value) for name, value in _FIELD.findall(fields)} if scheme == "MediaBrowser" else {}
    if not all(device.get(name) for name in _WHO):
        return Response(status_code=400)
    return _json(_shown(quick.start(device)))


@router.get("/QuickConnect/Connect")
async def connect(secret: str, quick: Quick) -> Response:
    """How a request stands."""
    asked = quick.find(secret)
    return Response(status_code=404) if asked is None else _json(_shown(asked))


@router.post("/QuickConnect/Authorize")
async def authorize(code: str, quick: Quick) -> Response:
    """Approve a request."""
    return _json(True) if quick.approve(code, "admin") else Response(status_code=404)  # noqa: FBT003


@router.post("/Users/AuthenticateWithQuickConnect")
async def authenticate(request: Request, quick: Quick) -> Response:
    """The credential for an approved request."""
    state: JellyfinState = request.app.state.simulator
    asked = quick.find(msgspec.json.decode(await request.body(), type=_Secret).secret)
    if asked is None:
        return Response(status_code=404)
    if not asked.user:
        return Response(status_code=401)
    token = secrets.token_hex(16)
    state.door.issued[token] = asked.user
    return _json(login_answer(asked.user, token, state.id))


def _shown(asked: Asked) -> dict[str, Any]:
    return {
        "Authenticated": bool(asked.user),
        "Secret": asked.secret,
        "Code": asked.code,
        "DeviceId": asked.device["DeviceId"],
        "DeviceName": asked.device["Device"],
        "AppName": asked.device["Client"],
        "AppVersion": asked.device["Version"],
        "DateAdded": "2026-11-20T12:00:00.0000000Z",
    }


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json; charset=utf-8")
