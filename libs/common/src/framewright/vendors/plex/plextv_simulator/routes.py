"""The calls that a simulated plex.tv answers; plex.tv and clients.plex.tv are one here."""

from typing import Annotated
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import HTTPConnection

from framewright.vendors.plex.account.device_key import Jwk
from framewright.vendors.plex.plextv_simulator import describe
from framewright.vendors.plex.plextv_simulator.state import PinState, PlexTvState

router = APIRouter(prefix="/api/v2")

_XML = "application/xml"


class _PinBody(msgspec.Struct):
    jwk: Jwk | None = None
    strong: bool = False


class _KeyBody(msgspec.Struct):
    jwk: Jwk


class _SignedBody(msgspec.Struct):
    jwt: str


def refusal(request: HTTPConnection) -> Response | None:
    """400 for a call that does not say which device it comes from."""
    if request.headers.get("x-plex-client-identifier"):
        return None
    return error(1000, 400, "X-Plex-Client-Identifier is missing")


def error(code: int, status: int, message: str) -> Response:
    """An error in the shape that plex.tv has for all of them."""
    body = {"errors": [{"code": code, "message": message, "status": status}]}
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _state(request: Request) -> PlexTvState:
    state: PlexTvState = request.app.state.simulator
    return state


def _client(request: Request) -> str:
    return request.headers["x-plex-client-identifier"]


State = Annotated[PlexTvState, Depends(_state)]
Client = Annotated[str, Depends(_client)]


@router.post("/pins")
async def start_pin(request: Request, state: State, client: Client) -> Response:
    """A new PIN, with or without a device key."""
    body = await request.body()
    try:
        jwk = msgspec.json.decode(body, type=_PinBody).jwk if body else None
    except msgspec.DecodeError:
        return error(0, 400, "malformed")
    pin = state.start_pin(client, jwk)
    return error(0, 422, "thumbprint already taken") if pin is None else _shown(request, pin, 201)


@router.get("/pins/{number}")
async def pin(number: int, request: Request, state: State, client: Client) -> Response:
    """A PIN; with its token once it is claimed."""
    found = state.pin(number, client)
    if found is None:
        return error(1020, 404, "Code not found or expired")
    if found.kid and "deviceJWT" in request.query_params:
        device_jwt = request.query_params["deviceJWT"]
        if state.verified(device_jwt, client, spend=found.claimed) != found.kid:
            return error(0, 422, "Signature verification failed")
        if found.claimed:
            found.token = found.token or state.mint(client, found.kid)
    elif found.claimed and not found.kid:
        found.token = state.legacy_token
    return _shown(request, found, 200)


@router.get("/auth/nonce")
async def nonce(state: State) -> Response:
    """A word to sign."""
    return _json({"nonce": state.nonce()})


@router.post("/auth/jwk")
async def register(request: Request, state: State, client: Client) -> Response:
    """Register the key of a device on the strength of a token."""
    if refused := _refused(request, state):
        return refused
    try:
        jwk = msgspec.json.decode(await request.body(), type=_KeyBody).jwk
    except msgspec.DecodeError:
        return error(0, 400, "malformed")
    return Response(status_code=201) if state.register(client, jwk) else error(0, 422, "thumbprint already taken")


@router.post("/auth/token")
async def token(request: Request, state: State, client: Client) -> Response:
    """A new token for a signed request."""
    try:
        device_jwt = msgspec.json.decode(await request.body(), type=_SignedBody).jwt
    except msgspec.DecodeError:
        return error(0, 400, "malformed")
    kid = state.verified(device_jwt, client, spend=True)
    return _json({"auth_token": state.mint(client, kid)}) if kid else error(0, 422, "Signature verification failed")


@router.get("/user")
async def user(request: Request, state: State) -> Response:
    """The account."""
    return _refused(request, state) or _xml(describe.user(state, request.headers["x-plex-token"]))


@router.get("/resources")
async def resources(request: Request, state: State) -> Response:
    """The devices of the account."""
    return _refused(request, state) or _xml(describe.resources(state.servers))


@router.get("/user/webhooks")
async def webhooks(request: Request, state: State) -> Response:
    """The list of webhooks."""
    return _refused_hooks(request, state) or _xml(describe.webhooks(state.webhooks))


@router.post("/user/webhooks")
async def set_webhooks(request: Request, state: State) -> Response:
    """Replace the list of webhooks."""
    if refused := _refused_hooks(request, state):
        return refused
    state.webhooks[:] = parse_qs((await request.body()).decode()).get("urls[]", [])
    return _xml(describe.webhooks(state.webhooks), 201)


def _refused(request: Request, state: PlexTvState) -> Response | None:
    ends = state.tokens.get(request.headers.get("x-plex-token", ""))
    if ends is None:
        return error(1001, 401, "User could not be authenticated")
    return error(0, 498, "token expired") if ends <= state.clock() else None


def _refused_hooks(request: Request, state: PlexTvState) -> Response | None:
    if refused := _refused(request, state):
        return refused
    return None if state.plex_pass else error(1003, 403, "Plex Pass is required")


def _shown(request: Request, found: PinState, status: int) -> Response:
    if "json" not in request.headers.get("accept", ""):
        return _xml(describe.pin(found), status)
    return _json({"id": found.id, "code": found.code, "authToken": found.token or None}, status)


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _xml(body: bytes, status: int = 200) -> Response:
    return Response(body, status, media_type=_XML)
