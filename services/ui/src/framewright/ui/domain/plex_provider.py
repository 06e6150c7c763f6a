"""Describing films and shows to a Plex server that asks: what the routes are given, and what an operator is shown. Pure."""

from dataclasses import dataclass
from typing import Protocol

from framewright.ui.domain.plex_webhook import doubt
from framewright.ui.domain.shelf import Shelf, Thing
from framewright.ui.domain.sidecars import Sidecars
from framewright.vendors import PlexProvider

PATH = "/plex-provider"

NEEDS = "1.43.0"
"""The first Plex Media Server that takes metadata from services of others."""


class ProviderDoor(Protocol):
    """The secret in the provider's address, and the names of things in answers; kept sealed, the same on every replica."""

    async def secret(self) -> str:
        """The secret in force, made at first use; raises `Retry` while it cannot be read."""
        ...

    async def admits(self, secret: str) -> bool:
        """Whether this is the secret, compared in constant time."""
        ...

    async def rotate(self) -> str:
        """Another secret in place of the one in force; keys of things stay as they are."""
        ...

    async def key(self, thing: Thing) -> str:
        """The key under which Plex knows a thing: letters, digits, `-` and `_`, the same for ever."""
        ...

    async def thing(self, key: str) -> Thing | None:
        """What a key stands for; None for a key that was not given here."""
        ...

    async def picture_name(self, path: str, version: str) -> str:
        """The name under which a picture can be fetched while the secret is in force; another for every version."""
        ...

    async def picture_path(self, name: str) -> str | None:
        """The picture that a name stands for; None for a name that was not given here or is no longer good."""
        ...


@dataclass(frozen=True, slots=True)
class MetadataDesk:
    """What the routes of the provider need."""

    door: ProviderDoor
    shelf: Shelf
    files: Sidecars


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One provider as an operator gives it to Plex."""

    kind: str
    title: str
    identifier: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Both providers; `warning` is empty when nothing speaks against the addresses."""

    providers: tuple[Address, ...]
    needs_plex: str
    warning: str


def addresses(origin: str, secret: str) -> Addresses:
    """The addresses under an origin like `http://10.0.0.5:8080`."""
    return Addresses(
        providers=tuple(
            Address(kind=one.value, title=one.label, identifier=one.identifier, url=f"{origin}{PATH}/{secret}/{one}")
            for one in PlexProvider
        ),
        needs_plex=NEEDS,
        warning=doubt(origin, stale=False),
    )


def picture_url(origin: str, name: str) -> str:
    """Where a picture is fetched. The secret is not in it: Plex may show addresses of pictures to its users."""
    return f"{origin}{PATH}/artwork/{name}"
