"""What the handlers need of disks and of the bus, as Protocols; `adapters` fulfils them, `wiring` puts them together."""

from collections.abc import Sequence
from typing import Protocol

from framewright.contracts.publish import RemovalRequestedV1
from framewright.domain.publishing import Output
from framewright.publisher.domain.removal import Doomed


class Disk(Protocol):
    """Videos and outputs on disk; what the disk refuses is raised as `Retry`, never taken for an answer."""

    async def exists(self, path: str) -> bool:
        """Whether something is there, a link too; raises `Retry` (UNREADABLE)."""
        ...

    async def unmounted(self, roots: Sequence[str]) -> str:
        """Which of the folders looks unmounted (missing or empty), in words; empty when none does."""
        ...

    async def namesake(self, video: str) -> str:
        """Another video beside this one with the same name but for its ending; empty when there is none."""
        ...

    async def remove(self, doomed: Doomed) -> str:
        """Remove an output; why it stays, empty when it is gone. Raises `Retry` (UNREMOVABLE)."""
        ...

    async def move(self, old: str, output: Output, *, keep: bool) -> None:
        """Bring an output from its old place to its new one; raises `Retry` (UNWRITABLE)."""
        ...


class Memory(Protocol):
    """What is remembered of all files."""

    async def sharers(self, output: str, but: str) -> Sequence[str]:
        """The videos (empty: not known) of other records than those of the path id `but` with this output."""
        ...

    async def forget(self, path_id: str, server_id: str) -> None:
        """Drop the record of a file on a server."""
        ...


class Guard(Protocol):
    """Stands between a missing disk and everything that was made."""

    async def hold(self, request: RemovalRequestedV1) -> str:
        """Why the removal must wait for an operator's word; empty when it may go on, which is counted then."""
        ...
