"""What is remembered about one file on one server: enough to know whether its outputs are still right."""

from datetime import datetime
from enum import StrEnum

import msgspec

from framewright.domain.errors import Reject
from framewright.domain.publishing import Written


class Stage(StrEnum):
    """How far publishing came; after a crash the work is taken up at the next step, not at the first one."""

    WRITTEN = "written"
    TOLD = "told"
    SHOWN = "shown"


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """The wait for a server to show what it was told of: since when, how often it was asked, and which jobs wait.

    `due` is when it is asked next, `vanished` counts how often the outputs were gone again meanwhile.
    """

    since: datetime
    asked: int = 0
    due: datetime | None = None
    vanished: int = 0
    job_ids: tuple[str, ...] = ()


class PublishRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The last outputs of a file on a server; bucket `files`, key `<path id>.<server id>`.

    `requested_at` is that of the request they came from: an older request never overwrites a newer one's outputs.
    `adoption` is there while the server is waited for, `proof` says in words how it was seen to show the outputs.
    `video_width` is the stored width of the film in pixels, 0 when the frame pack did not say. `path` is the canonical path of
    the video, empty in records of earlier versions: what is remembered of a path can be found again when its video is gone.
    `moved_to` is the path id to which the outputs are being moved: what lies there and not here any more has been moved.
    Of several renditions `fingerprint` is that of all together, `parts` are those of each one, and `further_packs` and
    `further_written` tell of the outputs after the first one what `pack` and `written` tell of that.
    """

    fingerprint: str
    requested_at: datetime
    outputs: tuple[str, ...]
    stage: Stage
    at: datetime
    pack: str = ""
    call: str = ""
    written: Written | None = None
    video_width: int = 0
    adoption: Adoption | None = None
    proof: str = ""
    path: str = ""
    moved_to: str = ""
    parts: tuple[str, ...] = ()
    further_packs: tuple[str, ...] = ()
    further_written: tuple[Written, ...] = ()

    @property
    def contents(self) -> tuple[Written, ...]:
        """What lies in each output, in their order; nothing where it is not known."""
        return (self.written, *self.further_written) if self.written else ()

    def holds(self, part: str) -> bool:
        """Whether the outputs of the one rendition with this fingerprint are among what was made."""
        return part in (self.parts or (self.fingerprint,))


def record_key(path_id: str, server_id: str) -> str:
    """The key of a record."""
    return f"{path_id}.{server_id}"


def decode_record(value: bytes) -> PublishRecord:
    """The record in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=PublishRecord)
    except msgspec.DecodeError as error:
        raise Reject(f"not a publish record: {error}", code="UNDECODABLE") from error
