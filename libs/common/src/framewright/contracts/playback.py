"""What is being watched right now: one key per server in the bucket `presence`, gone by itself when nobody looks any more."""

from datetime import datetime
from typing import ClassVar

import msgspec

from framewright.contracts.base import Message
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


class PlaybackHintV1(Message, frozen=True, kw_only=True):
    """Somebody said that playback began, paused or ended on a server: it is asked at once instead of at its turn.

    Sent live and stored nowhere. An empty `server_identity` means every server of the type.
    """

    HEAD: ClassVar[str] = "live.v1.playback"
    server_type: str
    server_identity: str = ""

    def tokens(self) -> tuple[str, ...]:
        return (self.server_type,)

    def dedupe_key(self) -> str:
        return ""


def decode_playback(value: bytes) -> ServerPlayback:
    """The state in the bytes.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=ServerPlayback)
    except msgspec.DecodeError as error:
        raise Reject(f"not a playback state: {error}", code="UNDECODABLE") from error
