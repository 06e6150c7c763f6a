"""Signing in to one media server, whatever its vendor, as this installation."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from framewright.chassis.http import client
from framewright.domain.errors import Reject
from framewright.domain.publishing import ServerIdentity
from framewright.ui.domain.ports import Requests
from framewright.ui.domain.sign_in import Approach, Voucher, Waiting
from framewright.vendors import API_KEYS, PASSWORDS, QUICK_CONNECT, Approval, SignedIn, Visit

PATIENCE = 10.0
"""Longest silence in seconds of a server that is signed in to."""

W = TypeVar("W")


class VendorSignIn:
    """Fulfils `ServerSignIn`; `name` answers the identifier of this installation."""

    def __init__(self, requests: Requests, name: Callable[[], Awaitable[str]], version: str) -> None:
        self._requests = requests
        self._name = name
        self._version = version

    async def by_password(self, vendor: str, to: Approach, username: str, password: str) -> Voucher:
        """See `ServerSignIn.by_password`."""
        way = _of(PASSWORDS, vendor, "passwords")
        async with self._visiting(to) as visit:
            return _voucher(vendor, "password", to, await way(visit, username, password))

    async def by_api_key(self, vendor: str, to: Approach, api_key: str) -> Voucher:
        """See `ServerSignIn.by_api_key`."""
        way = _of(API_KEYS, vendor, "API keys")
        async with self._visiting(to) as visit:
            return _voucher(vendor, "api_key", to, await way(visit, api_key))

    async def initiate(self, vendor: str, to: Approach) -> tuple[str, str, int]:
        """See `ServerSignIn.initiate`."""
        way = _of(QUICK_CONNECT, vendor, "Quick Connect")
        async with self._visiting(to) as visit:
            request = await way.initiate(visit)
        server = request.server
        waiting = Waiting(vendor, to, request.secret, server.id, server.name, server.version)
        # As long as the server keeps a request that is approved in its last second.
        return request.code, await self._requests.keep(waiting, 2 * way.seconds), way.seconds

    async def approval(self, handle: str) -> str:
        """See `ServerSignIn.approval`."""
        waiting = await self._requests.find(handle)
        if waiting is None:
            return Approval.EXPIRED.value
        async with self._visiting(waiting.approach) as visit:
            return (await QUICK_CONNECT[waiting.vendor].approval(visit, waiting.secret)).value

    async def exchanged(self, handle: str) -> Voucher:
        """See `ServerSignIn.exchanged`."""
        waiting = await self._requests.find(handle)
        if waiting is None:
            raise Reject("the Quick Connect request is over: start again", code="NOT_FOUND")
        way = QUICK_CONNECT[waiting.vendor]
        async with self._visiting(waiting.approach) as visit:
            approval = await way.approval(visit, waiting.secret)
            if approval is Approval.EXPIRED:
                raise Reject("the Quick Connect request is over: start again", code="NOT_FOUND")
            if approval is Approval.PENDING:
                raise Reject("the Quick Connect request is not approved yet", code="CONFLICT")
            identity = ServerIdentity(waiting.identity, waiting.name, waiting.version)
            signed = await way.exchanged(visit, waiting.secret, identity)
        return _voucher(waiting.vendor, "quick_connect", waiting.approach, signed)

    @asynccontextmanager
    async def _visiting(self, to: Approach) -> AsyncGenerator[Visit]:
        device = f"framewright-{await self._name()}"
        async with client(timeout=PATIENCE, verify=to.verify_ssl) as http:
            yield Visit(http, to.url, device, self._version, PATIENCE)


def _of(table: Mapping[str, W], vendor: str, what: str) -> W:
    way = table.get(vendor)
    if way is None:
        raise Reject(f"there are no {what} for servers of type {vendor!r}", code="NOT_FOUND")
    return way


def _voucher(vendor: str, method: str, to: Approach, signed: SignedIn) -> Voucher:
    server = signed.server
    return Voucher(
        vendor=vendor,
        method=method,
        token=signed.token,
        url=to.url,
        identity=server.id,
        name=server.name,
        version=server.version,
        user_id=signed.user_id,
        username=signed.username,
    )
