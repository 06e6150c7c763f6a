"""What is answered when a server was stored: itself, and what may be wrong with it although it was not refused."""

import asyncio
from typing import Any

from framewright.contracts.server import Server, redacted
from framewright.ui.domain.servers import named_folders
from framewright.ui.handlers.desk import Desk


async def stored_view(desk: Desk, server: Server, *, known: str = "") -> dict[str, Any]:
    """The server without its secrets, with a `warning` where there is one; `known` is what was found before."""
    warning = await warning_of(desk, named_folders(server), known=known)
    return {**redacted(server), **({"warning": warning} if warning else {})}


async def warning_of(desk: Desk, folders: dict[str, str], *, known: str = "") -> str:
    """What was known before, and the folders that are not there; only said, because another service may be the one that has them."""
    there = await asyncio.gather(*map(desk.places.is_folder, folders.values()))
    lost = [
        f"{field}: there is no folder {path} here"
        for (field, path), ok in zip(folders.items(), there, strict=True)
        if not ok
    ]
    return "; ".join(filter(None, (known, *lost)))
