"""Credentials that were just obtained and stay here: a browser holds a handle, and names it when it adds the server."""

from collections.abc import Collection, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from framewright.domain.errors import Reject

PLEX = "plex"

ACCOUNT_METHOD = "plex_account"
"""How a server's token came when it came with the account; such a token is followed when the account's changes."""

VOUCHER_SECONDS = 900
"""How long a handle stands for its credential."""

_HANDLE = "handle"
_FIELDS = {"password": "access_token", "quick_connect": "access_token", "api_key": "api_key"}


class Voucher(msgspec.Struct, frozen=True):
    """A credential for one server, and for which: `identity` is the server's own id, `url` where it was met."""

    vendor: str
    method: str
    token: str
    url: str
    identity: str
    name: str = ""
    version: str = ""
    user_id: str = ""
    username: str = ""


class Approach(msgspec.Struct, frozen=True):
    """A server to sign in to."""

    url: str
    verify_ssl: bool = True


class Waiting(msgspec.Struct, frozen=True):
    """A Quick Connect request under way."""

    vendor: str
    approach: Approach
    secret: str
    identity: str
    name: str = ""
    version: str = ""


def handle_in(data: Mapping[str, Any]) -> str:
    """The handle that a server's description names instead of a credential; empty when it names none."""
    auth = data.get("auth")
    found = cast("dict[str, object]", auth).get(_HANDLE, "") if isinstance(auth, dict) else ""
    return found if isinstance(found, str) else ""


def redeemed(data: Mapping[str, Any], voucher: Voucher) -> dict[str, Any]:
    """The description with the credential in place of its handle, and what is known of the server where it is not given.

    Raises:
        Reject: code VALIDATION_ERROR, the handle is for another vendor, server or address.
    """
    if data.get("type", voucher.vendor) != voucher.vendor:
        raise _wrong(f"is for a server of type {voucher.vendor}")
    if data.get("server_identity") not in {None, "", voucher.identity}:
        raise _wrong("is for another server")
    url = data.get("url") or voucher.url
    if voucher.vendor != PLEX and origin(str(url)) != origin(voucher.url):
        raise _wrong("is for a server at another address")
    known = {"type": voucher.vendor, "server_identity": voucher.identity, "url": url}
    return {**data, **known, "name": data.get("name") or voucher.name, "auth": _auth(voucher)}


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, as two addresses are compared; all empty for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port


def own_page(url: str, hosts: Collection[str]) -> str:
    """An address to come back to, when it lies on one of our own hosts (`name` or `name:port`).

    Raises:
        Reject: code VALIDATION_ERROR, anything else: it would send the operator wherever somebody likes.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Reject("forward_url is no address", code="VALIDATION_ERROR") from error
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() not in {host.lower() for host in hosts}:
        raise Reject("forward_url must lead back to this site", code="VALIDATION_ERROR")
    return url


def _auth(voucher: Voucher) -> dict[str, str]:
    """Every field is said, or a credential from before would win over this one."""
    field = "token" if voucher.vendor == PLEX else _FIELDS.get(voucher.method, "access_token")
    empty = {"token": "", "access_token": "", "api_key": ""}
    return {**empty, field: voucher.token, "method": voucher.method, "user_id": voucher.user_id}


def _wrong(what: str) -> Reject:
    return Reject(f"auth.handle {what}", code="VALIDATION_ERROR")
