"""A thing as the provider describes it, before it is put into Plex's words."""

from dataclasses import dataclass
from enum import StrEnum

from framewright.formats.nfo import Nfo
from framewright.vendors.plex.provider.words import ItemKind, Provider


class PictureKind(StrEnum):
    """The pictures that Plex has a place for, by its own names; it has none for banners and landscapes with a title."""

    POSTER = "coverPoster"
    BACKGROUND = "background"
    LOGO = "clearLogo"
    STILL = "snapshot"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and its whole address."""

    kind: PictureKind
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing: `index` is the number of a season or an episode, `parent` the show of a season, the season of an episode.

    A season may be without an NFO. Of several pictures of one kind the first is the one that is shown.
    """

    provider: Provider
    kind: ItemKind
    key: str
    title: str
    nfo: Nfo | None = None
    premiered: str = ""
    index: int | None = None
    pictures: tuple[Picture, ...] = ()
    parent: "Item | None" = None

    @property
    def guid(self) -> str:
        """Its name all over the world."""
        return self.provider.guid(self.kind, self.key)

    def picture(self, *kinds: PictureKind) -> str:
        """The address of the picture that is shown; empty when there is none of these kinds."""
        return next((one.url for kind in kinds for one in self.pictures if one.kind is kind), "")
