"""Media Preview Bridge, a third party's plugin for Jellyfin: it writes the row of tiles at once. Used where it answers.

Source: the plugin's published routes, version 10.11.
"""

import msgspec

from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint

_ABSENT = frozenset({400, 401, 403, 404, 405, 500, 501, 503})
"""What a server without the plugin may say, and what a plugin that does not work says: either way one goes on without it."""


class _Ping(msgspec.Struct):
    ok: bool = False


async def answers(to: Endpoint) -> bool:
    """Whether the plugin is there; anything but its own answer means that it is not."""
    response = await exchange.send(to, Call("GET", "/MediaPreviewBridge/Ping", expected=_ABSENT))
    try:
        return response.is_success and msgspec.json.decode(response.content, type=_Ping).ok
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


async def register(to: Endpoint, item_id: str, wish: dict[str, str]) -> Call | None:
    """Have the row of one width written, whatever stood there; None when the plugin will not."""
    call = Call("POST", f"/MediaPreviewBridge/Trickplay/{exchange.segment(item_id)}", wish, expected=_ABSENT)
    response = await exchange.send(to, call)
    return call if response.is_success else None
