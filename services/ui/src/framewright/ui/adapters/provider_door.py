"""The provider's secret and the key of its names: one sealed record in the bucket of configuration."""

import re
import secrets
import time

import msgspec

from framewright.chassis.bus import Bucket
from framewright.chassis.opaque import OpaqueNames, new_naming_key
from framewright.chassis.sealing import Sealer
from framewright.chassis.security import admits
from framewright.chassis.strongbox import Strongbox
from framewright.domain.errors import Retry
from framewright.ui.domain.shelf import Thing

RECORD = "plex.provider"

FRESH = 5.0
"""Seconds for which what was read holds: so long may another replica still admit a secret that was replaced."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


class KeptProvider(msgspec.Struct, frozen=True):
    """What is kept: the secret in the address, which may change, and the key of names, which never does."""

    secret: str
    naming_key: str


class SealedProviderDoor:
    """Fulfils `ProviderDoor`; while the bus is out of reach, what was read last holds."""

    def __init__(self, config: Bucket, sealer: Sealer) -> None:
        self._box = Strongbox(config, sealer)
        self._known: KeptProvider | None = None
        self._until = 0.0

    async def secret(self) -> str:
        """See `ProviderDoor.secret`."""
        return (await self._kept()).secret

    async def admits(self, secret: str) -> bool:
        """See `ProviderDoor.admits`."""
        return bool(_SHAPE.fullmatch(secret)) and admits([secret], [await self.secret()])

    async def rotate(self) -> str:
        """See `ProviderDoor.rotate`."""
        kept = await self._box.once(RECORD, KeptProvider, _new)
        changed = KeptProvider(_new_secret(), kept.naming_key)
        await self._box.write(RECORD, changed)
        self._keep(changed)
        return changed.secret

    async def key(self, thing: Thing) -> str:
        """See `ProviderDoor.key`."""
        return OpaqueNames((await self._kept()).naming_key).name(msgspec.json.encode(thing).decode())

    async def thing(self, key: str) -> Thing | None:
        """See `ProviderDoor.thing`."""
        text = OpaqueNames((await self._kept()).naming_key).text(key)
        try:
            return msgspec.json.decode(text, type=Thing) if text else None
        except msgspec.DecodeError:
            return None

    async def picture_name(self, path: str, version: str) -> str:
        """See `ProviderDoor.picture_name`."""
        kept = await self._kept()
        return OpaqueNames(kept.naming_key).name(msgspec.json.encode((path, version)).decode(), kept.secret)

    async def picture_path(self, name: str) -> str | None:
        """See `ProviderDoor.picture_path`."""
        kept = await self._kept()
        text = OpaqueNames(kept.naming_key).text(name, kept.secret)
        return msgspec.json.decode(text, type=tuple[str, str])[0] if text else None

    async def _kept(self) -> KeptProvider:
        if self._known is not None and time.monotonic() < self._until:
            return self._known
        try:
            kept = await self._box.once(RECORD, KeptProvider, _new)
        except Retry:
            if self._known is None:
                raise
            return self._known
        self._keep(kept)
        return kept

    def _keep(self, kept: KeptProvider) -> None:
        self._known = kept
        self._until = time.monotonic() + FRESH


def _new() -> KeptProvider:
    return KeptProvider(_new_secret(), new_naming_key())


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
