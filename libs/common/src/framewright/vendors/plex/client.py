"""What is asked of a Plex Media Server over HTTP; source: the public Plex API 1.1.1 (servers from 1.42 on).

The part hash is not in that document: `/library/metadata/{id}/tree` answers MediaPart elements with `hash` and `file`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.parsers import expat

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.domain.errors import NotIndexed, Retry
from framewright.domain.publishing import ServerIdentity
from framewright.vendors import exchange
from framewright.vendors.exchange import Call

PRODUCT = "Framewright"
CLIENT_IDENTIFIER = "framewright-publisher"
"""The name of an installation that has none of its own yet."""

ITEM_TYPES = {"movie": "1", "show": "4"}
"""Type numbers of what holds files, by section type; sections of other types hold no video of interest."""

_ABSENT = 404
_METHOD_REFUSED = frozenset({404, 405})


@dataclass(frozen=True, slots=True)
class Section:
    """A library section with its roots in the server's spelling."""

    key: str
    kind: str
    title: str
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an item; `hash` names its bundle and is empty until the server has read the file.

    `size` are the bytes that the file had then, 0 where the server does not say.
    """

    item_id: str
    file: str
    hash: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One file of an item as players see it: `indexes` names the previews that Plex has adopted, `sd` among them."""

    id: str
    file: str
    indexes: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that the server is busy with; `section` is empty where it does not say."""

    kind: str
    section: str = ""


class _Location(msgspec.Struct):
    path: str = ""


class _Directory(msgspec.Struct):
    key: str | int
    type: str = ""
    title: str = ""
    Location: tuple[_Location, ...] = ()


class _File(msgspec.Struct):
    file: str = ""
    id: str | int = ""
    indexes: str = ""
    size: int = 0
    exists: bool = False
    accessible: bool = False


class _Media(msgspec.Struct):
    Part: tuple[_File, ...] = ()


class _Metadata(msgspec.Struct):
    ratingKey: str | int  # noqa: N815 - the server's own spelling
    Media: tuple[_Media, ...] = ()


class _Context(msgspec.Struct):
    librarySectionID: str | int = ""  # noqa: N815 - the server's own spelling


class _Activity(msgspec.Struct):
    type: str = ""
    Context: _Context | None = None


class _Container(msgspec.Struct, rename="camel"):
    machine_identifier: str = ""
    version: str = ""
    friendly_name: str = ""
    directory: tuple[_Directory, ...] = msgspec.field(default=(), name="Directory")
    metadata: tuple[_Metadata, ...] = msgspec.field(default=(), name="Metadata")
    activity: tuple[_Activity, ...] = msgspec.field(default=(), name="Activity")
    size: int = 0
    total_size: int | None = None


class _Answer(msgspec.Struct):
    MediaContainer: _Container


class PlexClient:
    """The calls, each one exchange; see `framewright.vendors.exchange.send` for what they raise."""

    def __init__(self, server: Server, http: httpx.AsyncClient) -> None:
        anonymous = introduction(server)
        self._anonymous = exchange.endpoint(server, http, anonymous)
        self._server = exchange.endpoint(server, http, {**anonymous, "X-Plex-Token": server.auth.secret})
        self._scan_method = "GET"

    async def identity(self) -> ServerIdentity:
        """Who answers, asked without the token: it must not be shown to a stranger."""
        answer = await exchange.ask(self._anonymous, Call("GET", "/identity"), _Answer)
        return ServerIdentity(answer.MediaContainer.machine_identifier, "", answer.MediaContainer.version)

    async def friendly_name(self) -> str:
        """The server's display name; proves the token as well."""
        answer = await exchange.ask(self._server, Call("GET", "/"), _Answer)
        return answer.MediaContainer.friendly_name

    async def sections(self) -> list[Section]:
        """Every library section, of whatever kind."""
        answer = await exchange.ask(self._server, Call("GET", "/library/sections"), _Answer)
        return [
            Section(str(row.key), row.type, row.title, tuple(place.path for place in row.Location if place.path))
            for row in answer.MediaContainer.directory
        ]

    async def parts_named(self, section: Section, name: str) -> list[Part]:
        """The files of that name in a section with their sizes, without their hashes.

        `type` must be given: without it a query by `file` fails on the server.
        """
        query = {"type": ITEM_TYPES[section.kind], "file": name}
        call = Call("GET", f"/library/sections/{exchange.segment(section.key)}/all", query)
        answer = await exchange.ask(self._server, call, _Answer)
        return [
            Part(str(item.ratingKey), file.file, size=file.size)
            for item in answer.MediaContainer.metadata
            for media in item.Media
            for file in media.Part
        ]

    async def parts_of(self, item_id: str) -> list[Part]:
        """The files of an item with their hashes; empty when the item is gone."""
        path = f"/library/metadata/{exchange.segment(item_id)}/tree"
        call = Call("GET", path, accept="application/xml", expected=frozenset({_ABSENT}))
        response = await exchange.send(self._server, call)
        if response.status_code == _ABSENT:
            return []
        try:
            rows = _media_parts(response.content)
        except expat.ExpatError as error:
            raise Retry(f"{self._server.name}: {call} gives no usable XML", code=exchange.BAD_ANSWER) from error
        return [Part(item_id, row.get("file", ""), row.get("hash", "")) for row in rows]

    async def shown_parts(self, item_id: str) -> list[ShownPart]:
        """The files of an item as players see them; empty when the item is gone."""
        call = Call("GET", f"/library/metadata/{exchange.segment(item_id)}", expected=frozenset({_ABSENT}))
        response = await exchange.send(self._server, call)
        if response.status_code == _ABSENT:
            return []
        answer = exchange.decoded(self._server, call, response, _Answer)
        return [
            ShownPart(str(file.id), file.file, file.indexes)
            for item in answer.MediaContainer.metadata
            for media in item.Media
            for file in media.Part
        ]

    async def thumbnail(self, part_id: str, offset_ms: int) -> bytes | None:
        """The preview that players get at a time of a file; None when Plex has none there."""
        path = f"/library/parts/{exchange.segment(part_id)}/indexes/sd/{offset_ms}"
        call = Call("GET", path, accept="image/jpeg", expected=frozenset({_ABSENT}))
        response = await exchange.send(self._server, call)
        return response.content if response.is_success else None

    async def analyze(self, item_id: str) -> Call:
        """Have the server look at the item's files again: it then notices a preview file that it did not write.

        Raises:
            NotIndexed: the item is gone; it may come back under another id.
        """
        path = f"/library/metadata/{exchange.segment(item_id)}/analyze"
        call = Call("PUT", path, expected=frozenset({_ABSENT}))
        response = await exchange.send(self._server, call)
        if response.status_code == _ABSENT:
            raise NotIndexed(f"{self._server.name}: the item {item_id} is gone")
        return call

    async def activities(self) -> list[Activity]:
        """What the server is busy with."""
        answer = await exchange.ask(self._server, Call("GET", "/activities"), _Answer)
        return [
            Activity(one.type, str(one.Context.librarySectionID) if one.Context else "")
            for one in answer.MediaContainer.activity
        ]

    async def count(self, section: Section, *, trashed: bool = False) -> int:
        """How many items with files a section has, or how many of them are missing."""
        page = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": "0"}
        query = {"type": ITEM_TYPES[section.kind], **({"trash": "1"} if trashed else {}), **page}
        call = Call("GET", f"/library/sections/{exchange.segment(section.key)}/all", query)
        container = (await exchange.ask(self._server, call, _Answer)).MediaContainer
        return container.size if container.total_size is None else container.total_size

    async def any_accessible(self, section: Section, most: int) -> bool:
        """Whether the server itself can open a file of one of the section's newest items."""
        page = {"X-Plex-Container-Start": "0", "X-Plex-Container-Size": str(most)}
        query = {"type": ITEM_TYPES[section.kind], "sort": "addedAt:desc", **page}
        call = Call("GET", f"/library/sections/{exchange.segment(section.key)}/all", query)
        for item in (await exchange.ask(self._server, call, _Answer)).MediaContainer.metadata:
            if await self._is_accessible(str(item.ratingKey)):
                return True
        return False

    async def empty_trash(self, section_key: str) -> Call:
        """Forget for good what is missing from a section."""
        call = Call("PUT", f"/library/sections/{exchange.segment(section_key)}/emptyTrash")
        await exchange.send(self._server, call)
        return call

    async def _is_accessible(self, item_id: str) -> bool:
        path = f"/library/metadata/{exchange.segment(item_id)}"
        call = Call("GET", path, {"checkFiles": "1"}, expected=frozenset({_ABSENT}))
        response = await exchange.send(self._server, call)
        if not response.is_success:
            return False
        answer = exchange.decoded(self._server, call, response, _Answer)
        files = [file for item in answer.MediaContainer.metadata for media in item.Media for file in media.Part]
        return any(file.exists and file.accessible for file in files)

    async def scan(self, section_key: str, folder: str) -> Call:
        """Start a scan of one folder, spelled as the server sees it; the answer only means that it is queued.

        Servers differ in the method they take, so the other one is tried once and remembered.

        Raises:
            ValueError: an empty folder, which would scan the whole section.
        """
        if not folder:
            raise ValueError("a scan needs a folder")
        path = f"/library/sections/{exchange.segment(section_key)}/refresh"
        call = Call(self._scan_method, path, {"path": folder}, expected=_METHOD_REFUSED)
        response = await exchange.send(self._server, call)
        if response.status_code in _METHOD_REFUSED:
            self._scan_method = "POST" if self._scan_method == "GET" else "GET"
            call = Call(self._scan_method, path, {"path": folder})
            await exchange.send(self._server, call)
        return call


def introduction(server: Server) -> dict[str, str]:
    """The headers that say which program asks, under the name of this installation."""
    return {"X-Plex-Product": PRODUCT, "X-Plex-Client-Identifier": server.device_id or CLIENT_IDENTIFIER}


def _media_parts(document: bytes) -> Sequence[dict[str, str]]:
    """Attributes of every MediaPart element; a document that declares entities is refused."""
    found: list[dict[str, str]] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "MediaPart":
            found.append(attributes)

    def on_entity(*_: object) -> None:
        raise expat.ExpatError("entity declarations are refused")

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    parser.EntityDeclHandler = on_entity
    is_final = True
    parser.Parse(document, is_final)
    return found
