"""A Plex account: signing in, keeping the token good, finding servers, webhooks. It talks to plex.tv, never to a server.

The one exception is `discovery`, which asks addresses who they are before a token is shown to one.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from framewright.domain.errors import Reject
from framewright.vendors.plex.account import discovery
from framewright.vendors.plex.account.client import Addresses
from framewright.vendors.plex.account.discovery import Connection, FoundServer
from framewright.vendors.plex.account.hooks import AccountHooks, HookState
from framewright.vendors.plex.account.keeper import PULSE, Keeper
from framewright.vendors.plex.account.ledger import Ledger, Place
from framewright.vendors.plex.account.records import Account, Method, Standing, standing
from framewright.vendors.plex.account.sign_in import PinSignIn, StartedPin
from framewright.vendors.plex.account.spare import Spare


class PlexAccount:
    """One account of one installation, the same for every replica; `spares` are the tokens of configured servers."""

    def __init__(
        self,
        place: Place,
        renewed: Callable[[], Awaitable[None]] | None = None,
        spares: Callable[[], Iterable[Spare]] = tuple,
    ) -> None:
        self._ledger = Ledger(place)
        self._keeper = Keeper(self._ledger, renewed)
        self._pins = PinSignIn(self._ledger, self._keeper)
        self.hooks = AccountHooks(self._ledger, self._keeper, spares)

    async def client_identifier(self) -> str:
        """The name of this installation; no secret."""
        return await self._ledger.client_identifier()

    async def start(self, method: Method, forward_url: str = "") -> StartedPin:
        """See `PinSignIn.start`."""
        return await self._pins.start(method, forward_url)

    async def claimed(self, pin_id: int) -> bool:
        """See `PinSignIn.claimed`."""
        return await self._pins.claimed(pin_id)

    async def account(self) -> tuple[Account | None, Standing]:
        """The account and how it stands; nothing is asked of plex.tv."""
        account = await self._ledger.account()
        return account, standing(account, self._ledger.now())

    async def refresh(self) -> None:
        """Take a new token now.

        Raises:
            Reject: code PLEX_NOT_SIGNED_IN; PLEX_SIGN_IN_AGAIN; VALIDATION_ERROR, the token is of the older flow.
            Retry: plex.tv is out of reach.
        """
        account = await self._ledger.signed_in()
        if account.method is Method.LEGACY:
            raise Reject("a token of the older flow has no end and is not refreshed", code="VALIDATION_ERROR")
        await self._keeper.refreshed(account)

    async def upgrade(self, token: str = "") -> None:
        """Turn a token of the older flow (the account's own where none is given) into one of the new flow."""
        await self._keeper.upgrade(token or (await self._ledger.signed_in()).token)

    async def sign_out(self) -> None:
        """Forget the account here; servers that were added keep their own tokens."""
        await self._ledger.forget()

    async def servers(self, *, look: bool = True) -> tuple[FoundServer, ...]:
        """The servers of the account; with `look`, every address was asked who it is.

        Raises:
            Reject: as `Keeper.using`.
            Retry: plex.tv is out of reach.
        """
        found = discovery.servers(await self._keeper.using(lambda tv, token: tv.resources(token)))
        return await discovery.looked_at(self._ledger.place.http, found) if look else found

    async def run(self, stopping: asyncio.Event, pulse: float = PULSE) -> None:
        """Keep the token good until told to stop."""
        await self._keeper.run(stopping, pulse)


__all__ = [
    "Account",
    "Addresses",
    "Connection",
    "FoundServer",
    "HookState",
    "Method",
    "Place",
    "PlexAccount",
    "Spare",
    "Standing",
    "StartedPin",
]
