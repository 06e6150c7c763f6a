"""The address under which Plex is told to reach us, and what may be wrong with it. Pure."""

from ipaddress import ip_address
from urllib.parse import quote, urlsplit, urlunsplit

from framewright.domain.errors import Reject

PATH = "/api/webhooks/plex"

PING = '{"event": "test.ping", "owner": true}'
"""What a Plex server would never send: the receiver notes it and does nothing."""

SWITCHED_OFF = "switched off here: what Plex sends is noted and nothing follows (webhook_enabled, plex_webhook_enabled)"


def public_url(given: object, default: str) -> str:
    """The given address without query and fragment, our path where it has none; the default when nothing is given.

    Raises:
        Reject: code VALIDATION_ERROR, it is no web address, or one with a user name.
    """
    if given is None or given == "":
        return default
    try:
        parts = urlsplit(str(given).strip())
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise Reject("public_url is no address", code="VALIDATION_ERROR") from error
    if parts.scheme not in {"http", "https"} or not host or any(character.isspace() for character in parts.netloc):
        raise Reject("public_url must start with http:// or https:// and name a host", code="VALIDATION_ERROR")
    if parts.username or parts.password:
        raise Reject("public_url must not hold a user name or password", code="VALIDATION_ERROR")
    path = parts.path if parts.path.strip("/") else PATH
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def with_secret(url: str, secret: str) -> str:
    """The address as plex.tv keeps it: it sends no headers of ours, so the secret stands in the query."""
    return f"{url}?token={quote(secret, safe='')}" if secret else url


def doubt(url: str, *, stale: bool, enabled: bool = True) -> str:
    """Why nothing may come of events although the address is registered; empty when nothing speaks against it."""
    if not enabled:
        return SWITCHED_OFF
    if stale:
        return "registered with an older secret: register again"
    host = urlsplit(url).hostname or ""
    if host == "localhost" or _is_loopback(host):
        return "a loopback address is reached only by a Plex server on this very machine, outside of containers"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
