"""Items as Plex lists them, with their files; source: the public Plex API 1.1.1."""

from collections.abc import Iterator

import httpx
import msgspec

from framewright.contracts.server import Server
from framewright.vendors import exchange
from framewright.vendors.exchange import Endpoint
from framewright.vendors.plex.client import introduction


class Part(msgspec.Struct):
    """One file."""

    file: str = ""
    size: int = 0
    selected: bool = False


class Media(msgspec.Struct):
    """One version: its files, and in sessions whether it is the one that plays."""

    parts: tuple[Part, ...] = msgspec.field(default=(), name="Part")
    selected: bool = False


class Guid(msgspec.Struct):
    """An id of a catalogue, as `tmdb://603`."""

    id: str = ""


class Word(msgspec.Struct):
    """An element of which one attribute matters here."""

    title: str = ""
    state: str = ""
    videoDecision: str = ""  # noqa: N815 - the server's own spelling


class Item(msgspec.Struct, rename="camel"):
    """A movie, show, season or episode; only movies and episodes have files."""

    rating_key: str | int = ""
    type: str = ""
    title: str = ""
    guid: str = ""
    added_at: int | None = None
    media: tuple[Media, ...] = msgspec.field(default=(), name="Media")
    guids: tuple[Guid, ...] = msgspec.field(default=(), name="Guid")
    section: str | int = msgspec.field(default="", name="librarySectionID")
    player: Word | None = msgspec.field(default=None, name="Player")
    user: Word | None = msgspec.field(default=None, name="User")
    transcode: Word | None = msgspec.field(default=None, name="TranscodeSession")

    @property
    def key(self) -> str:
        """The rating key as text."""
        return str(self.rating_key)

    def parts(self) -> Iterator[Part]:
        """Every file of every version."""
        return (part for media in self.media for part in media.parts if part.file)


class Container(msgspec.Struct, rename="camel"):
    """One answer; `offset` and `total_size` are there when the server paged it."""

    size: int = 0
    total_size: int | None = None
    offset: int | None = None
    metadata: tuple[Item, ...] = msgspec.field(default=(), name="Metadata")


class Answer(msgspec.Struct):
    """What every call answers."""

    MediaContainer: Container


def reader(server: Server, http: httpx.AsyncClient) -> Endpoint:
    """Where the server is asked, with its token."""
    return exchange.endpoint(server, http, {**introduction(server), "X-Plex-Token": server.auth.secret})
