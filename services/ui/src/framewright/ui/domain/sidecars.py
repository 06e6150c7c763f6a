"""The files beside media that describe it, by their names, and a Protocol for reading them. Pure.

Names are compared without regard to case. Sources: Kodi wiki, "NFO files" and "Artwork"; the folders that Metarr writes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from framewright.domain.media import is_video, stem, suffix
from framewright.formats.nfo import Nfo
from framewright.ui.domain.surveys import Survey
from framewright.vendors import PlexPictureKind as Kind

FILM_NFO, SHOW_NFO, SEASON_NFO = "movie.nfo", "tvshow.nfo", "season.nfo"
NFO = ".nfo"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")

_POSTERS = ("poster", "folder", "cover")
_BACKGROUNDS = ("fanart", "backdrop", "background", "art")
_LOGOS = ("clearlogo", "logo")
_ART = {Kind.POSTER: _POSTERS, Kind.BACKGROUND: _BACKGROUNDS, Kind.LOGO: _LOGOS}

Art = tuple[Kind, str]
"""What a picture is for, and the stem of its name."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A picture file as it is now: bytes, nanoseconds since the epoch, and its media type by its first bytes."""

    size: int
    mtime_ns: int
    media_type: str

    @property
    def version(self) -> str:
        """Another word for every change of the file."""
        return f"{self.mtime_ns:x}-{self.size:x}"


class Sidecars(Protocol):
    """Reading what lies beside media, only inside the libraries of Plex servers, and never through a link out of them."""

    async def holds(self, path: str) -> bool:
        """Whether a file of this name lies there."""
        ...

    async def names(self, folder: str) -> frozenset[str]:
        """The names of what lies in a folder; none when it may not, or cannot, be read."""
        ...

    async def nfo(self, path: str) -> tuple[Nfo, ...]:
        """What an NFO file says; nothing when there is none, or none that can be read."""
        ...

    async def survey(self, folder: str) -> Survey:
        """The seasons and episodes below a show's folder, by their NFO files."""
        ...

    async def stamp(self, path: str) -> Stamp | None:
        """A picture as it is now; None when there is none."""
        ...

    async def picture(self, path: str) -> tuple[Stamp, bytes] | None:
        """A picture with its bytes; None when there is none."""
        ...


def film_nfo(names: Iterable[str], video: str, *, alone: bool) -> str:
    """The NFO file of a film: the one of its own name, else `movie.nfo` where the folder is the film's `alone`; or empty."""
    there = _by_lower(names)
    wanted = (f"{stem(video)}{NFO}", FILM_NFO) if alone else (f"{stem(video)}{NFO}",)
    return next((there[name.lower()] for name in wanted if name.lower() in there), "")


def film_art(names: Iterable[str], nfo: str, *, alone: bool) -> list[tuple[Kind, str]]:
    """The pictures of a film: those with its name in front, then, where the folder is its alone, the plain ones."""
    names = list(names)
    own = [stem(nfo)] if nfo.lower() != FILM_NFO else [stem(name) for name in sorted(names) if is_video(name)]
    prefixed = [(kind, f"{one}-{word}") for kind, words in _ART.items() for word in words for one in own]
    return _present(names, [*prefixed, *(_plain() if alone else ())])


def show_art(names: Iterable[str]) -> list[tuple[Kind, str]]:
    """The pictures of a show, in its folder."""
    return _present(names, _plain())


def season_art(names: Iterable[str], number: int, *, own: bool) -> list[tuple[Kind, str]]:
    """The pictures of a season: by its number, in the show's folder or its `own`; there also plain ones."""
    heads = ["season-specials", "season00"] if number == 0 else [f"season{number:02}", f"season{number}"]
    numbered = [(kind, f"{head}-{word}") for kind, words in _ART.items() for word in words for head in heads]
    bare = [(Kind.POSTER, head) for head in heads]
    return _present(names, [*numbered, *bare, *(_plain() if own else ())])


def episode_art(names: Iterable[str], nfo: str) -> list[tuple[Kind, str]]:
    """The still of an episode."""
    return _present(names, [(Kind.STILL, f"{stem(nfo)}-thumb"), (Kind.STILL, stem(nfo))])


def is_nfo(name: str) -> bool:
    """Whether the name is that of an NFO file."""
    return suffix(name) == NFO


def _plain() -> Iterator[Art]:
    yield from ((kind, word) for kind, words in _ART.items() for word in words)


def _present(names: Iterable[str], wanted: Iterable[Art]) -> list[tuple[Kind, str]]:
    """The files that are there, the most wanted first."""
    there = _by_lower(names)
    found = {
        there[f"{one}{ending}".lower()]: kind
        for kind, one in wanted
        for ending in PICTURES
        if f"{one}{ending}".lower() in there
    }
    return [(kind, name) for name, kind in found.items()]


def _by_lower(names: Iterable[str]) -> dict[str, str]:
    """Names by their lower case; where two differ in case only, the first in order of names."""
    return {name.lower(): name for name in sorted(names, reverse=True)}
