"""What follows for configured Plex servers when the account gets a new token, and a knock at our own webhook."""

from collections.abc import Iterable

import httpx
import msgspec
import structlog

from framewright.chassis.config_store import ConfigStore
from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Retry
from framewright.ui.domain.plex_webhook import PING
from framewright.ui.domain.sign_in import ACCOUNT_METHOD, PLEX
from framewright.vendors import PlexAccount, PlexSpare

PATIENCE = 10.0

log = structlog.get_logger("plex-account")


async def follow_tokens(plex: PlexAccount, config: ConfigStore) -> None:
    """Give every server whose token came with the account the one that the account has for it now.

    The old tokens stay when plex.tv cannot be asked; the next refresh tries again.
    """
    try:
        await config.loaded()
        tokens = {found.machine_id: found.token for found in await plex.servers(look=False)}
        for server in config.servers:
            token = tokens.get(server.server_identity, "")
            if server.type == PLEX and server.auth.method == ACCOUNT_METHOD and token not in {"", server.auth.token}:
                await config.change_server(server.id, lambda old, new=token: _with_token(old, new))
    except FramewrightError as error:
        log.warning("the servers' tokens are not followed", code=error.code, reason=error.reason)


def spare_tokens(servers: Iterable[Server]) -> tuple[PlexSpare, ...]:
    """The tokens of configured Plex servers; a server that never said who it is proves nothing."""
    plexes = [one for one in servers if one.type == PLEX and one.server_identity and one.auth.secret]
    return tuple(PlexSpare(one.server_identity, one.auth.secret) for one in plexes)


def _with_token(server: Server, token: str) -> Server:
    return msgspec.structs.replace(server, auth=msgspec.structs.replace(server.auth, token=token))


class WebhookPing:
    """Fulfils `Ping`: one event as a Plex server sends them, no redirect followed."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def __call__(self, url: str) -> int:
        """See `Ping.__call__`."""
        try:
            answer = await self._http.post(
                url, files={"payload": (None, PING, "application/json")}, timeout=PATIENCE, follow_redirects=False
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Retry(f"nobody answers there ({type(error).__name__})", code="UNREACHABLE") from error
        return answer.status_code
