"""The check list of an Emby server; source: Emby's public REST reference 4.8."""

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError
from framewright.domain.health import Area, Check, Rule, Severity
from framewright.vendors import exchange, health
from framewright.vendors.emby.client import EmbyClient
from framewright.vendors.exchange import Call
from framewright.vendors.health import Auditor
from framewright.vendors.mediabrowser import health as shared
from framewright.vendors.mediabrowser.health import Folder

_NO_QUERY_ROUTE = frozenset({404, 405})


def _option(flag: str, label: str, why: str, *, wanted: bool = False) -> Rule:
    return Rule(
        flag=flag,
        label=label,
        severity=Severity.RECOMMENDED,
        area=Area.LIBRARIES,
        recommended=wanted,
        rationale=why,
    )


OPTIONS = (
    _option(
        "ExtractTrickplayImagesDuringLibraryScan",
        "Emby makes previews during a library scan",
        "Emby would decode every new file itself before ours are there.",
    ),
    _option(
        "ExtractChapterImagesDuringLibraryScan",
        "Emby makes chapter images during a library scan",
        "Emby's scan takes much longer, and new files are known later.",
    ),
    _option(
        "EnableRealtimeMonitor",
        "Real-time monitoring",
        "Emby then notices new files, and previews beside them, by itself.",
        wanted=True,
    ),
)
"""An option that a server's version does not have is no row: previews during scans came with 4.8."""

TASK = Rule(
    flag=shared.TRICKPLAY_TASK,
    label="The task that takes up preview files runs",
    severity=Severity.CRITICAL,
    area=Area.SERVER,
    recommended=True,
    rationale="Emby takes up preview files that it missed only when this task runs; daily at 03:00 is enough.",
)


class _Folders(msgspec.Struct):
    items: tuple[Folder, ...] = msgspec.field(default=(), name="Items")


class EmbyAuditor:
    """Fulfils `framewright.vendors.health.Auditor`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._client = EmbyClient(server, http)
        self._endpoint = exchange.endpoint(server, http, {"X-Emby-Token": server.auth.secret})

    async def checks(self) -> tuple[Check, ...]:
        """Connection, each video library that is not switched off here, the task, folders."""
        local = await health.mapped_folders(self._server)
        try:
            identity = await self._client.identity()
            folders = shared.of_video(await self._folders(), self._server)
            task = await shared.trickplay_task(self._endpoint)
        except FramewrightError as error:
            return (*health.unreached(error), *local)
        options = [
            rule.found(state, one.library)
            for one in folders
            for rule in OPTIONS
            if (state := one.option(rule.flag)) is not None
        ]
        runs = [TASK.found(bool(task.triggers))] if task else []
        return (*health.reached(identity), *runs, *options, *local)

    async def apply(self, check: Check) -> str:
        """Set an option of a library, or have the task run."""
        if check.flag == TASK.flag:
            return await shared.schedule(self._endpoint, on=bool(check.recommended))
        if not shared.is_one_of(check, {rule.flag for rule in OPTIONS}):
            raise health.not_fixable(self._server, check)
        return await shared.set_option(self._endpoint, self._folders, check)

    async def _folders(self) -> tuple[Folder, ...]:
        newer = Call("GET", "/Library/VirtualFolders/Query", expected=_NO_QUERY_ROUTE)
        response = await exchange.send(self._endpoint, newer)
        if response.is_success:
            return exchange.decoded(self._endpoint, newer, response, _Folders).items
        return await shared.jellyfin_folders(self._endpoint)


def auditor(server: Server, http: httpx.AsyncClient) -> Auditor:
    """The check list of a configured server."""
    return EmbyAuditor(server, http)
