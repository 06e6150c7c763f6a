"""One HTTP exchange with a media server, its failures turned into instructions.

Secrets travel in headers only. Error texts name the server and the path of the call, never the query and never the
answer's body, so nothing a server or a proxy echoes can leak.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import Reject, Retry
from framewright.domain.publishing import ServerIdentity

UNAUTHORIZED = "UNAUTHORIZED"
"""The server refuses the credentials."""

OUTPUT_ROOT_MISSING = "OUTPUT_ROOT_MISSING"
"""The folder under which a server's outputs go is not configured or not there."""

WRONG_SERVER = "WRONG_SERVER"
"""Another server than the configured one answers at the address."""

REFUSED = "REFUSED"
"""The server answers that it will not do this, or does not know it."""

BAD_ANSWER = "BAD_ANSWER"
"""Something answers that is not, or not now, the media server: a login page, a proxy's error page, half a document."""

_MOST_HOPS = 3
_BUSY = 429
_TIMED_OUT = 408

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one server is reached and with what: `headers` hold its credentials, `timeout` is in seconds."""

    http: httpx.AsyncClient = field(repr=False)
    name: str
    base: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` is already percent-encoded, `query` is not; statuses in `expected` are answers, not failures."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    accept: str = "application/json"
    expected: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoint(server: Server, http: httpx.AsyncClient, headers: Mapping[str, str]) -> Endpoint:
    """The endpoint of a configured server."""
    return Endpoint(http, server.name or server.id, server.url.rstrip("/"), headers, server.timeout)


async def send(to: Endpoint, call: Call) -> httpx.Response:
    """The answer with a 2xx or an expected status.

    A redirect is followed only to the same scheme, host and port, because the credentials go with it.

    Raises:
        Retry: no answer in time (TIMEOUT), no connection (UNREACHABLE), 429 (BUSY), 408 and 5xx (SERVER_ERROR), a
            redirect elsewhere or a broken encoding (BAD_ANSWER).
        Reject: 401 and 403 (UNAUTHORIZED), any other 4xx (REFUSED).
    """
    url = httpx.URL(to.base + call.path + _query(call.query))
    for _ in range(_MOST_HOPS):
        response = await _exchange(to, call, url)
        if response.next_request is None:
            _check(to, call, response)
            return response
        if _origin(response.next_request.url) != _origin(url):
            host = response.next_request.url.host
            raise Retry(f"{to.name}: {call} is redirected to another address ({host})", code=BAD_ANSWER)
        url = response.next_request.url
    raise Retry(f"{to.name}: {call} is redirected without end", code=BAD_ANSWER)


async def ask(to: Endpoint, call: Call, kind: type[T]) -> T:
    """The JSON answer as `kind`.

    Raises:
        Retry: as `send`; also when the body is HTML, cut short or of another shape (BAD_ANSWER).
        Reject: as `send`.
    """
    return decoded(to, call, await send(to, call), kind)


def decoded(to: Endpoint, call: Call, response: httpx.Response, kind: type[T]) -> T:
    """The JSON body of an answer as `kind`; see `ask`."""
    try:
        return msgspec.json.decode(response.content, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        shape = response.headers.get("content-type", "").partition(";")[0]
        raise Retry(f"{to.name}: {call} gives no usable JSON ({shape or 'no type'})", code=BAD_ANSWER) from error


def segment(value: str) -> str:
    """One segment of a URL path, percent-encoded."""
    return quote(value, safe="")


def verified(server: Server, identity: ServerIdentity) -> ServerIdentity:
    """The identity, when it is the configured one or none is configured.

    Raises:
        Reject: another server answers at the address (WRONG_SERVER).
    """
    if server.server_identity and server.server_identity != identity.id:
        raise Reject(f"{server.name or server.id}: another server answers at this address", code=WRONG_SERVER)
    return identity


async def _exchange(to: Endpoint, call: Call, url: httpx.URL) -> httpx.Response:
    try:
        return await to.http.request(
            call.method,
            url,
            headers={"Accept": call.accept, **to.headers},
            json=call.body,
            timeout=to.timeout,
            follow_redirects=False,
        )
    except httpx.TimeoutException as error:
        raise Retry(f"{to.name}: {call} had no answer within {to.timeout:g} s", code="TIMEOUT") from error
    except httpx.DecodingError as error:
        raise Retry(f"{to.name}: {call} has a broken content encoding", code=BAD_ANSWER) from error
    except httpx.TransportError as error:
        raise Retry(f"{to.name}: {call} failed ({type(error).__name__})", code="UNREACHABLE") from error


def _check(to: Endpoint, call: Call, response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success or status in call.expected:
        return
    said = f"{to.name}: {call} answered {status}"
    if status in {401, 403}:
        raise Reject(f"{said}: the credentials are refused", code=UNAUTHORIZED)
    if status == _BUSY:
        raise Retry(said, after=_patience(response), code="BUSY")
    if response.is_server_error or status == _TIMED_OUT:
        raise Retry(said, after=_patience(response), code="SERVER_ERROR")
    if response.is_redirect or response.is_informational:
        raise Retry(said, code=BAD_ANSWER)
    raise Reject(said, code=REFUSED)


def _patience(response: httpx.Response) -> float | None:
    """Seconds of `Retry-After`; a date there is rare and not worth a clock."""
    value = response.headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _query(pairs: Mapping[str, str]) -> str:
    """Spaces as %20: a `+` that is read literally would name another folder."""
    return f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else ""


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
