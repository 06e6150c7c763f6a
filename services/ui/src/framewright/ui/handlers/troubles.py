"""Servers that take no calls, for the status and for the panel of servers."""

from dataclasses import dataclass
from datetime import datetime

from framewright.ui.handlers.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleView:
    """One configured server, since when it takes no calls, and why."""

    server_id: str
    server_name: str
    code: str
    reason: str
    at: datetime


async def server_troubles(desk: Desk) -> list[TroubleView]:
    """Every configured server of which the last word was a bad one."""
    told = await desk.jobs.book.troubles()
    return [
        TroubleView(
            server_id=server.id,
            server_name=server.name or server.id,
            code=told[server.id].code,
            reason=told[server.id].reason,
            at=told[server.id].at,
        )
        for server in desk.config.servers
        if server.id in told
    ]
