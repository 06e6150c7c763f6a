"""The stored senders, and asking one over HTTP."""

from framewright.chassis.bus import Bus
from framewright.chassis.http import client
from framewright.chassis.sealing import Sealer
from framewright.chassis.senders import SenderStore
from framewright.contracts.senders import Sender
from framewright.ui.adapters.surroundings import PATIENCE
from framewright.ui.domain.senders import SenderDesk
from framewright.vendors import sender_version


def sender_desk(bus: Bus, sealer: Sealer) -> SenderDesk:
    """The senders of the bucket `config`."""
    return SenderDesk(SenderStore(bus, sealer), _version)


async def _version(sender: Sender) -> str:
    async with client(timeout=PATIENCE, verify=sender.verify_ssl) as http:
        return await sender_version(sender, http)
