"""The items that a simulated Plex makes of files: movies, and shows with their seasons and episodes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from framewright.vendors.simulation import naming
from framewright.vendors.simulation.disk import FoundFile

TYPE_NUMBERS = {"movie": 1, "show": 2, "season": 3, "episode": 4, "collection": 18}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the library; only movies and episodes have a file."""

    rating_key: str
    kind: str
    section: str
    title: str
    added_at: int
    year: int | None = None
    index: int | None = None
    parent: "Item | None" = None
    file: FoundFile | None = None
    guids: tuple[str, ...] = ()

    def ancestors(self) -> list["Item"]:
        """Season and show of an episode, nearest first."""
        return [] if self.parent is None else [self.parent, *self.parent.ancestors()]


@dataclass(slots=True)
class Keys:
    """Rating keys: numbers that stay with an item as long as the server runs."""

    _given: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])

    def of(self, *names: str) -> str:
        """The key of the item with these names."""
        return self._given.setdefault(names, str(101 + len(self._given)))


def items_of(section: str, files: Iterable[FoundFile], keys: Keys) -> list[Item]:
    """The items of one section in the order of their files, parents before children."""
    found: dict[str, Item] = {}
    for file in files:
        made = [_movie(section, file, keys)] if file.shelf.kind == "movie" else _episode(section, file, keys)
        for item in made:
            found.setdefault(item.rating_key, item)
    return list(found.values())


def _movie(section: str, file: FoundFile, keys: Keys) -> Item:
    film = naming.film(file)
    key = keys.of("movie", file.remote)
    return Item(key, "movie", section, film.title, _seconds(file), year=film.year, file=file, guids=film.guids)


def _episode(section: str, file: FoundFile, keys: Keys) -> list[Item]:
    """Show, season and episode; equal shows and seasons of other files have equal keys."""
    named, added = naming.episode(file), _seconds(file)
    film = named.show
    key = keys.of("show", section, film.title)
    show = Item(key, "show", section, film.title, added, year=film.year, guids=film.guids)
    title = f"Season {named.season}" if named.season else "Specials"
    key = keys.of("season", section, film.title, str(named.season))
    season = Item(key, "season", section, title, added, index=named.season, parent=show)
    key = keys.of("episode", file.remote)
    episode = Item(key, "episode", section, named.title, added, index=named.number, parent=season, file=file)
    return [show, season, episode]


def _seconds(file: FoundFile) -> int:
    return file.mtime_ns // 1_000_000_000
