"""What the services need of the world, as Protocols; the chassis and the vendors implement them."""

from collections.abc import Sequence
from typing import Protocol

from framewright.domain.frames import Rendition
from framewright.domain.ownership import Library
from framewright.domain.publishing import Hindrance, Located, PublishTarget, ServerIdentity, Showing, Written


class FrameStore(Protocol):
    """Where frame packs live between extraction and publishing: parts first, manifest last, a missing part is a miss."""

    async def manifest(self, key: str) -> bytes | None:
        """The manifest of a pack, or None when the pack is absent or was evicted; it says nothing about the parts."""
        ...

    async def whole(self, key: str, parts: int) -> bool:
        """Whether the manifest and this many parts are all there now; reads none of them."""
        ...

    async def part(self, key: str, number: int) -> bytes | None:
        """One part (0-based) of a pack, or None when it is gone."""
        ...

    async def put(self, key: str, parts: Sequence[bytes], manifest: bytes) -> None:
        """Store a pack so that it becomes visible only when it is whole.

        Raises:
            Retry: the store is full or out of reach.
        """
        ...


class MediaServer(Protocol):
    """One configured server, whatever its vendor; every method may raise `Retry` (try later) or `Reject` (never)."""

    async def identify(self) -> ServerIdentity:
        """Who answers at the configured address; raises `Reject` when it is another server or refuses the credentials.

        It is asked without them first: whoever is not the configured server never sees them.
        """
        ...

    async def libraries(self) -> list[Library]:
        """The video libraries with their roots as the server sees them."""
        ...

    async def renditions(self, wanted: Rendition) -> tuple[Rendition, ...]:
        """What this server really shows, at least one: its own widths and interval where it insists, else what is wanted."""
        ...

    async def outputs(self, target: PublishTarget) -> Located:
        """Which outputs this server wants for the file, and where; raises `NotIndexed` when it must know the file first.

        `Outdated` when it must look again first, because it knows another file at that path.
        """
        ...

    async def hindrance(self, target: PublishTarget, located: Located) -> Hindrance | None:
        """Why nothing may be written there: what is good would be lost, or what is written; asked before every write."""
        ...

    async def refresh(self, target: PublishTarget, located: Located) -> str:
        """Tell the server that the outputs are there; answers the call made, in words, without secrets."""
        ...

    async def showing(self, target: PublishTarget, located: Located, written: Sequence[Written]) -> Showing:
        """Whether the server itself shows what was written, proven by reading it back; changes nothing.

        `written` tells of each output, in their order.
        """
        ...

    async def remind(self, target: PublishTarget, located: Located) -> str:
        """Tell the server once more where that is harmless and may help; the call in words, empty when none was made."""
        ...

    async def aclose(self) -> None:
        """Release what the connection holds."""
        ...
