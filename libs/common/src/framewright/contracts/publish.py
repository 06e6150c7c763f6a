"""From the extractor to the publishers: one file, one server, where its frames are."""

from datetime import datetime
from typing import ClassVar

from framewright.contracts.base import Message
from framewright.contracts.extract import Target
from framewright.domain.frames import FileVersion, Picture


class PublishRequestedV1(Message, frozen=True, kw_only=True):
    """Write this server's outputs of the file from the frame pack, then tell the server.

    `fingerprint` names everything the output depends on; the same fingerprint twice is the same output.
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

    def tokens(self) -> tuple[str, ...]:
        return (self.target.server_type, self.target.server_id, self.path_id)

    def dedupe_key(self) -> str:
        return f"{'+'.join(self.job_ids)}.{self.path_id}.{self.target.server_id}.{self.fingerprint}.{self.reextracted}"

    def owner(self) -> str:
        return self.job_ids[0] if self.job_ids else ""
