"""Records of one kind in the bucket of configuration, one key each; changed by compare-and-set."""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from framewright.chassis.bus import Bucket, Occupied
from framewright.domain.errors import Reject

R = TypeVar("R", bound=msgspec.Struct)


class ConfigRecords(Generic[R]):
    """Keys begin with `prefix`; every method raises `Retry` when the bus is out of reach."""

    def __init__(self, bucket: Bucket, prefix: str, kind: type[R]) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._kind = kind

    async def find(self, name: str) -> R | None:
        """One record; None when there is none.

        Raises:
            Reject: code UNDECODABLE.
        """
        entry = await self._bucket.get(self._prefix + name)
        return self._decoded(entry.value) if entry and entry.value else None

    async def all(self) -> dict[str, R]:
        """Every record by its name."""
        found = await self._bucket.get_many([f"{self._prefix}>"])
        return {key.removeprefix(self._prefix): self._decoded(found[key]) for key in sorted(found)}

    async def change(self, name: str, change: Callable[[R | None], R]) -> R:
        """Apply a pure change; repeated when somebody else wrote in between.

        Raises:
            Reject: what `change` raises.
        """
        while True:
            entry = await self._bucket.get(self._prefix + name)
            old = self._decoded(entry.value) if entry and entry.value else None
            changed = change(old)
            if changed == old:
                return changed
            try:
                await self._bucket.update(
                    self._prefix + name, msgspec.json.encode(changed), entry.revision if entry else 0
                )
            except Occupied:
                continue
            return changed

    async def forget(self, name: str) -> None:
        """Remove a record; one that is not there is no error."""
        if await self._bucket.get(self._prefix + name):
            await self._bucket.delete(self._prefix + name)

    def _decoded(self, value: bytes) -> R:
        try:
            return msgspec.json.decode(value, type=self._kind)
        except msgspec.DecodeError as error:
            raise Reject(f"stored value is not a {self._kind.__name__}: {error}", code="UNDECODABLE") from error
