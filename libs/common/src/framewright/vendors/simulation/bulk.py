"""A library of very many films that lie nowhere: each is made of its number when it is asked for.

It answers page by page in any order and costs no memory, so that whoever reads large libraries can be measured. Nothing in it
can be looked up by name, scanned or published to.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from framewright.vendors.simulation.disk import FoundFile, Shelf

NEWEST = 1_700_000_000
"""When the first film came, in epoch seconds; each next one came a minute before it."""

APART = 60


@dataclass(frozen=True, slots=True)
class Bulk:
    """`count` films, the newest first, which is also the order of their titles; `root` is their folder in every spelling."""

    count: int
    root: str = "/bulk"
    name: str = "Bulk"
    size: int = 1_000_000
    newest: int = NEWEST

    @property
    def shelf(self) -> Shelf:
        """The library, as the other shelves are described."""
        return Shelf(self.name, "movie", self.root, self.root)

    def path(self, number: int) -> str:
        """Where the film of a number would be."""
        title = self.title(number)
        return f"{self.root}/{title} (2000)/{title} (2000).mkv"

    def title(self, number: int) -> str:
        """The film's title; titles sort as their numbers do."""
        return f"Film {number:07d}"

    def file(self, number: int) -> FoundFile:
        """The film's file."""
        path = self.path(number)
        return FoundFile(self.shelf, path, path, self.size, (self.newest - number * APART) * 1_000_000_000)

    def since(self, moment: float) -> int:
        """How many films came after a moment in epoch seconds."""
        return min(self.count, max(0, -(-int(self.newest - moment) // APART)))

    def numbers(self, oldest_first: bool, start: int, size: int, among: int) -> range:
        """The numbers of one page of the newest `among` films."""
        end = min(among, start + size)
        return range(among - 1 - start, among - 1 - end, -1) if oldest_first else range(min(start, end), end)


def bulk_of(count: int, root: str) -> Bulk | None:
    """The bulk library of a command line; none without films."""
    return Bulk(count, root) if count else None


def page_of(query: Mapping[str, str], start: str, size: str) -> tuple[int, int]:
    """Start and size of the asked page; everything when no size is named."""
    return int(query.get(start) or 0), int(query.get(size) or 1_000_000_000)
