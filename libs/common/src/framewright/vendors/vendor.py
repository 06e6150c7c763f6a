"""What a media server plug-in is: its type, and what it can do for a configured server of that type."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from framewright.contracts.playback import PlayingItem
from framewright.contracts.server import Server
from framewright.domain.libraries import ListedFile
from framewright.domain.listing import ListingPage, ListingWish
from framewright.domain.planning import PlannedCall
from framewright.domain.ports import MediaServer
from framewright.domain.publishing import PublishTarget
from framewright.vendors.events import ServerEvent
from framewright.vendors.health import Auditor
from framewright.vendors.places import Place
from framewright.vendors.scanning import Scanner

Client = httpx.AsyncClient


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be read from a server; see the functions of the same names in the root of `vendors`."""

    listed_files: Callable[[Server, Client, int], Awaitable[list[ListedFile]]]
    library_page: Callable[[Server, Client, ListingWish, str], Awaitable[ListingPage]]
    item_files: Callable[[Server, Client, str], Awaitable[list[str]]]
    provider_files: Callable[[Server, Client, Mapping[str, str]], Awaitable[list[str]]]
    sessions: Callable[[Server, Client], Awaitable[tuple[PlayingItem, ...]]]
    events: Callable[[Server, Client], AsyncGenerator[ServerEvent]]


@dataclass(frozen=True, slots=True)
class Telling:
    """How a server is made to look at what changed."""

    scanner: Callable[[Server, Client], Scanner]
    refresh_item: Callable[[Server, Client, Sequence[str], Sequence[str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Vendor:
    """One type of media server; `reading` and `telling` are None where there is no server behind it.

    `planned` and `calls` describe outputs and calls without asking anybody; `place` says whether a path is one of the vendor's
    own kinds of output, `video_stem` to which video beside it an entry of that name belongs.
    """

    type: str
    connect: Callable[[Server, Client], MediaServer]
    planned: Callable[[Server, PublishTarget], tuple[str, ...]]
    calls: Callable[[Server, PublishTarget], tuple[PlannedCall, ...]]
    auditor: Callable[[Server, Client], Auditor]
    place: Callable[[str], Place | None]
    video_stem: Callable[[str], str]
    reading: Reading | None = None
    telling: Telling | None = None
