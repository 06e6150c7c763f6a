"""Names, numbers and addresses of the protocol.

A server combines only providers of the same kinds of things, so films and shows have a provider each. Addresses of
features are relative to the provider's root, which is the address that the server was given.
"""

from enum import StrEnum
from typing import Any

METADATA_KEY = "/library/metadata"
MATCH_KEY = f"{METADATA_KEY}/matches"

_PREFIX = "tv.plex.agents.custom.framewright"
"""The beginning is prescribed, behind it may stand ASCII letters, digits and full stops."""


class ItemKind(StrEnum):
    """The kinds of things, by their names in answers and in GUIDs."""

    FILM = "movie"
    SHOW = "show"
    SEASON = "season"
    EPISODE = "episode"

    @property
    def number(self) -> int:
        """Its number in requests and in the root document."""
        return list(ItemKind).index(self) + 1

    @property
    def has_children(self) -> bool:
        """Whether other things stand below it."""
        return self in {ItemKind.SHOW, ItemKind.SEASON}


class Provider(StrEnum):
    """The two providers, by the last part of their addresses."""

    FILMS = "movies"
    SHOWS = "shows"

    @property
    def identifier(self) -> str:
        """The provider's name for programs; also the scheme of its GUIDs."""
        return f"{_PREFIX}.{self.value}"

    @property
    def label(self) -> str:
        """The provider's name for people."""
        return f"Framewright: NFO files of {self.value}"

    @property
    def kinds(self) -> tuple[ItemKind, ...]:
        """What it can describe; a provider of shows must know all three levels."""
        shows = (ItemKind.SHOW, ItemKind.SEASON, ItemKind.EPISODE)
        return (ItemKind.FILM,) if self is Provider.FILMS else shows

    def guid(self, kind: ItemKind, key: str) -> str:
        """A thing's name all over the world."""
        return f"{self.identifier}://{kind}/{key}"


def definition(provider: Provider, version: str) -> dict[str, Any]:
    """The document at the provider's root, from which a server learns everything else."""
    scheme = [{"scheme": provider.identifier}]
    return {
        "MediaProvider": {
            "identifier": provider.identifier,
            "title": provider.label,
            "version": version,
            "Types": [{"type": kind.number, "Scheme": scheme} for kind in provider.kinds],
            "Feature": [{"type": "metadata", "key": METADATA_KEY}, {"type": "match", "key": MATCH_KEY}],
        }
    }


def own_key(provider: Provider, guid: str) -> str:
    """The key in a GUID that this provider gave; empty for a GUID of anybody else."""
    scheme, _, rest = guid.partition("://")
    return rest.partition("/")[2] if scheme == provider.identifier else ""
