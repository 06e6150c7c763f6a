"""One HTTP exchange with a media server, its failures turned into instructions.

Secrets travel in headers only. Error texts name the server and the path of the call, never the query and never the
answer's body, so nothing a server or a proxy echoes can leak. An answer has a most size and one deadline for all of it: a
server that drips or floods costs no more than one that is silent.
"""

import asyncio
import contextlib
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Reject, Retry
from framewright.domain.publishing import ServerIdentity
from framewright.vendors.breakage import why

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

UNREACHABLE = "UNREACHABLE"
"""No connection, or one that broke."""

TIMEOUT = "TIMEOUT"
"""No whole answer within the server's own time limit."""

SERVER_ERROR = "SERVER_ERROR"
"""The server says that it failed (5xx), or gave up on us (408)."""

MOST_BYTES = 8 * 1024 * 1024
"""The longest answer that is read, once it is unpacked, where the call does not say otherwise."""

LONG_LIST = 64 * 1024 * 1024
"""Enough for a page of a thousand items with all their streams."""

PREVIEW_FILE = 512 * 1024 * 1024
"""Enough for the previews of the longest film in one file, or for a sheet of the widest ones."""

_DRIPPING = 1.5
"""How much longer than the time limit a call may take whose every single wait keeps to it."""

LONGEST_PATIENCE = 3600.0
"""Seconds after which a server is asked again, however much longer it wants to be left alone."""

_MOST_HOPS = 3
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_BUSY = 429
_TIMED_OUT = 408

T = TypeVar("T")


class Gate(Protocol):
    """Who decides whether calls to a server may be made now, and hears how each one ended."""

    def admit(self) -> None:
        """Let a call pass; raises `Busy` while none may be made."""
        ...

    def ended(self, error: FramewrightError | None) -> None:
        """A call ended: with an answer, or with this error."""
        ...


class GatedClient(httpx.AsyncClient):
    """An HTTP client whose exchanges all pass one gate."""

    def __init__(self, gate: Gate, **options: Any) -> None:
        super().__init__(**options)
        self.gate = gate


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one server is reached and with what: `headers` hold its credentials, a whole call has `timeout` seconds."""

    http: httpx.AsyncClient = field(repr=False)
    name: str
    base: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` is already percent-encoded, `query` is not; statuses in `expected` are answers, not failures.

    An answer of more than `most_bytes` is not read to its end.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: object = None
    accept: str = "application/json"
    expected: frozenset[int] = frozenset()
    most_bytes: int = MOST_BYTES

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
            redirect elsewhere, a broken encoding or an answer without end (BAD_ANSWER).
        Busy: the gate of the client lets no call pass.
        Reject: 401 and 403 (UNAUTHORIZED), any other 4xx (REFUSED).
    """
    if not isinstance(to.http, GatedClient):
        return await _followed(to, call)
    gate = to.http.gate
    gate.admit()
    try:
        response = await _followed(to, call)
    except FramewrightError as error:
        gate.ended(error)
        raise
    gate.ended(None)
    return response


async def _followed(to: Endpoint, call: Call) -> httpx.Response:
    url = address(to, call)
    for _ in range(_MOST_HOPS):
        response = await _exchange(to, call, url)
        if response.next_request is None:
            check(to, call, response)
            return response
        if _origin(response.next_request.url) != _origin(url):
            host = response.next_request.url.host
            raise Retry(f"{to.name}: {call} is redirected to another address ({host})", code=BAD_ANSWER)
        url = response.next_request.url
    raise Retry(f"{to.name}: {call} is redirected without end", code=BAD_ANSWER)


def address(to: Endpoint, call: Call) -> httpx.URL:
    """Where the call goes.

    Raises:
        Retry: the configured address is none (UNREACHABLE); an operator may mend it, so it is no end of the work.
    """
    try:
        return httpx.URL(to.base + call.path + _query(call.query))
    except httpx.InvalidURL as error:
        raise Retry(f"{to.name}: its configured address is no URL", code=UNREACHABLE) from error


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
        raise Retry(f"{to.name}: {call} gives no usable JSON ({_shape(response)})", code=BAD_ANSWER) from error


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


