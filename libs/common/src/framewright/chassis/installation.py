"""The name under which plex.tv and every media server know this installation: made once, the same in every service, for ever.

A server that met another name at every start would list a new device each time; two installations of one name would end each
other's sessions. It is no secret and is kept open.
"""

import uuid

import msgspec

from framewright.chassis.bus import Bucket, Occupied
from framewright.domain.errors import Reject

INSTALLATION_KEY = "installation"


class Installation(msgspec.Struct, frozen=True):
    """What is kept."""

    id: str


def decode_installation(value: bytes) -> str:
    """The name in a stored value.

    Raises:
        Reject: code UNDECODABLE.
    """
    try:
        return msgspec.json.decode(value, type=Installation).id
    except msgspec.DecodeError as error:
        raise Reject(f"stored value is not an Installation: {error}", code="UNDECODABLE") from error


async def installation_id(config: Bucket) -> str:
    """The name, made by whichever process comes first.

    Raises:
        Retry: the bus is out of reach.
    """
    while True:
        entry = await config.get(INSTALLATION_KEY)
        if entry is not None and entry.value:
            return decode_installation(entry.value)
        made = Installation(str(uuid.uuid4()))
        try:
            await config.update(INSTALLATION_KEY, msgspec.json.encode(made), entry.revision if entry else 0)
        except Occupied:
            continue
        return made.id
