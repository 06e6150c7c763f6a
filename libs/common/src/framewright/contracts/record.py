"""What is remembered about one file on one server: enough to know whether its outputs are still right."""

from datetime import datetime
from enum import StrEnum

import msgspec

from framewright.domain.errors import Reject


class Stage(StrEnum):
    """How far publishing came; a crash between the two is taken up at the telling, not at the writing."""

    WRITTEN = "written"
    TOLD = "told"


class PublishRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The last outputs of a file on a server; bucket `files`, key `<path id>.<server id>`.

    `requested_at` is that of the request they came from: an older request never overwrites a newer one's outputs.
    """

    fingerprint: str
    requested_at: datetime
    outputs: tuple[str, ...]
    stage: Stage
    at: datetime
    pack: str = ""
    call: str = ""


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