@contextlib.contextmanager
def translated(to: Endpoint, call: Call, seconds: float) -> Generator[None]:
    """Turn what goes wrong on the wire into instructions; `seconds` is how long was waited.

    Raises:
        Retry: TIMEOUT, UNREACHABLE or BAD_ANSWER, see `send`.
    """
    try:
        yield
    except (httpx.TimeoutException, TimeoutError) as error:
        raise Retry(f"{to.name}: {call} had no answer within {seconds:g} s", code=TIMEOUT) from error
    except httpx.DecodingError as error:
        raise Retry(f"{to.name}: {call} has a broken content encoding", code=BAD_ANSWER) from error
    except httpx.TransportError as error:
        raise Retry(f"{to.name}: {call} failed ({why(error)})", code=UNREACHABLE) from error
    except UnicodeError as error:  # the resolver's word for a name with an empty or an endless part
        raise Retry(f"{to.name}: its configured host is no host name", code=UNREACHABLE) from error


async def _exchange(to: Endpoint, call: Call, url: httpx.URL) -> httpx.Response:
    with translated(to, call, to.timeout):
        # Each wait has the time limit for itself, and a connection ends more cleanly by it than by being cancelled.
        async with asyncio.timeout(to.timeout * _DRIPPING):
            return await _whole_answer(to, call, url)


async def _whole_answer(to: Endpoint, call: Call, url: httpx.URL) -> httpx.Response:
    """The answer with its body, read piece by piece."""
    request = to.http.build_request(
        call.method, url, headers={"Accept": call.accept, **to.headers}, json=call.body, timeout=to.timeout
    )
    response = await to.http.send(request, stream=True, follow_redirects=False)
    ends = time.monotonic() + to.timeout
    body = bytearray()
    try:
        async for piece in response.aiter_bytes():
            body += piece
            if time.monotonic() > ends:
                raise TimeoutError
            if len(body) > call.most_bytes:
                most = f"{call.most_bytes / MOST_BYTES * 8:g} MB"
                raise Retry(f"{to.name}: {call} answers more than {most} ({_shape(response)})", code=BAD_ANSWER)
    finally:
        await response.aclose()
    # The body is unpacked already: the headers that say how it was packed would have it unpacked once more.
    headers = [(k, v) for k, v in response.headers.multi_items() if k not in _OF_THE_WIRE]
    whole = httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)
    whole.next_request = response.next_request
    return whole


def _shape(response: httpx.Response) -> str:
    """The kind of document that an answer says it is."""
    shape = response.headers.get("content-type", "").partition(";")[0]
    return "a web page" if shape == "text/html" else shape or "no type"


def check(to: Endpoint, call: Call, response: httpx.Response) -> None:
    """Refuse an answer that is none of those the call expects; its body is not looked at.

    Raises:
        Retry, Reject: as `send` for the answer's status.
    """
    status = response.status_code
    if response.is_success or status in call.expected:
        return
    said = f"{to.name}: {call} answered {status}"
    if status in {401, 403}:
        raise Reject(f"{said}: the credentials are refused", code=UNAUTHORIZED)
    if status == _BUSY:
        raise Retry(said, after=patience(response), code="BUSY")
    if response.is_server_error or status == _TIMED_OUT:
        raise Retry(said, after=patience(response), code=SERVER_ERROR)
    if response.is_redirect or response.is_informational:
        raise Retry(said, code=BAD_ANSWER)
    raise Reject(said, code=REFUSED)


def patience(response: httpx.Response) -> float | None:
    """Seconds of `Retry-After`, an hour at most; a date there is rare and not worth a clock."""
    value = response.headers.get("retry-after", "").strip()
    return min(float(value), LONGEST_PATIENCE) if value.isascii() and value.isdigit() else None


def _query(pairs: Mapping[str, str]) -> str:
    """Spaces as %20: a `+` that is read literally would name another folder."""
    return f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else ""


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
