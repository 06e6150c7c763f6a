"""Whether a server takes calls, as the publisher sees it: one key per server in the bucket `presence`, absent while all is well."""

from datetime import datetime

import msgspec

from framewright.domain.errors import Reject

SERVER_STATE_PREFIX = "server."
"""Keys of the bucket `presence` that hold a `ServerState`, each followed by the server's id."""

SERVER_STATE_SECONDS = 3600
"""For so long a state stands without being said again: a publisher that is gone knows nothing any more."""


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """A server to which no calls are made at present; `code` is empty when all is well.

    `since` is when the trouble began, `next_try` when the server is asked again. What it is owed waits in its queues meanwhile.
    """

    server_id: str
    since: datetime
    code: str = ""
    reason: str = ""
    next_try: datetime | None = None


def server_state_key(server_id: str) -> str:
    """The key of a server's state."""
    return f"{SERVER_STATE_PREFIX}{server_id}"


def decode_server_state(value: bytes) -> ServerState:
    """The state in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=ServerState)
    except msgspec.DecodeError as error:
        raise Reject(f"not a server state: {error}", code="UNDECODABLE") from error
