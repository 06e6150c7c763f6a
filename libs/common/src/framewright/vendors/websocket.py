"""A WebSocket to a server (RFC 6455), its failures turned into the same instructions as those of an exchange."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from framewright.domain.errors import Retry
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint

SCHEMES = {"http": "ws", "https": "wss"}

_SILENT = logging.getLogger("framewright.websocket")
_SILENT.setLevel(logging.WARNING)  # at DEBUG the library writes down every header and every address, credentials too


class _Unredirected(connect):
    """Follows no redirect: the credentials would go with it."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@asynccontextmanager
async def opened(to: Endpoint, call: Call, *, verify: bool) -> AsyncGenerator[ClientConnection]:
    """The open connection; a peer that is gone is noticed within 40 s by pings. A message may have `call.most_bytes`.

    Raises:
        Retry: no connection, or one that ended (UNREACHABLE), no answer in time (TIMEOUT), any answer but a WebSocket
            (BAD_ANSWER); else as `exchange.send`.
        Reject: as `exchange.send`.
    """
    url = exchange.address(to, call)
    uri = str(url.copy_with(scheme=SCHEMES.get(url.scheme, url.scheme)))
    tls = httpx.create_ssl_context(verify=verify) if url.scheme == "https" else None
    try:
        async with _Unredirected(
            uri,
            additional_headers=dict(to.headers),
            ssl=tls,
            open_timeout=to.timeout,
            close_timeout=1.0,
            max_size=call.most_bytes,
            logger=_SILENT,
        ) as socket:
            yield socket
    except InvalidStatus as error:
        exchange.check(to, call, httpx.Response(error.response.status_code))
        raise Retry(f"{to.name}: {call} opens no WebSocket", code=exchange.BAD_ANSWER) from error
    except ConnectionClosed as error:
        raise Retry(f"{to.name}: the server ended {call}", code=exchange.UNREACHABLE) from error
    except TimeoutError as error:
        raise Retry(f"{to.name}: {call} had no answer within {to.timeout:g} s", code=exchange.TIMEOUT) from error
    except (OSError, UnicodeError) as error:
        raise Retry(f"{to.name}: {call} failed ({exchange.why(error)})", code=exchange.UNREACHABLE) from error
    except WebSocketException as error:
        raise Retry(f"{to.name}: {call} opens no WebSocket", code=exchange.BAD_ANSWER) from error
