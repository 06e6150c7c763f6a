"""Where the account rests: sealed records in the config bucket, PINs under way and leases in the bucket of locks."""

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import httpx

from framewright.chassis.bus import Bucket
from framewright.chassis.installation import installation_id
from framewright.chassis.leases import lease
from framewright.chassis.sealing import Sealer
from framewright.chassis.strongbox import Strongbox
from framewright.domain.errors import Reject
from framewright.vendors.plex.account.client import Addresses, PlexTv
from framewright.vendors.plex.account.device_key import DeviceKey, new_key
from framewright.vendors.plex.account.records import NOT_SIGNED_IN, Account, KeptHook, KeptKey, KeptPin
from framewright.vendors.plex.account.wire import Device, Wire

ACCOUNT_KEY = "plex.account"
DEVICE_KEY = "plex.key"
HOOK_KEY = "plex.webhook"

PIN_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Place:
    """What an account needs of the world; `clock` answers seconds since the epoch, `patience` is in seconds."""

    config: Bucket
    locks: Bucket
    sealer: Sealer
    http: httpx.AsyncClient = field(repr=False)
    version: str = "1"
    addresses: Addresses = field(default_factory=Addresses)
    patience: float = 10.0
    clock: Callable[[], float] = time.time


class Ledger:
    """The records of the account and the way to plex.tv under this installation's name."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._kept = Strongbox(place.config, place.sealer)
        self._passing = Strongbox(place.locks, place.sealer)
        self._identifier = ""

    def now(self) -> float:
        """This moment, in seconds since the epoch."""
        return self.place.clock()

    async def client_identifier(self) -> str:
        """The name of this installation."""
        self._identifier = self._identifier or await installation_id(self.place.config)
        return self._identifier

    async def plex_tv(self) -> PlexTv:
        """plex.tv as this installation."""
        device = Device(await self.client_identifier(), self.place.version)
        return PlexTv(Wire(self.place.http, device, self.place.patience), self.place.addresses)

    async def account(self) -> Account | None:
        """The account, None while nobody is signed in."""
        return await self._kept.read(ACCOUNT_KEY, Account)

    async def signed_in(self) -> Account:
        """The account.

        Raises:
            Reject: code PLEX_NOT_SIGNED_IN.
        """
        account = await self.account()
        if account is None:
            raise Reject("sign in to Plex first", code=NOT_SIGNED_IN)
        return account

    async def keep(self, account: Account) -> None:
        """Keep the account in place of the one before."""
        await self._kept.write(ACCOUNT_KEY, account)

    async def forget(self) -> None:
        """Forget the account; the key stays, it is the device's and not the account's."""
        await self._kept.forget(ACCOUNT_KEY)

    async def key(self) -> DeviceKey:
        """The key of this installation, made at its first use."""
        kept = await self._kept.once(DEVICE_KEY, KeptKey, lambda: KeptKey(new_key().seed))
        return DeviceKey(kept.seed)

    async def keep_key(self, key: DeviceKey) -> None:
        """Keep another key in place of the one before."""
        await self._kept.write(DEVICE_KEY, KeptKey(key.seed))

    async def pin(self, pin_id: int) -> KeptPin | None:
        """A PIN that this installation started."""
        return await self._passing.read(f"plex.pin.{pin_id}", KeptPin)

    async def keep_pin(self, pin_id: int, pin: KeptPin) -> None:
        """Remember a PIN while it may be claimed."""
        await self._passing.write(f"plex.pin.{pin_id}", pin, seconds=PIN_SECONDS)

    async def hook(self) -> KeptHook | None:
        """The webhook that was registered from here."""
        return await self._kept.read(HOOK_KEY, KeptHook)

    async def keep_hook(self, hook: KeptHook | None) -> None:
        """Remember that webhook, or that there is none."""
        if hook is None:
            await self._kept.forget(HOOK_KEY)
        else:
            await self._kept.write(HOOK_KEY, hook)

    def alone(self, what: str) -> AbstractAsyncContextManager[None]:
        """A lease over every replica; raises Busy when another one holds it."""
        return lease(self.place.locks, f"plex.{what}")
