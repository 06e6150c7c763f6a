"""What Sonarr and Radarr remember of their files; source: their v3 API, `/api/v3/history/since` and `/api/v3/system/status`.

The history keeps imports of downloads, deletions of files and renames. A root folder that is moved, a file that a rescan of the
library found, and a series or film that is removed leave nothing there; the last takes its own history with it. Names of `data` come in camel case, in older versions in other cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from framewright.contracts.senders import Sender
from framewright.domain.errors import Reject, Retry
from framewright.domain.media import Flavour, flavour_of
from framewright.domain.outcome import ChangeKind
from framewright.vendors import exchange
from framewright.vendors.exchange import Call, Endpoint
from framewright.vendors.source import UPGRADE, Change

PATIENCE = 30.0
"""Seconds for one answer."""

EARLIER = timedelta(hours=15)
"""How much earlier is asked for: some versions read the moment as local time. What is too old is left out here."""

MOST_BYTES = 64 * 1024 * 1024
"""The history comes in one piece; a day of a busy instance is a few megabytes."""


@dataclass(frozen=True, slots=True)
class ArrHistory:
    """One program: what it calls itself, and which field names the episode or film of an entry."""

    app: str
    item: str


@dataclass(frozen=True, slots=True)
class PastChange:
    """One entry that tells of a file; `item` names its episode or film, empty where the entry does not."""

    id: int
    at: datetime
    change: Change
    item: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """The entries that tell of files, oldest first, and how many name no path that could be used."""

    changes: tuple[PastChange, ...] = ()
    without_path: int = 0


class _Entry(msgspec.Struct, rename="camel"):
    id: int
    date: datetime
    event_type: str = ""
    source_title: str | None = None
    episode_id: int | None = None
    movie_id: int | None = None
    data: dict[str, str | None] = msgspec.field(default_factory=dict[str, str | None])


class _Status(msgspec.Struct, rename="camel"):
    app_name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class _Told:
    """The fields of an entry, by name in lower case."""

    title: str
    data: Mapping[str, str] = field(default_factory=dict[str, str])

    def path(self, *names: str) -> str:
        """The first of these that is an absolute path; empty when none is."""
        found = (self.data.get(name, "") for name in names)
        return next((one for one in (*found, self.title) if _is_absolute(one)), "")


async def version(sender: Sender, http: httpx.AsyncClient, program: ArrHistory) -> str:
    """The version of the program that answers.

    Raises:
        Retry: as `exchange.ask`.
        Reject: as `exchange.ask`; code WRONG_SERVER, another program answers.
    """
    status = await exchange.ask(_endpoint(sender, http), Call("GET", "/api/v3/system/status"), _Status)
    if status.app_name.casefold() != program.app.casefold():
        found = status.app_name or "something else"
        raise Reject(f"{sender.label}: {found} answers at this address, not {program.app}", code=exchange.WRONG_SERVER)
    return status.version


async def past_changes(sender: Sender, http: httpx.AsyncClient, program: ArrHistory, since: datetime) -> Past:
    """What happened to files at `since` or later.

    Raises:
        Retry: as `exchange.ask`.
        Reject: as `exchange.ask`; code WRONG_SERVER, another program answers.
    """
    await version(sender, http, program)
    query = {"date": (since - EARLIER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    call = Call("GET", "/api/v3/history/since", query, most_bytes=MOST_BYTES)
    entries = await exchange.ask(_endpoint(sender, http), call, list[_Entry])
    told = [one for one in entries if one.event_type in _MEANINGS and _aware(one.date) >= since]
    found = [_past(one, program) for one in sorted(told, key=lambda one: (_aware(one.date), one.id))]
    usable = tuple(one for one in found if one.change.path)
    return Past(usable, len(found) - len(usable))


def _endpoint(sender: Sender, http: httpx.AsyncClient) -> Endpoint:
    """Where the sender is asked; its key travels in a header.

    Raises:
        Retry: code UNAUTHORIZED, there is no key to send.
    """
    if not sender.api_key:
        raise Retry(f"{sender.label}: no API key is stored; enter it again", code=exchange.UNAUTHORIZED)
    return Endpoint(http, sender.label, sender.url, {"X-Api-Key": sender.api_key}, PATIENCE)


def _past(entry: _Entry, program: ArrHistory) -> PastChange:
    told = _Told(entry.source_title or "", {name.lower(): value or "" for name, value in entry.data.items()})
    item = entry.movie_id if program.item == "movieId" else entry.episode_id
    return PastChange(entry.id, _aware(entry.date), _MEANINGS[entry.event_type](told), str(item or ""))


def _imported(told: _Told) -> Change:
    path = told.data.get("importedpath", "")
    return Change(ChangeKind.ADDED, path if _is_absolute(path) else "")


def _deleted(told: _Told) -> Change:
    reason = told.data.get("reason", "")
    return Change(ChangeKind.DELETED, told.path("path"), why=UPGRADE if reason.casefold() == UPGRADE else reason)


def _renamed(told: _Told) -> Change:
    path, before = told.data.get("path", ""), told.path("sourcepath")
    return Change(ChangeKind.RENAMED, path if _is_absolute(path) else "", before)


_MEANINGS = {
    "downloadFolderImported": _imported,
    "seriesFolderImported": _imported,
    "movieFolderImported": _imported,
    "episodeFileDeleted": _deleted,
    "movieFileDeleted": _deleted,
    "episodeFileRenamed": _renamed,
    "movieFileRenamed": _renamed,
}


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or flavour_of(path) is Flavour.WINDOWS


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
