"""Making known that a server takes no calls: a key that everybody may read, and one fact for each turn."""

import msgspec

from framewright.chassis.bus import Bucket
from framewright.chassis.clock import now
from framewright.chassis.leases import lease
from framewright.chassis.outgoing import Outgoing
from framewright.contracts.facts import ServerTroubleV1
from framewright.contracts.server_state import (
    SERVER_STATE_SECONDS,
    ServerState,
    decode_server_state,
    server_state_key,
)


async def remembered_state(presence: Bucket, server_id: str) -> ServerState | None:
    """What was told last of a server that took no calls; None when all was well.

    Raises:
        Retry: the bus is out of reach.
        Reject: code UNDECODABLE.
    """
    entry = await presence.get(server_state_key(server_id))
    return decode_server_state(entry.value) if entry and entry.value else None


async def tell_state(presence: Bucket, locks: Bucket, outgoing: Outgoing, state: ServerState) -> None:
    """Keep the state where it can be read, and tell the fact unless another publisher has told it already.

    Raises:
        Busy: another publisher is at it.
        Retry: the bus is out of reach.
    """
    async with lease(locks, f"server-state.{state.server_id}"):
        await _told(presence, outgoing, state)


async def _told(presence: Bucket, outgoing: Outgoing, state: ServerState) -> None:
    known = await remembered_state(presence, state.server_id)
    if state.code:
        await presence.put(server_state_key(state.server_id), msgspec.json.encode(state), seconds=SERVER_STATE_SECONDS)
    elif known is not None:
        await presence.delete(server_state_key(state.server_id), seconds=SERVER_STATE_SECONDS)
    if state.code != (known.code if known else ""):
        fact = ServerTroubleV1(server_id=state.server_id, at=now(), code=state.code, reason=state.reason)
        await outgoing.send(fact)
