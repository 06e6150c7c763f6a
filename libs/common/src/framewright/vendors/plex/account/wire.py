"""One bounded exchange with plex.tv: a time for the whole answer, a size, no redirects, no secret in any text.

Source: developer.plex.tv, "API Info"; statuses and error bodies of `plex.tv/api/v2`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
import msgspec

from framewright.domain.errors import Reject, Retry
from framewright.vendors.breakage import why
from framewright.vendors.exchange import BAD_ANSWER, REFUSED, UNAUTHORIZED, patience

PRODUCT = "Framewright"

LARGEST = 4 * 1024 * 1024
"""Bytes of the longest answer that is read; an account with hundreds of servers stays far below."""

TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code
"""plex.tv says 498: the token was good once."""

FORBIDDEN = "FORBIDDEN"
"""plex.tv knows the account and will not do this for it."""

GONE = "GONE"
"""plex.tv does not know the thing, or no longer."""

_WHO = "plex.tv"
_REFUSALS = {401: UNAUTHORIZED, 403: FORBIDDEN, 404: GONE, 498: TOKEN_EXPIRED}
_BUSY = 429
_TIMED_OUT = 408
_FIRST_REDIRECT, _FIRST_ERROR, _FIRST_SERVER_ERROR = 300, 400, 500

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Device:
    """How this installation shows itself: the identifier is made once and kept for ever."""

    client_identifier: str
    version: str = "1"

    @property
    def headers(self) -> dict[str, str]:
        """What goes with every call."""
        return {
            "X-Plex-Product": PRODUCT,
            "X-Plex-Version": self.version,
            "X-Plex-Client-Identifier": self.client_identifier,
            "X-Plex-Device-Name": PRODUCT,
        }


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to an absolute `url`; `token` travels as a header, `form` and `body` exclude each other."""

    method: str
    url: str
    token: str = field(default="", repr=False)
    body: object = None
    form: Mapping[str, Sequence[str]] | None = None
    accept: str = "application/json"
    expected: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {httpx.URL(self.url).path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer that is a success or was expected."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to plex.tv; `patience` is in seconds and covers one answer from the first byte to the last."""

    http: httpx.AsyncClient = field(repr=False)
    device: Device
    patience: float = 10.0

    async def send(self, ask: Ask) -> Answer:
        """The answer with a 2xx or an expected status.

        Raises:
            Retry: too late (TIMEOUT), out of reach (UNREACHABLE), 429 (BUSY), 408 and 5xx (SERVER_ERROR), a redirect or
                too long an answer (BAD_ANSWER).
            Reject: 401 (UNAUTHORIZED), 403 (FORBIDDEN), 404 (GONE), 498 (TOKEN_EXPIRED), any other 4xx (REFUSED).
        """
        try:
            async with asyncio.timeout(self.patience):
                response, body = await self._exchanged(ask)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise Retry(f"{_WHO}: {ask} had no answer within {self.patience:g} s", code="TIMEOUT") from error
        except httpx.DecodingError as error:
            raise Retry(f"{_WHO}: {ask} has a broken content encoding", code=BAD_ANSWER) from error
        except httpx.TransportError as error:
            raise Retry(f"{_WHO}: {ask} failed ({why(error)})", code="UNREACHABLE") from error
        _check(ask, response)
        return Answer(response.status_code, body)

    async def _exchanged(self, ask: Ask) -> tuple[httpx.Response, bytes]:
        headers = {**self.device.headers, "Accept": ask.accept}
        if ask.token:
            headers["X-Plex-Token"] = ask.token
        if ask.body is not None:
            headers["Content-Type"] = "application/json"
        stream = self.http.stream(
            ask.method,
            ask.url,
            headers=headers,
            content=None if ask.body is None else msgspec.json.encode(ask.body),
            data=ask.form,
            timeout=self.patience,
            follow_redirects=False,
        )
        body = bytearray()
        async with stream as response:
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST:
                    raise Retry(f"{_WHO}: the answer to {ask} is too long", code=BAD_ANSWER)
        return response, bytes(body)


def decoded(ask: Ask, answer: Answer, kind: type[T]) -> T:
    """The JSON body as `kind`.

    Raises:
        Retry: code BAD_ANSWER, it is something else.
    """
    try:
        return msgspec.json.decode(answer.body, type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Retry(f"{_WHO}: {ask} gives no usable JSON", code=BAD_ANSWER) from error


def _check(ask: Ask, response: httpx.Response) -> None:
    status = response.status_code
    if status in ask.expected or response.is_success:
        return
    said = f"{_WHO}: {ask} answered {status}"
    if status < _FIRST_REDIRECT:
        raise Retry(said, code=BAD_ANSWER)
    if status < _FIRST_ERROR:
        raise Retry(f"{said}: a redirect is not followed", code=BAD_ANSWER)
    if status == _BUSY:
        raise Retry(f"{said}: too many requests", after=patience(response), code="BUSY")
    if status >= _FIRST_SERVER_ERROR or status == _TIMED_OUT:
        raise Retry(said, after=patience(response), code="SERVER_ERROR")
    raise Reject(said, code=_REFUSALS.get(status, REFUSED))
