"""Keeps the account's token good: used with one retry, replaced a day early, by one replica at a time.

The old token stays until the new one has been seen to work; without a refresh token, the device key is the credential.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
import structlog

from framewright.domain.errors import Busy, FramewrightError, Reject, Retry
from framewright.vendors.exchange import BAD_ANSWER, UNAUTHORIZED
from framewright.vendors.plex.account.client import KEY_REFUSED, PlexTv
from framewright.vendors.plex.account.device_key import DeviceKey, claims_of, new_key
from framewright.vendors.plex.account.ledger import Ledger
from framewright.vendors.plex.account.records import SIGN_IN_AGAIN, Account, Method, refresh_moment
from framewright.vendors.plex.account.wire import TOKEN_EXPIRED

PULSE = 60.0
"""Seconds between two looks whether a new token is due."""

SOON, LATER = 300.0, 3600.0
"""Seconds until the next try after an outage, and after a refusal."""

ELSEWHERE = 15.0
"""Seconds for which another replica's refresh is waited for."""

log = structlog.get_logger("plex-account")

T = TypeVar("T")


class Keeper:
    """The token of the account; `renewed` is called once after every refresh, by the replica that did it."""

    def __init__(self, ledger: Ledger, renewed: Callable[[], Awaitable[None]] | None = None) -> None:
        self._ledger = ledger
        self._renewed = renewed

    async def using(self, act: Callable[[PlexTv, str], Awaitable[T]]) -> T:
        """What `act` answers with the token; once more with a new token when plex.tv says that the old one is over.

        Raises:
            Reject: code PLEX_NOT_SIGNED_IN; PLEX_SIGN_IN_AGAIN, only a person can help; else what `act` raises.
            Retry: what `act` raises.
        """
        account = await self._ledger.signed_in()
        tv = await self._ledger.plex_tv()
        try:
            return await act(tv, account.token)
        except Reject as error:
            if error.code not in {TOKEN_EXPIRED, UNAUTHORIZED}:
                raise
            if error.code == UNAUTHORIZED or account.method is Method.LEGACY:
                await self._doubted(tv, account)
                raise
        return await act(tv, (await self.refreshed(account)).token)

    async def refreshed(self, stale: Account) -> Account:
        """The account with another token than `stale` has, made here or by another replica meanwhile.

        Raises:
            Reject: code PLEX_SIGN_IN_AGAIN.
            Retry: plex.tv or the bus is out of reach, or the other replica did not manage.
        """
        try:
            async with self._ledger.alone("refresh"):
                current = await self._ledger.signed_in()
                if current.token != stale.token:
                    return current
                account = await self._refresh(current)
        except Busy:
            return await self._made_elsewhere(stale)
        if self._renewed is not None:
            await self._renewed()
        return account

    async def upgrade(self, token: str) -> Account:
        """Register this device's key with a token of the older flow, and take a token of the new one.

        Raises:
            Reject: code UNAUTHORIZED, the given token is bad; KEY_REFUSED.
        """
        tv, key = await self._ledger.plex_tv(), await self._ledger.key()
        try:
            await tv.register_key(token, key.jwk)
        except Reject as error:
            if error.code != KEY_REFUSED:
                raise
            key = new_key()
            await tv.register_key(token, key.jwk)
        account = await self.proven(tv, await self._exchanged(tv, key), key)
        await self._ledger.keep_key(key)
        await self._ledger.keep(account)
        return account

    async def proven(self, tv: PlexTv, token: str, key: DeviceKey | None) -> Account:
        """The account of a token that was just seen to work; `key` is None for the older flow.

        Raises:
            Reject: code UNAUTHORIZED, it does not work; KEY_REFUSED, it was made for another key.
            Retry: it could not be tried, or is over already.
        """
        user, now = await tv.user(token), self._ledger.now()
        if key is None:
            return Account(token, Method.LEGACY, user.name, now)
        claims = claims_of(token)
        if claims.thumbprint not in {"", key.jwk.kid}:
            raise Reject("plex.tv: the new token belongs to another device key", code=KEY_REFUSED)
        if claims.exp <= now:
            raise Retry("plex.tv: the new token is over already; is the clock right?", code=BAD_ANSWER)
        chance = random.random()  # noqa: S311 - spreads load, guards nothing
        return Account(token, Method.JWT, user.name, now, claims.exp, refresh_moment(claims.exp, chance))

    async def run(self, stopping: asyncio.Event, pulse: float = PULSE) -> None:
        """Replace the token whenever it is due, until told to stop."""
        while not stopping.is_set():
            pause = await self._turn(pulse)
            try:
                async with asyncio.timeout(pause):
                    await stopping.wait()
            except TimeoutError:
                continue

    async def _turn(self, pulse: float) -> float:
        """Do what is due; seconds until the next look."""
        try:
            account = await self._ledger.account()
            if account is None or not account.due(self._ledger.now()):
                return pulse
            await self.refreshed(account)
        except Retry as error:
            log.warning("the Plex token is not refreshed yet", code=error.code, reason=error.reason)
            return max(error.after or 0.0, min(SOON, pulse * 5))
        except Reject as error:
            log.warning("the Plex token cannot be refreshed", code=error.code, reason=error.reason)
            return min(LATER, pulse * 60)
        return pulse

    async def _refresh(self, current: Account) -> Account:
        tv, key = await self._ledger.plex_tv(), await self._ledger.key()
        try:
            account = await self.proven(tv, await self._exchanged(tv, key), key)
        except FramewrightError as error:
            await self._failed(current, error)
            if isinstance(error, Retry):
                raise
            raise Reject(f"sign in to Plex again: {error.reason}", code=SIGN_IN_AGAIN) from error
        latest = await self._ledger.signed_in()
        if latest.token != current.token:  # somebody signed in anew or out meanwhile, which counts for more
            return latest
        kept = msgspec.structs.replace(account, signed_in_at=current.signed_in_at)
        await self._ledger.keep(kept)
        return kept

    async def _exchanged(self, tv: PlexTv, key: DeviceKey) -> str:
        signed = key.signed(await self._ledger.client_identifier(), await tv.nonce(), self._ledger.now())
        return await tv.exchange(signed)

    async def _failed(self, current: Account, error: FramewrightError) -> None:
        refused = error.code == KEY_REFUSED
        await self._ledger.keep(msgspec.structs.replace(current, problem=error.reason, refused=refused))

    async def _doubted(self, tv: PlexTv, account: Account) -> None:
        """A 401 may mean the call or the token; only the account itself can say which.

        Raises:
            Reject: code PLEX_SIGN_IN_AGAIN, it is the token.
        """
        try:
            await tv.user(account.token)
        except Reject as error:
            if error.code not in {UNAUTHORIZED, TOKEN_EXPIRED}:
                raise
            reason = "plex.tv does not know the token any more"
            await self._ledger.keep(msgspec.structs.replace(account, problem=reason, refused=True))
            raise Reject(f"sign in to Plex again: {reason}", code=SIGN_IN_AGAIN) from error

    async def _made_elsewhere(self, stale: Account) -> Account:
        for _ in range(int(ELSEWHERE / 0.25)):
            await asyncio.sleep(0.25)
            current = await self._ledger.signed_in()
            if current.token != stale.token:
                return current
        raise Retry("another replica is refreshing the Plex token", after=ELSEWHERE, code="BUSY")
