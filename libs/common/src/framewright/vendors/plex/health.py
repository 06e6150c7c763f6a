"""The check list of a Plex server: preferences of the server and of its sections; source: the public Plex API 1.1.1.

A section's preferences are set through its own `/prefs`: the call that edits a whole section needs all that it holds, and fails
where the section uses an agent that is not the server's own.
"""

from collections.abc import Mapping, Sequence

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError
from framewright.domain.health import Area, Check, Rule, Severity, Value
from framewright.domain.ownership import Library
from framewright.vendors import exchange, health
from framewright.vendors.exchange import Call
from framewright.vendors.health import Auditor
from framewright.vendors.plex.client import ITEM_TYPES, PlexClient, Section
from framewright.vendors.plex.wire import reader

OWN_PREVIEWS = "enableBIFGeneration"

NEVER = "never"
"""The behaviour with which no section makes previews, whatever its own preference says."""

CONFIG_FOLDER = health.folder_rule(
    "plex_config_folder", "Plex data folder", "Plex finds previews only in its own data folder, below Media/localhost."
)


def _preference(flag: str, label: str, why: str) -> Rule:
    return Rule(
        flag=flag,
        label=label,
        severity=Severity.RECOMMENDED,
        area=Area.SERVER,
        recommended=True,
        rationale=why,
    )


PREFERENCES = (
    _preference(
        "FSEventLibraryUpdatesEnabled",
        "Scan my library automatically",
        "Plex then notices new files by itself; no preview can be written before it has.",
    ),
    _preference(
        "FSEventLibraryPartialScanEnabled",
        "Run a partial scan when changes are detected",
        "Only the folder that changed is scanned, so new files are known sooner.",
    ),
    _preference(
        "ScheduledLibraryUpdatesEnabled",
        "Scan my library periodically",
        "What a missed event left out is found at the next periodic scan.",
    ),
)

BEHAVIOUR = Rule(
    flag="GenerateBIFBehavior",
    label="When Plex makes video preview thumbnails itself",
    severity=Severity.RECOMMENDED,
    area=Area.SERVER,
    recommended=NEVER,
    rationale="Plex would decode every file once more and write into the very same preview file, in every library.",
)

SECTION = Rule(
    flag=OWN_PREVIEWS,
    label="Plex makes video preview thumbnails itself",
    severity=Severity.RECOMMENDED,
    area=Area.LIBRARIES,
    recommended=False,
    rationale="Plex would decode every file once more and write into the very same preview file.",
)


_Raw = bool | int | float | str | None


class _Setting(msgspec.Struct):
    id: str = ""
    value: _Raw = None


class _Container(msgspec.Struct):
    settings: tuple[_Setting, ...] = msgspec.field(default=(), name="Setting")


class _Answer(msgspec.Struct):
    MediaContainer: _Container


class PlexAuditor:
    """Fulfils `framewright.vendors.health.Auditor`."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        self._server = server
        self._client = PlexClient(server, http)
        self._endpoint = reader(server, http)

    async def checks(self) -> tuple[Check, ...]:
        """Connection, preferences, each video section that is not switched off here, folders."""
        local = (
            await health.writable(CONFIG_FOLDER, self._server.output.plex_config_folder, ("Media",)),
            *await health.mapped_folders(self._server),
        )
        try:
            identity = exchange.verified(self._server, await self._client.identity())
            known = await self._settings("/:/prefs")
            asked = (*_preferences(known), *await self._own_previews(known))
        except FramewrightError as error:
            return (*health.unreached(error), *local)
        return (*health.reached(identity), *asked, *local)

    async def apply(self, check: Check) -> str:
        """Set one preference; every other one is left alone."""
        path = "/:/prefs" if not check.library_id else _section_path(check.library_id)
        if check.flag not in {OWN_PREVIEWS, BEHAVIOUR.flag, *(rule.flag for rule in PREFERENCES)}:
            raise health.not_fixable(self._server, check)
        value = check.recommended if isinstance(check.recommended, str) else str(int(bool(check.recommended)))
        call = Call("PUT", path, {check.flag: value})
        await exchange.send(self._endpoint, call)
        return str(call)

    async def _own_previews(self, known: Mapping[str, _Raw]) -> list[Check]:
        """The server-wide behaviour, and each section's own preference, about which nothing is wrong where the server says never.

        The behaviour is let be where no section of ours has the preference on, and where a section is switched off here: its
        previews may be left to Plex.
        """
        sections = [one for one in await self._client.sections() if one.kind in ITEM_TYPES]
        off = {library.id for library in self._server.libraries if not library.enabled}
        behaviour = known.get(BEHAVIOUR.flag)
        rows = await self._sections([one for one in sections if one.key not in off], silenced=behaviour == NEVER)
        if not isinstance(behaviour, str):
            return rows
        is_let_be = any(one.key in off for one in sections) or all(one.ok for one in rows)
        return [BEHAVIOUR.found(behaviour, ok=behaviour == NEVER or is_let_be), *rows]

    async def _sections(self, sections: Sequence[Section], *, silenced: bool) -> list[Check]:
        """A section that does not know the preference makes no previews of its own."""
        rows: list[Check] = []
        for section in sections:
            known = await self._settings(_section_path(section.key))
            if OWN_PREVIEWS in known:
                library = Library(section.key, section.title, section.kind, section.locations)
                rows.append(SECTION.found(_switch(known[OWN_PREVIEWS]), library, ok=True if silenced else None))
        return rows

    async def _settings(self, path: str) -> dict[str, _Raw]:
        answer = await exchange.ask(self._endpoint, Call("GET", path), _Answer)
        return {one.id: one.value for one in answer.MediaContainer.settings}


def auditor(server: Server, http: httpx.AsyncClient) -> Auditor:
    """The check list of a configured server."""
    return PlexAuditor(server, http)


def _preferences(known: Mapping[str, _Raw]) -> list[Check]:
    return [rule.found(_switch(known.get(rule.flag)), fixable=rule.flag in known) for rule in PREFERENCES]


def _section_path(key: str) -> str:
    return f"/library/sections/{exchange.segment(key)}/prefs"


def _switch(value: _Raw) -> Value:
    """Servers write a switch as true, 1 or "1"."""
    return str(value).lower() in {"1", "true"} if value is not None else None
