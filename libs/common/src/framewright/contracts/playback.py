"""What is being watched right now: one key per server in the bucket `presence`, gone by itself when nobody looks any more."""

from datetime import datetime

import msgspec

from framewright.domain.errors import Reject

PLAYBACK_PREFIX = "playback."
"""Keys of the bucket `presence` that hold a `Playback`, each followed by the server's id."""


class PlayingItem(msgspec.Struct, frozen=True):
    """One stream: `path` in the server's spelling (empty when it does not say), `state` playing, paused or buffering."""

    item_id: str
    path: str = ""
    library_id: str = ""
    state: str = "playing"
    transcoding: bool = False
    title: str = ""
    user: str = ""


class ServerPlayback(msgspec.Struct, frozen=True):
    """Everything that a server plays, and when that was so."""

    server_id: str
    at: datetime
    playing: tuple[PlayingItem, ...] = ()


def decode_playback(value: bytes) -> ServerPlayback:
    """The state in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=ServerPlayback)
    except msgspec.DecodeError as error:
        raise Reject(f"not a playback state: {error}", code="UNDECODABLE") from error
