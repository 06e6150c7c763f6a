"""Signing in to an Emby or a Jellyfin with a name and a password, as far as both do it alike.

Whoever answers is asked who it is before it is shown a password. Sources: Jellyfin's OpenAPI document 12.0, Emby's 4.8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Reject, Retry
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import BAD_ANSWER, UNAUTHORIZED, WRONG_SERVER, Call, Endpoint
from framewright.vendors.mediabrowser import dialect

_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Visit:
    """A server that somebody wants to sign in to; `device_id` names this installation for ever."""

    http: httpx.AsyncClient = field(repr=False)
    url: str
    device_id: str
    version: str = "1"
    timeout: float = 10.0

    def endpoint(self, headers: Mapping[str, str]) -> Endpoint:
        """The server with these headers."""
        name = httpx.URL(self.url).host[:_MOST_NAME]
        return exchange.endpoint(
            Server("sign-in", "", name=name, url=self.url, timeout=self.timeout), self.http, headers
        )

    def introduction(self, **more: str) -> str:
        """The fields that say which program asks; percent-encoded, as the servers decode them."""
        fields = {
            **more,
            "Client": dialect.CLIENT,
            "Device": dialect.DEVICE,
            "DeviceId": self.device_id,
            "Version": self.version,
        }
        return ", ".join(f'{name}="{quote(value)}"' for name, value in fields.items())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A credential for one server, and whose it is."""

    token: str = field(repr=False)
    user_id: str
    username: str
    server: ServerIdentity


class _User(msgspec.Struct):
    id: str = msgspec.field(default="", name="Id")
    name: str | None = msgspec.field(default=None, name="Name")


class _Login(msgspec.Struct):
    token: str = msgspec.field(default="", name="AccessToken")
    server_id: str | None = msgspec.field(default=None, name="ServerId")
    user: _User = msgspec.field(default_factory=_User, name="User")


async def introduced(visit: Visit, product: str) -> ServerIdentity:
    """Who answers at the address, asked without any credential; `product` is a word of the right product's name.

    Raises:
        Reject: code WRONG_SERVER, another product says so itself; else as `exchange.send`.
        Retry: code BAD_ANSWER, it is no media server; else as `exchange.send`.
    """
    to = visit.endpoint({})
    info = await dialect.public_info(to)
    if info.product and product.lower() not in info.product.lower():
        raise Reject(f"{to.name}: what answers there is not {product}", code=WRONG_SERVER)
    return info.identity


async def signed_in(to: Endpoint, call: Call, identity: ServerIdentity) -> SignedIn:
    """The credential that a login answers.

    Raises:
        Reject: code UNAUTHORIZED, refused; WRONG_SERVER, the credential is for another server than the one that was met.
        Retry: as `exchange.send`; code BAD_ANSWER, there is no credential in the answer.
    """
    login = await exchange.ask(to, call, _Login)
    if not login.token:
        raise Retry(f"{to.name}: {call} gives no credential", code=BAD_ANSWER)
    if login.server_id and dialect.guid(login.server_id) != dialect.guid(identity.id):
        raise Reject(f"{to.name}: the credential is for another server", code=WRONG_SERVER)
    return SignedIn(login.token, login.user.id, login.user.name or "", identity)


async def checked(to: Endpoint, api_key: str, identity: ServerIdentity) -> SignedIn:
    """The API key as a credential, once the server has taken it.

    Raises:
        Reject: code UNAUTHORIZED, the server refuses it.
        Retry: as `exchange.send`.
    """
    known = await dialect.system_info(to)
    if dialect.guid(known.id) != dialect.guid(identity.id):
        raise Reject(f"{to.name}: another server answers than a moment ago", code=WRONG_SERVER)
    return SignedIn(api_key, "", "", replace(identity, name=known.name or identity.name))


__all__ = ["UNAUTHORIZED", "SignedIn", "Visit", "checked", "introduced", "signed_in"]
