"""Signing in with a PIN that a person claims in the browser, in Plex's flow of 2025 or the older one.

A device JWT lives five minutes, a person may take longer: it is made anew while the PIN is polled.
"""

from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from framewright.domain.errors import Reject
from framewright.vendors.plex.account.client import KEY_REFUSED, Pin, PlexTv
from framewright.vendors.plex.account.device_key import LIFETIME, DeviceKey, new_key
from framewright.vendors.plex.account.keeper import Keeper
from framewright.vendors.plex.account.ledger import PIN_SECONDS, Ledger
from framewright.vendors.plex.account.records import KeptPin, Method
from framewright.vendors.plex.account.wire import GONE

FRESH = LIFETIME - 60
"""Seconds for which a signed request is used again; plex.tv gives out few nonces in a row."""


@dataclass(frozen=True, slots=True)
class StartedPin:
    """A PIN for a browser: where to go, and how long it waits in seconds."""

    id: int
    code: str
    auth_url: str
    expires_in: int = PIN_SECONDS


class PinSignIn:
    """PINs from their start to the account."""

    def __init__(self, ledger: Ledger, keeper: Keeper) -> None:
        self._ledger = ledger
        self._keeper = keeper
        self._signed: dict[str, tuple[str, float]] = {}

    async def start(self, method: Method, forward_url: str = "") -> StartedPin:
        """A new PIN; after the claim the browser goes to `forward_url` with `plex_pin` added to its query."""
        tv = await self._ledger.plex_tv()
        pin, kept = await self._started(tv, method)
        await self._ledger.keep_pin(pin.id, kept)
        return StartedPin(pin.id, pin.code, tv.sign_in_page(pin.code, _with_pin(forward_url, pin.id)))

    async def claimed(self, pin_id: int) -> bool:
        """Whether the PIN is claimed; the account is then kept.

        Raises:
            Reject: code NOT_FOUND, not started here or over.
            Retry: plex.tv is out of reach, which says nothing about the PIN.
        """
        kept = await self._ledger.pin(pin_id)
        if kept is None:
            raise _unknown()
        if kept.done:
            return True
        tv = await self._ledger.plex_tv()
        key = DeviceKey(kept.seed) if kept.method is Method.JWT else None
        token = await self._token(tv, pin_id, key)
        if not token:
            return False
        account = await self._keeper.proven(tv, token, key)
        if key:
            await self._ledger.keep_key(key)
        await self._ledger.keep(account)
        await self._ledger.keep_pin(pin_id, msgspec.structs.replace(kept, seed="", done=True))
        return True

    async def _started(self, tv: PlexTv, method: Method) -> tuple[Pin, KeptPin]:
        if method is Method.LEGACY:
            return await tv.start_pin(), KeptPin(method)
        key = await self._ledger.key()
        try:
            pin = await tv.start_pin_with_key(key.jwk)
        except Reject as error:
            if error.code != KEY_REFUSED:
                raise
            key = new_key()  # kept only once the PIN is claimed, so that a running account keeps its own
            pin = await tv.start_pin_with_key(key.jwk)
        return pin, KeptPin(method, key.seed)

    async def _token(self, tv: PlexTv, pin_id: int, key: DeviceKey | None) -> str:
        try:
            return await (self._polled(tv, pin_id, key) if key else tv.pin_token(pin_id))
        except Reject as error:
            if error.code != GONE:
                raise
            raise _unknown() from error

    async def _polled(self, tv: PlexTv, pin_id: int, key: DeviceKey) -> str:
        request, is_new = await self._request(tv, key)
        try:
            return await tv.pin_token_with_key(pin_id, request)
        except Reject as error:
            self._signed.pop(key.jwk.kid, None)
            if error.code != KEY_REFUSED or is_new:
                raise
        request, _ = await self._request(tv, key)
        return await tv.pin_token_with_key(pin_id, request)

    async def _request(self, tv: PlexTv, key: DeviceKey) -> tuple[str, bool]:
        """A signed request of the last minutes or a new one, and whether it is new."""
        now, kid = self._ledger.now(), key.jwk.kid
        request, made = self._signed.get(kid, ("", 0.0))
        if request and now - made < FRESH:
            return request, False
        request = key.signed(await self._ledger.client_identifier(), await tv.nonce(), now)
        self._signed = {kid: (request, now)}
        return request, True


def _unknown() -> Reject:
    return Reject("no such PIN, or it is over: start again", code="NOT_FOUND")


def _with_pin(forward_url: str, pin_id: int) -> str:
    if not forward_url:
        return ""
    address, _, fragment = forward_url.partition("#")
    joined = f"{address}{'&' if '?' in address else '?'}plex_pin={pin_id}"
    return f"{joined}#{quote(fragment, safe='/?&=')}" if fragment else joined
