"""Records that hold secrets, in a bucket: sealed as a whole, so that nobody has to know which field is one."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import structlog

from framewright.chassis.bus import Bucket, Entry, Occupied
from framewright.chassis.sealing import Sealer
from framewright.domain.errors import Reject

log = structlog.get_logger("strongbox")

R = TypeVar("R", bound=msgspec.Struct)


class Strongbox:
    """Sealed records by key; every method raises `Retry` when the bus is out of reach."""

    def __init__(self, bucket: Bucket, sealer: Sealer) -> None:
        self._bucket = bucket
        self._sealer = sealer

    async def read(self, key: str, kind: type[R]) -> R | None:
        """The record; None when there is none, or none that this installation's key opens."""
        return self._opened(await self._bucket.get(key), kind)

    async def write(self, key: str, record: msgspec.Struct, *, seconds: int = 0) -> None:
        """Keep the record, for so many seconds where the bucket can do that (0: for good)."""
        await self._bucket.put(key, self._sealed(record), seconds=seconds)

    async def once(self, key: str, kind: type[R], make: Callable[[], R]) -> R:
        """The record, made by whoever comes first and the same for everybody after."""
        while True:
            entry = await self._bucket.get(key)
            record = self._opened(entry, kind)
            if record is not None:
                return record
            made = make()
            try:
                await self._bucket.update(key, self._sealed(made), entry.revision if entry else 0)
            except Occupied:
                continue
            return made

    async def forget(self, key: str) -> None:
        """Remove the record."""
        await self._bucket.delete(key)

    def _sealed(self, record: msgspec.Struct) -> bytes:
        return self._sealer.seal(msgspec.json.encode(record).decode()).encode()

    def _opened(self, entry: Entry | None, kind: type[R]) -> R | None:
        if entry is None or entry.value is None:
            return None
        try:
            return _decoded(self._sealer.open(entry.value.decode()), kind)
        except (Reject, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning(
                "a sealed record is unusable; what it held must be entered again", key=entry.key, why=str(error)
            )
            return None


def _decoded(text: str, kind: type[Any]) -> Any:
    return msgspec.json.decode(text, type=kind)
