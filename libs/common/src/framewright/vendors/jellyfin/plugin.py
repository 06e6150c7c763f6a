"""Installing and removing the plugin Media Preview Bridge; either way Jellyfin restarts.

Sources: Jellyfin's OpenAPI document 12.0; the plugin's published manifest.
"""

from typing import Any

import msgspec

from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.jellyfin import bridge

NAME = "Media Preview Bridge"
IDENTIFIER = "c2cb9bf9-7c5d-4f1a-9a07-2d6f5e5b0001"
MANIFEST = "https://stevezau.github.io/media_preview_generator/jellyfin-plugin/manifest.json"
"""Where the plugin's author publishes it; Jellyfin itself fetches it from there."""

ALREADY = "it is so already"

_GONE = frozenset({404})


class _Plugin(msgspec.Struct):
    id: str = msgspec.field(default="", name="Id")
    version: str = msgspec.field(default="", name="Version")


async def install(to: Endpoint) -> str:
    """Add the plugin's repository where it is missing, install the newest version and restart.

    Raises:
        Retry, Reject: as the exchange does.
    """
    if await bridge.answers(to):
        return ALREADY
    known = await exchange.ask(to, Call("GET", "/Repositories"), list[dict[str, Any]])
    if all(one.get("Url") != MANIFEST for one in known):
        ours = {"Name": NAME, "Url": MANIFEST, "Enabled": True}
        await exchange.send(to, Call("POST", "/Repositories", body=[*known, ours]))
    source = {"assemblyGuid": IDENTIFIER, "repositoryUrl": MANIFEST}
    call = Call("POST", f"/Packages/Installed/{exchange.segment(NAME)}", source)
    await exchange.send(to, call)
    await exchange.send(to, Call("POST", "/System/Restart"))
    return f"{call}; Jellyfin restarts"


async def uninstall(to: Endpoint) -> str:
    """Remove every version of the plugin and restart; the repository stays.

    Raises:
        Retry, Reject: as the exchange does.
    """
    installed = await exchange.ask(to, Call("GET", "/Plugins"), tuple[_Plugin, ...])
    ours = [one for one in installed if one.id.replace("-", "").lower() == IDENTIFIER.replace("-", "")]
    for one in ours:
        path = f"/Plugins/{exchange.segment(one.id)}/{exchange.segment(one.version)}"
        await exchange.send(to, Call("DELETE", path, expected=_GONE))
    if not ours:
        return ALREADY
    await exchange.send(to, Call("POST", "/System/Restart"))
    return f"DELETE /Plugins/{ours[0].id}; Jellyfin restarts"
