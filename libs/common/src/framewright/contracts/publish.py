"""What publishers are asked to do: write one file's outputs for one server, remove them, make the server look."""

from datetime import datetime
from typing import ClassVar

import msgspec

from framewright.contracts.base import Message
from framewright.contracts.extract import Target
from framewright.domain.frames import FileVersion, Picture
from framewright.domain.outcome import ChangeKind


class PublishRequestedV1(Message, frozen=True, kw_only=True):
    """Write this server's outputs of the file from the frame pack, then tell the server.

    `fingerprint` names everything the output depends on; the same fingerprint twice is the same output. `previous_path` is
    where the same file was before: outputs that were made of it there are moved and not made anew.
    """

    HEAD: ClassVar[str] = "publish.v1"
    job_ids: tuple[str, ...]
    path: str
    path_id: str
    target: Target
    picture: Picture
    version: FileVersion
    pack: str
    fingerprint: str
    requested_at: datetime
    regenerate: bool = False
    reextracted: int = 0
    previous_path: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.target.server_type, self.target.server_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"{'+'.join(self.job_ids)}.{self.path_id}.{self.target.server_id}.{self.fingerprint}.{self.reextracted}"

    def owner(self) -> str:
        return self.job_ids[0] if self.job_ids else ""


class RemovalRequestedV1(Message, frozen=True, kw_only=True):
    """The file is said to be gone: remove what was made of it for this server, if it is gone indeed, and tell the server.

    `roots` are the local folders of the libraries that held it: while one of them is missing or empty nothing is removed.
    """

    HEAD: ClassVar[str] = "remove.v1"
    job_ids: tuple[str, ...]
    path: str
    path_id: str
    target: Target
    roots: tuple[str, ...]
    requested_at: datetime
    why: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.target.server_type, self.target.server_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"remove.{'+'.join(self.job_ids)}.{self.path_id}.{self.target.server_id}"

    def owner(self) -> str:
        return self.job_ids[0] if self.job_ids else ""


class ChangedPath(msgspec.Struct, frozen=True):
    """One path that a server shall look at, in the server's spelling; `previous` where the file was before a rename."""

    path: str
    cause: ChangeKind
    previous: str = ""


class RefreshWantedV1(Message, frozen=True, kw_only=True):
    """Make a server look at what changed in one folder: everything that is wanted of it within the quiet time, at once.

    `place` names the folder (blake2b of library and folder, see `refresh_place`), `changed` is in the server's spelling.
    `level` is the step of the escalation ladder: 0 the folder itself, 1 the one above, 2 the library's root.
    """

    HEAD: ClassVar[str] = "refresh.v1"
    server_type: str
    server_id: str
    place: str
    library_ids: tuple[str, ...]
    changed: tuple[ChangedPath, ...]
    first_at: datetime
    level: int = 0

    def tokens(self) -> tuple[str, ...]:
        return (self.server_type, self.server_id, self.place)

    def dedupe_key(self) -> str:
        return f"refresh.{self.server_id}.{self.place}.{self.level}.{self.first_at.isoformat()}.{len(self.changed)}"
