"""How one signs in to servers, in tables by vendor; and the account at plex.tv, which stands for many servers at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from framewright.domain.publishing import ServerIdentity
from framewright.vendors.emby import sign_in as emby
from framewright.vendors.jellyfin import sign_in as jellyfin
from framewright.vendors.jellyfin.sign_in import Approval
from framewright.vendors.jellyfin.sign_in import Request as QuickConnectRequest
from framewright.vendors.mediabrowser.signing_in import SignedIn, Visit
from framewright.vendors.plex.account import (
    Addresses as PlexAddresses,
)
from framewright.vendors.plex.account import (
    FoundServer as FoundPlexServer,
)
from framewright.vendors.plex.account import (
    Method as PlexMethod,
)
from framewright.vendors.plex.account import (
    Place as PlexPlace,
)
from framewright.vendors.plex.account import (
    PlexAccount,
)
from framewright.vendors.plex.account import (
    Spare as PlexSpare,
)
from framewright.vendors.plex.account import (
    Standing as PlexStanding,
)


@dataclass(frozen=True, slots=True)
class QuickConnect:
    """A code that a person approves in another app of theirs; a request lives so many `seconds`."""

    initiate: Callable[[Visit], Awaitable[QuickConnectRequest]]
    approval: Callable[[Visit, str], Awaitable[Approval]]
    exchanged: Callable[[Visit, str, ServerIdentity], Awaitable[SignedIn]]
    seconds: int


PASSWORDS: Mapping[str, Callable[[Visit, str, str], Awaitable[SignedIn]]] = {
    "emby": emby.by_password,
    "jellyfin": jellyfin.by_password,
}

API_KEYS: Mapping[str, Callable[[Visit, str], Awaitable[SignedIn]]] = {
    "emby": emby.by_api_key,
    "jellyfin": jellyfin.by_api_key,
}

QUICK_CONNECT: Mapping[str, QuickConnect] = {
    "jellyfin": QuickConnect(jellyfin.initiate, jellyfin.approval, jellyfin.exchanged, jellyfin.QUICK_CONNECT_SECONDS),
}

__all__ = [
    "API_KEYS",
    "PASSWORDS",
    "QUICK_CONNECT",
    "Approval",
    "FoundPlexServer",
    "PlexAccount",
    "PlexAddresses",
    "PlexMethod",
    "PlexPlace",
    "PlexSpare",
    "PlexStanding",
    "QuickConnect",
    "QuickConnectRequest",
    "SignedIn",
    "Visit",
]
