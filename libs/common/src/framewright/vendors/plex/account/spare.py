"""The account's token where nobody has signed in: one that was configured with a server, when plex.tv takes it as its owner's."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from framewright.domain.errors import Reject
from framewright.vendors.plex.account import discovery
from framewright.vendors.plex.account.client import PlexTv


@dataclass(frozen=True, slots=True)
class Spare:
    """The token that a server was configured with, and the machine identifier of that server."""

    machine_id: str
    token: str = field(repr=False)


async def owners_token(tv: PlexTv, spares: Iterable[Spare]) -> str:
    """The first token whose account owns the server that it was configured with; empty when there is none.

    The token of a guest, and one that is good for a single server, are no help: the webhooks are the owner's.

    Raises:
        Retry: plex.tv is out of reach.
    """
    for spare in spares:
        try:
            found = discovery.servers(await tv.resources(spare.token))
        except Reject:
            continue
        if any(one.owned and one.machine_id == spare.machine_id for one in found):
            return spare.token
    return ""
