"""Credentials and Quick Connect requests behind a handle: sealed, in the bucket of locks, gone by themselves."""

import re
import secrets
from typing import TypeVar

import msgspec

from framewright.chassis.bus import Bucket
from framewright.chassis.sealing import Sealer
from framewright.chassis.strongbox import Strongbox
from framewright.domain.errors import Reject
from framewright.ui.domain.sign_in import VOUCHER_SECONDS, Voucher, Waiting

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")

R = TypeVar("R", bound=msgspec.Struct)


class SealedVouchers:
    """Fulfils `Vouchers`."""

    def __init__(self, locks: Bucket, sealer: Sealer) -> None:
        self._shelf = _Shelf(Strongbox(locks, sealer), "voucher")

    async def issue(self, voucher: Voucher) -> str:
        """See `Vouchers.issue`."""
        return await self._shelf.put(voucher, VOUCHER_SECONDS)

    async def find(self, handle: str) -> Voucher:
        """See `Vouchers.find`."""
        voucher = await self._shelf.get(handle, Voucher)
        if voucher is None:
            raise Reject("auth.handle is unknown or over: sign in again", code="VALIDATION_ERROR")
        return voucher


class SealedRequests:
    """Fulfils `Requests`."""

    def __init__(self, locks: Bucket, sealer: Sealer) -> None:
        self._shelf = _Shelf(Strongbox(locks, sealer), "quick")

    async def keep(self, waiting: Waiting, seconds: int) -> str:
        """See `Requests.keep`."""
        return await self._shelf.put(waiting, seconds)

    async def find(self, handle: str) -> Waiting | None:
        """See `Requests.find`."""
        return await self._shelf.get(handle, Waiting)


class _Shelf:
    """Records of one kind under names that nobody can guess."""

    def __init__(self, box: Strongbox, prefix: str) -> None:
        self._box = box
        self._prefix = prefix

    async def put(self, record: msgspec.Struct, seconds: int) -> str:
        handle = secrets.token_urlsafe(32)
        await self._box.write(f"{self._prefix}.{handle}", record, seconds=seconds)
        return handle

    async def get(self, handle: str, kind: type[R]) -> R | None:
        if not _SHAPE.fullmatch(handle):
            return None
        return await self._box.read(f"{self._prefix}.{handle}", kind)
