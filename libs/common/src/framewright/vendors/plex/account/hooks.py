"""Our webhook in the account: registered beside those of other programs, and told apart from what Plex Pass forbids."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from framewright.domain.errors import Reject, Retry
from framewright.vendors.exchange import BAD_ANSWER, UNAUTHORIZED
from framewright.vendors.plex.account import webhooks
from framewright.vendors.plex.account.client import PlexTv, User
from framewright.vendors.plex.account.keeper import Keeper
from framewright.vendors.plex.account.ledger import Ledger
from framewright.vendors.plex.account.records import NOT_SIGNED_IN, KeptHook
from framewright.vendors.plex.account.spare import Spare, owners_token
from framewright.vendors.plex.account.wire import FORBIDDEN

PLEX_PASS_REQUIRED = "PLEX_PASS_REQUIRED"  # noqa: S105 - a code

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HookState:
    """Whether plex.tv will call us; `stale` when it would come with another secret than today's."""

    registered: bool
    stale: bool
    has_plex_pass: bool


class AccountHooks:
    """The webhook of this installation; addresses are given with their secret and compared without it.

    While nobody is signed in, one of the `spares` serves in place of the account's own token, where it can.
    """

    def __init__(self, ledger: Ledger, keeper: Keeper, spares: Callable[[], Iterable[Spare]]) -> None:
        self._ledger = ledger
        self._keeper = keeper
        self._spares = spares

    async def public_url(self) -> str:
        """The address that was registered from here, without its secret; empty when none was."""
        hook = await self._ledger.hook()
        return hook.public_url if hook else ""

    async def state(self, ours: str) -> HookState:
        """What plex.tv has.

        Raises:
            Reject: code PLEX_PASS_REQUIRED; as `Keeper.using`.
            Retry: plex.tv is out of reach.
        """

        async def ask(tv: PlexTv, token: str) -> HookState:
            user = await tv.user(token)
            entries = webhooks.registered(await _listed(tv, token, user), ours)
            return HookState(bool(entries), bool(entries) and ours not in entries, user.has_plex_pass)

        return await self._using(ask)

    async def register(self, ours: str) -> None:
        """Have plex.tv call this address, and no more the one that was registered from here before; others' webhooks stay.

        Raises:
            Reject: code PLEX_PASS_REQUIRED; as `Keeper.using`.
            Retry: plex.tv is out of reach or did not take the address; another replica is at it (BUSY).
        """

        async def change(tv: PlexTv, token: str) -> None:
            before = await _listed(tv, token, await tv.user(token))
            others = webhooks.removed(before, previous) if previous else before
            after = await tv.set_webhooks(token, webhooks.added(others, ours))
            if not webhooks.registered(after, ours):
                raise Retry("plex.tv did not take the webhook", code=BAD_ANSWER)

        async with self._ledger.alone("webhooks"):
            previous = await self.public_url()
            await self._using(change)
            await self._ledger.keep_hook(KeptHook(webhooks.bare(ours)))

    async def unregister(self, ours: str) -> None:
        """Have plex.tv forget this address, with whatever secret; what is not there is left alone.

        Raises:
            Reject: as `Keeper.using`; without Plex Pass there is nothing to forget.
            Retry: plex.tv is out of reach; another replica is at it (BUSY).
        """

        async def change(tv: PlexTv, token: str) -> None:
            before = await _listed(tv, token, await tv.user(token))
            after = webhooks.removed(before, ours)
            if after != before:
                await tv.set_webhooks(token, after)

        async with self._ledger.alone("webhooks"):
            try:
                await self._using(change)
            except Reject as error:
                if error.code != PLEX_PASS_REQUIRED:
                    raise
            await self._ledger.keep_hook(None)

    async def _using(self, act: Callable[[PlexTv, str], Awaitable[T]]) -> T:
        """What `act` answers with the account's token, or with a spare one while nobody is signed in."""
        try:
            return await self._keeper.using(act)
        except Reject as error:
            if error.code != NOT_SIGNED_IN:
                raise
            tv = await self._ledger.plex_tv()
            token = await owners_token(tv, self._spares())
            if not token:
                raise
        return await act(tv, token)


async def _listed(tv: PlexTv, token: str, user: User) -> tuple[str, ...]:
    """Every webhook of the account.

    `user` proves that the token is good, so that a refusal is about what the account may do.
    """
    if not user.has_plex_pass:
        raise Reject("webhooks need Plex Pass, which this account does not have", code=PLEX_PASS_REQUIRED)
    try:
        return await tv.webhooks(token)
    except Reject as error:
        if error.code not in {UNAUTHORIZED, FORBIDDEN}:
            raise
        reason = "plex.tv refuses this account its webhooks: they need Plex Pass"
        raise Reject(reason, code=PLEX_PASS_REQUIRED) from error
