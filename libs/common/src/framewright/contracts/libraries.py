"""When the libraries of a server were last read, and why not since; bucket `config`, key `libraries.<server id>`."""

from datetime import datetime

import msgspec

from framewright.domain.errors import Reject

LIBRARIES_PREFIX = "libraries."


class LibrariesRead(msgspec.Struct, frozen=True, kw_only=True):
    """The last try at `at`; `reason` is empty when it succeeded, else why the list that is known was kept."""

    at: datetime
    reason: str = ""


def decode_libraries_read(value: bytes) -> LibrariesRead:
    """The state in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=LibrariesRead)
    except msgspec.DecodeError as error:
        raise Reject(f"not a state of libraries: {error}", code="UNDECODABLE") from error
