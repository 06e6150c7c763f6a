"""A simulated plex.tv on loopback, an installation's account over a real broker, and a clock that tests move."""

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.sealing import Sealer
from framewright.chassis.testing.http import serving
from framewright.vendors.plex.account import Addresses, Method, Place, PlexAccount
from framewright.vendors.plex.account.ledger import Ledger
from framewright.vendors.plex.plextv_simulator import PlexTvState, create_app


class Moment:
    """Seconds since the epoch that a test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Office:
    """plex.tv and as many replicas of one installation as a test wants."""

    state: PlexTvState
    url: str
    bus: Bus
    http: httpx.AsyncClient
    clock: Moment
    patience: float = 5.0
    key: str = field(default_factory=lambda: Fernet.generate_key().decode())
    renewals: int = 0

    def place(self, **changes: Any) -> Place:
        fields = {
            "config": Bucket(self.bus, "config"),
            "locks": Bucket(self.bus, "locks"),
            "sealer": Sealer(self.key),
            "http": self.http,
            "addresses": Addresses(self.url, self.url),
            "patience": self.patience,
            "clock": self.clock,
        }
        return Place(**{**fields, **changes})

    def replica(self, **changes: Any) -> PlexAccount:
        return PlexAccount(self.place(**changes), self.renewed)

    async def renewed(self) -> None:
        self.renewals += 1

    async def signed_in(self, method: Method = Method.JWT) -> PlexAccount:
        account = self.replica()
        pin = await account.start(method)
        self.state.approve(pin.id)
        assert await account.claimed(pin.id)
        return account

    async def kept(self) -> Any:
        return await Ledger(self.place()).account()

    def asked(self, method: str, path: str) -> list[Any]:
        return self.state.instruments.asked(method, f"/api/v2{path}")


@pytest.fixture
def plex_tv(bus):
    """`async with plex_tv() as office`: options go to the simulator's state."""

    @asynccontextmanager
    async def run(*, patience: float = 5.0, **options: Any):
        clock = Moment()
        state = PlexTvState(**{"clock": clock, **options})
        async with httpx.AsyncClient(verify=False) as http, serving(create_app(state)) as url:
            yield Office(state, url, bus, http, clock, patience)

    return run


@pytest.fixture
async def office(plex_tv):
    async with plex_tv() as one:
        yield one


@pytest.fixture
def keeping():
    """`async with keeping(account)`: the account looks after its token every hundredth of a second."""

    @asynccontextmanager
    async def run(*accounts: PlexAccount):
        stopping = asyncio.Event()
        tasks = [asyncio.create_task(account.run(stopping, 0.02)) for account in accounts]
        try:
            yield
        finally:
            stopping.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    return run
