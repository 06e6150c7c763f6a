"""Signing in to Jellyfin: by password, by Quick Connect, by API key. Source: Jellyfin's OpenAPI document 12.0.

Only `Authorization: MediaBrowser …` is used. A Quick Connect secret is as good as a credential: whoever holds it gets one.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from framewright.domain.errors import Reject
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.mediabrowser.signing_in import SignedIn, Visit, checked, introduced, signed_in

QUICK_CONNECT_DISABLED = "QUICK_CONNECT_DISABLED"
"""The server's administrator has switched Quick Connect off."""

QUICK_CONNECT_SECONDS = 600
"""A request is over after ten minutes, and so is the use of an approved one."""

_PRODUCT = "Jellyfin"
_OFF = 401
_UNKNOWN = 404


class Approval(StrEnum):
    """What became of a Quick Connect request."""

    PENDING = "pending"
    AUTHENTICATED = "authenticated"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Request:
    """A Quick Connect request: a code for the person to enter, a secret for us alone."""

    code: str
    secret: str = field(repr=False)
    server: ServerIdentity


class _Result(msgspec.Struct):
    code: str = msgspec.field(default="", name="Code")
    secret: str = msgspec.field(default="", name="Secret")
    authenticated: bool = msgspec.field(default=False, name="Authenticated")


async def by_password(visit: Visit, username: str, password: str) -> SignedIn:
    """The credential of a user.

    Raises:
        Reject: code UNAUTHORIZED, name or password are wrong; WRONG_SERVER; as `exchange.send`.
        Retry: as `exchange.send`.
    """
    identity = await introduced(visit, _PRODUCT)
    call = Call("POST", "/Users/AuthenticateByName", body={"Username": username, "Pw": password})
    return await signed_in(_stranger(visit), call, identity)


async def by_api_key(visit: Visit, api_key: str) -> SignedIn:
    """An API key that the server takes; see `signing_in.checked`."""
    identity = await introduced(visit, _PRODUCT)
    header = f"MediaBrowser {visit.introduction(Token=api_key)}"
    return await checked(visit.endpoint({"Authorization": header}), api_key, identity)


async def initiate(visit: Visit) -> Request:
    """A new Quick Connect request.

    Raises:
        Reject: code QUICK_CONNECT_DISABLED; WRONG_SERVER; as `exchange.send`.
        Retry: as `exchange.send`.
    """
    identity = await introduced(visit, _PRODUCT)
    to, call = _stranger(visit), Call("POST", "/QuickConnect/Initiate", expected=frozenset({_OFF}))
    response = await exchange.send(to, call)
    if response.status_code == _OFF:
        raise Reject(f"{to.name}: Quick Connect is switched off there", code=QUICK_CONNECT_DISABLED)
    result = exchange.decoded(to, call, response, _Result)
    return Request(result.code, result.secret, identity)


async def approval(visit: Visit, secret: str) -> Approval:
    """Whether the person has entered the code; the server wants the secret in the query, texts never show that."""
    to, call = (
        _stranger(visit),
        Call("GET", "/QuickConnect/Connect", {"secret": secret}, expected=frozenset({_UNKNOWN})),
    )
    response = await exchange.send(to, call)
    if response.status_code == _UNKNOWN:
        return Approval.EXPIRED
    result = exchange.decoded(to, call, response, _Result)
    return Approval.AUTHENTICATED if result.authenticated else Approval.PENDING


async def exchanged(visit: Visit, secret: str, identity: ServerIdentity) -> SignedIn:
    """The credential for an approved request.

    Raises:
        Reject: code UNAUTHORIZED, not approved; REFUSED, over; WRONG_SERVER.
        Retry: as `exchange.send`.
    """
    call = Call("POST", "/Users/AuthenticateWithQuickConnect", body={"Secret": secret})
    return await signed_in(_stranger(visit), call, identity)


def _stranger(visit: Visit) -> Endpoint:
    return visit.endpoint({"Authorization": f"MediaBrowser {visit.introduction()}"})
