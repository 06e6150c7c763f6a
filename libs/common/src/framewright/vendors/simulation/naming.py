"""What a simulated server makes of file names: a guess as good as the naming rules that the servers publish.

Real servers ask metadata providers; here `Film (2001) {tmdb-1}/Film (2001).mkv` and `Show/Season 1/Show S01E02 Title.mkv`
say everything. A file that adds a label to its folder's name, as `Film/Film - 4K.mkv`, is a version of what the folder says.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from framewright.domain.media import rebase, segments, stem
from framewright.vendors.simulation.disk import FoundFile

_YEAR = re.compile(r"[ ._]*\((?P<year>(?:19|20)\d\d)\)")
_GUID = re.compile(r"\{(?P<provider>tmdb|imdb|tvdb)-(?P<id>[A-Za-z0-9]+)\}")
_LABEL = re.compile(r"-.*|\[[^]]*\].*")
_WORDS = re.compile(r"\w+|\W+")
_EPISODE = re.compile(r"[sS](?P<season>\d{1,4})[ ._-]?[eE](?P<number>\d{1,4})[ ._-]*(?P<title>.*)")


@dataclass(frozen=True, slots=True)
class Film:
    """A movie as its name tells it; guids look like `tmdb://1`."""

    title: str
    year: int | None
    guids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode as its name tells it; season and number are 0 and 1 where the name says nothing: then it is not `numbered`."""

    show: Film
    season: int
    number: int
    title: str
    numbered: bool = True


def film(file: FoundFile) -> Film:
    """What the file name says, or its folder's where the file adds only a label to that, with the ids of the folders."""
    folders, name = _below_root(file)[:-1], stem(file.remote)
    added = addition(name, folders[-1]) if folders else None
    return _film(folders[-1] if added and _LABEL.fullmatch(added) else name, folders)


def episode(file: FoundFile) -> Episode:
    """What path and file name say; the first folder below the root is the show."""
    folders = _below_root(file)
    show = _film(folders[0] if len(folders) > 1 else stem(file.remote), folders[:1])
    found = _EPISODE.search(stem(file.remote))
    if found is None:
        return Episode(show, 0, 1, stem(file.remote), numbered=False)
    number = int(found["number"])
    return Episode(show, int(found["season"]), number, found["title"].strip() or f"Episode {number}")


def addition(name: str, folder_name: str) -> str | None:
    """What a file's name adds to that of its folder, letter case aside; None when it does not begin with it."""
    start = len(folder_name)
    return name[start:].strip() if name[:start].casefold() == folder_name.casefold() else None


def common_title(one: str, other: str) -> str:
    """The title of an item from those of two versions: the words they begin with alike; the first one's where there are none."""
    pairs = zip(_WORDS.findall(one), _WORDS.findall(other), strict=False)
    alike = takewhile(lambda words: words[0] == words[1], pairs)
    return "".join(word for word, _ in alike).rstrip(" -_.[(") or one


def _below_root(file: FoundFile) -> tuple[str, ...]:
    """The parts of the local path below the shelf's root, spelled as they are."""
    return segments(rebase(file.local, file.shelf.local, "/") or "/")[1:]


def _film(name: str, folders: tuple[str, ...]) -> Film:
    year = _YEAR.search(name)
    title = (name[: year.start()] if year else _GUID.sub("", name)).strip() or name
    guids = tuple(f"{tag['provider']}://{tag['id']}" for text in (name, *folders) for tag in _GUID.finditer(text))
    return Film(title, int(year["year"]) if year else None, tuple(dict.fromkeys(guids)))
