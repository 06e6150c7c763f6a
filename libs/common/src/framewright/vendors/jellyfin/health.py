"""The check list of a Jellyfin server; source: Jellyfin's OpenAPI document 12.0, whose calls 10.10 has too."""

from typing import Any

import httpx

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError
from framewright.domain.health import Check, Value
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange, health
from framewright.vendors.exchange import Call
from framewright.vendors.health import Auditor
from framewright.vendors.jellyfin import bridge, health_rules, plugin
from framewright.vendors.jellyfin.client import JellyfinClient
from framewright.vendors.jellyfin.health_rules import Findings
from framewright.vendors.jellyfin.listing import reader
from framewright.vendors.mediabrowser import health as shared

CONFIGURATION = "/System/Configuration"

CONFIG_FOLDER = health.folder_rule(
    "jellyfin_config_folder",
    "Jellyfin data folder",
    "Tiles that do not lie beside the videos are written below this folder.",
)

MARKERS = ("data", "plugins", "config", ".jellyfin-data", "system.xml")
"""One of these lies in every data folder of Jellyfin."""


class JellyfinAuditor:
    """Fulfils `framewright.vendors.health.Auditor`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._client = JellyfinClient(server, http)
        self._endpoint = reader(server, http)

    async def checks(self) -> tuple[Check, ...]:
        """Connection, version, plugin, server options, task, each video library that is not switched off here, folders."""
        local = await self._folders()
        try:
            identity = await self._client.identity()
            rows = tuple(health_rules.rows(await self._findings(identity)))
        except FramewrightError as error:
            return (*health.unreached(error), *local)
        return (health.reached(identity)[0], *rows, *local)

    async def apply(self, check: Check) -> str:
        """Set an option of a library or of the server, the task's times, or the plugin."""
        if shared.is_one_of(check, health_rules.LIBRARY_FLAGS):
            return await shared.set_option(self._endpoint, lambda: shared.jellyfin_folders(self._endpoint), check)
        if check.flag in health_rules.TRICKPLAY_FLAGS:
            return await self._configure(check.flag, check.recommended)
        if check.flag == shared.TRICKPLAY_TASK:
            return await shared.schedule(self._endpoint, on=bool(check.recommended))
        if check.flag == health_rules.PLUGIN:
            return await (plugin.install if check.recommended else plugin.uninstall)(self._endpoint)
        raise health.not_fixable(self._server, check)

    async def _findings(self, identity: ServerIdentity) -> Findings:
        return Findings(
            version=identity.version,
            folders=shared.of_video(await shared.jellyfin_folders(self._endpoint), self._server),
            options=await self._client.trickplay_options(),
            task=await shared.trickplay_task(self._endpoint),
            bridged=await bridge.answers(self._endpoint),
            with_media=self._server.output.save_with_media,
            width=self._server.output.width,
            interval_s=self._server.output.frame_interval,
        )

    async def _folders(self) -> tuple[Check, ...]:
        mapped = await health.mapped_folders(self._server)
        output = self._server.output
        if output.save_with_media:
            return mapped
        return await health.writable(CONFIG_FOLDER, output.jellyfin_config_folder, MARKERS), *mapped

    async def _configure(self, flag: str, value: Value) -> str:
        """Write the whole configuration with one option changed."""
        configuration = await exchange.ask(self._endpoint, Call("GET", CONFIGURATION), dict[str, Any])
        options: dict[str, Any] = configuration.get("TrickplayOptions") or {}
        wanted = list(value) if isinstance(value, tuple) else value
        if options.get(flag) == wanted:
            return plugin.ALREADY
        body = {**configuration, "TrickplayOptions": {**options, flag: wanted}}
        call = Call("POST", CONFIGURATION, body=body)
        await exchange.send(self._endpoint, call)
        return str(call)


def auditor(server: Server, http: httpx.AsyncClient) -> Auditor:
    """The check list of a configured server."""
    return JellyfinAuditor(server, http)
