"""What the routes need of the world, as Protocols; `adapters` fulfils them, `wiring` puts them together."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from framewright.contracts.devices import WorkerPresence
from framewright.contracts.server import Server
from framewright.domain.ports import MediaServer
from framewright.ui.domain.rows import FileKey
from framewright.ui.domain.sign_in import Approach, Voucher, Waiting
from framewright.ui.domain.views import FileView, HistoryEvent, JobView, Names, ServerView


@dataclass(frozen=True, slots=True)
class Slice:
    """A page (from 1) of so many rows."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        """Rows before the page."""
        return (self.page - 1) * self.per_page


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files of a job are asked for; empty means any."""

    outcome: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs are asked for; empty means any. `search` looks in titles and ids."""

    statuses: Sequence[str] = ()
    source: str = ""
    search: str = ""


class Archive(Protocol):
    """Reading the projection."""

    async def jobs(self, wanted: JobFilter, part: Slice) -> tuple[list[JobView], int]:
        """A page of jobs, newest first, and how many there are."""
        ...

    async def job(self, job_id: str) -> JobView | None:
        """One job."""
        ...

    async def files(self, job_id: str, wanted: FileFilter, part: Slice) -> tuple[list[FileView], int]:
        """A page of a job's files and how many there are."""
        ...

    async def some_files(self, keys: Sequence[FileKey]) -> list[FileView]:
        """The named files, those that exist."""
        ...

    async def history(self, limit: int) -> list[HistoryEvent]:
        """The newest webhooks."""
        ...

    async def counts(self) -> dict[str, int]:
        """Number of jobs by status."""
        ...

    async def last_outcomes(self) -> dict[str, ServerView]:
        """What happened last on each server."""
        ...


class History(Protocol):
    """Clearing the webhook history."""

    async def clear_history(self) -> None:
        """Forget every webhook that was told so far; a rebuilt projection does not bring them back."""
        ...


class Pictures(Protocol):
    """Frames of a pack as JPEG."""

    async def frame(self, pack: str, slot: int, interval_ms: int) -> bytes | None:
        """The picture of one slot (0 ms: the pack's own interval); None when the pack or the slot is gone."""
        ...

    async def strip(self, pack: str) -> bytes | None:
        """Up to ten evenly spaced pictures side by side; None when the pack is gone."""
        ...


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event of the live stream; `data` is JSON."""

    id: str
    name: str
    data: bytes


class Live(Protocol):
    """The live stream."""

    @property
    def last_id(self) -> str:
        """The id of the newest event: a page that is made now misses nothing when it listens from there."""
        ...

    def events(self, last_id: str) -> AsyncGenerator[LiveEvent | None]:
        """Everything after `last_id` that is still remembered, then what happens; None when it is time for a heartbeat."""
        ...


class Reach(Protocol):
    """Connecting to a media server, whatever its vendor."""

    def __call__(self, server: Server, /) -> AbstractAsyncContextManager[MediaServer]:
        """A connection that is closed at the end of the context."""
        ...


class Pages(Protocol):
    """Rendering HTML."""

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """The page or fragment."""
        ...


class Assets(Protocol):
    """The static files of the pages."""

    def get(self, version: str, name: str) -> tuple[bytes, str] | None:
        """Content and media type of a file in this version of the assets."""
        ...


class Places(Protocol):
    """Looking at the media folders."""

    async def exists(self, path: str) -> bool:
        """Whether something is there; False for anything outside the permitted root."""
        ...

    async def is_folder(self, path: str) -> bool:
        """Whether a folder that an operator named is there, wherever that is: data folders of servers lie elsewhere."""
        ...


class Queues(Protocol):
    """The work that waits."""

    async def depths(self) -> Mapping[str, int]:
        """Messages per lane; empty when the bus does not say."""
        ...


class Extractors(Protocol):
    """The extractors that are alive."""

    def present(self) -> tuple[WorkerPresence, ...]:
        """What each says of itself and its devices."""
        ...

    async def rescan(self) -> tuple[str, ...]:
        """Let every one look for its devices anew; answers the names of those that did not within ten seconds."""
        ...


class NameSource(Protocol):
    """The configured servers' names."""

    def __call__(self) -> Names:
        """Name and type by server id."""
        ...


class Cookies(Protocol):
    """Session cookies."""

    def open(self) -> str:
        """The value of a new session's cookie."""
        ...

    def holds(self, cookie: str) -> bool:
        """Whether a cookie is one of ours and still good."""
        ...


class Vouchers(Protocol):
    """Credentials that wait for the server that is added with them; every replica knows them."""

    async def issue(self, voucher: Voucher) -> str:
        """A handle for the credential, good for a quarter of an hour."""
        ...

    async def find(self, handle: str) -> Voucher:
        """The credential of a handle; raises `Reject` (VALIDATION_ERROR) when there is none any more."""
        ...


class ServerSignIn(Protocol):
    """Signing in to one media server; every method may raise `Retry` and `Reject` as its vendor does."""

    async def by_password(self, vendor: str, to: Approach, username: str, password: str) -> Voucher:
        """The credential of a user."""
        ...

    async def by_api_key(self, vendor: str, to: Approach, api_key: str) -> Voucher:
        """The key, once the server has taken it."""
        ...

    async def initiate(self, vendor: str, to: Approach) -> tuple[str, str, int]:
        """Begin Quick Connect: the code for the person, our handle, and how many seconds it waits."""
        ...

    async def approval(self, handle: str) -> str:
        """pending, authenticated or expired."""
        ...

    async def exchanged(self, handle: str) -> Voucher:
        """The credential of an approved request."""
        ...


class Requests(Protocol):
    """Quick Connect requests under way; every replica knows them."""

    async def keep(self, waiting: Waiting, seconds: int) -> str:
        """A handle for the request."""
        ...

    async def find(self, handle: str) -> Waiting | None:
        """The request of a handle; None when there is none any more."""
        ...


class Forgetting(Protocol):
    """Records that are kept by server."""

    async def forget(self, name: str, /) -> None:
        """Remove the record of a server; one that is not there is no error."""
        ...


class Ping(Protocol):
    """Trying whether an address of ours can be reached from here."""

    async def __call__(self, url: str) -> int:
        """The status that a synthetic Plex event is answered with; raises `Retry` when nobody answers."""
        ...
