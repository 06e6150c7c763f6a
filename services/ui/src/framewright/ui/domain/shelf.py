"""What NFO files and pictures beside the media say about films, shows, seasons and episodes; reads through `Sidecars`.

A film is known by its NFO file, so that several versions beside one NFO are one film; what belongs to a show is known by the
show's folder and its numbers, so that a renamed file stays the same episode.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from framewright.domain.media import file_name, folder, is_under, segments
from framewright.formats.nfo import Nfo, NfoKind
from framewright.ui.domain import sidecars
from framewright.ui.domain.episode_names import Numbers, episodes_named
from framewright.ui.domain.sidecars import SHOW_NFO, Sidecars
from framewright.ui.domain.surveys import Part, Survey
from framewright.vendors import PlexItemKind as Kind
from framewright.vendors import PlexPictureKind

Art = tuple[tuple[PlexPictureKind, str], ...]
"""Pictures with their local paths."""


class Thing(msgspec.Struct, frozen=True, array_like=True):
    """One thing: of a film `path` is its NFO file, of all else the show's folder."""

    kind: Kind
    path: str
    season: int | None = None
    episode: int | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """Where to look: local paths that a file may have, then the numbers, or the day, that are asked for."""

    kind: Kind
    paths: Sequence[str]
    season: int | None = None
    episode: int | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A thing as its files describe it; `premiered` may come from its episodes, `parent` is the level above."""

    thing: Thing
    title: str
    nfo: Nfo | None
    premiered: str
    art: Art
    parent: "Card | None" = None


class Shelf:
    """Finds and describes things; `roots` answers the library folders above a path, none where nobody may look."""

    def __init__(self, files: Sidecars, roots: Callable[[str], tuple[str, ...]]) -> None:
        self._files = files
        self._roots = roots

    async def find(self, hint: Hint) -> Thing | None:
        """The thing that the hint means; None when there is no such file, or no NFO that could describe it."""
        for path in hint.paths:
            if await self._files.holds(path):
                found = await (self._film(path) if hint.kind is Kind.FILM else self._of_show(path, hint))
                if found is not None:
                    return found
        return None

    async def within(self, show: Thing, hint: Hint) -> Thing | None:
        """The season or episode of a show that the hint means; the show itself when it means that."""
        if hint.kind is Kind.SHOW:
            return show
        survey = await self._files.survey(show.path)
        if hint.kind is Kind.SEASON:
            return self._season(show.path, survey, hint.season)
        numbers = (hint.season, hint.episode) if None not in {hint.season, hint.episode} else survey.on(hint.day)
        known = next((one for one in survey.episodes if one == numbers), None)
        return Thing(Kind.EPISODE, show.path, *known) if known else None

    async def card(self, thing: Thing) -> Card | None:
        """What is known of a thing; None when its NFO is gone or cannot be read."""
        return await _Reading(self._files).card(thing)

    async def cards(self, things: Iterable[Thing]) -> list[Card]:
        """What is known of several; those whose NFO cannot be read are left out."""
        reading = _Reading(self._files)
        found = [await reading.card(thing) for thing in things]
        return [card for card in found if card is not None]

    async def below(self, thing: Thing, *, levels: int = 1) -> list[Thing]:
        """What stands one level below a thing, or two, in order."""
        survey = await self._files.survey(thing.path) if thing.kind.has_children else None
        if survey is None or (thing.kind is Kind.SEASON and levels > 1):
            return []
        if thing.kind is Kind.SHOW and levels == 1:
            return [Thing(Kind.SEASON, thing.path, number) for number in survey.numbers]
        seasons = survey.numbers if thing.season is None else [thing.season]
        return [Thing(Kind.EPISODE, thing.path, *one) for number in seasons for one in survey.of_season(number)]

    async def _film(self, path: str) -> Thing | None:
        where = folder(path)
        alone = all(segments(root) != segments(where) for root in self._roots(path))
        name = sidecars.film_nfo(await self._files.names(where), file_name(path), alone=alone)
        return Thing(Kind.FILM, f"{where}/{name}") if name else None

    async def _of_show(self, path: str, hint: Hint) -> Thing | None:
        show = await self._show_above(path)
        if show is None:
            return None
        named = next(iter(episodes_named(file_name(path))), None)
        return await self.within(show, _with_numbers(hint, named))

    async def _show_above(self, path: str) -> Thing | None:
        for above in _folders_above(path, self._roots(path)):
            if _named(await self._files.names(above), SHOW_NFO):
                return Thing(Kind.SHOW, above)
        return None

    @staticmethod
    def _season(show: str, survey: Survey, number: int | None) -> Thing | None:
        return Thing(Kind.SEASON, show, number) if number in survey.numbers else None


class _Reading:
    """Cards read one after another; levels above are read once."""

    def __init__(self, files: Sidecars) -> None:
        self._files = files
        self._known: dict[Thing, Card | None] = {}

    async def card(self, thing: Thing) -> Card | None:
        if thing not in self._known:
            readers = {
                Kind.FILM: self._film,
                Kind.SHOW: self._show,
                Kind.SEASON: self._season,
                Kind.EPISODE: self._episode,
            }
            self._known[thing] = await readers[thing.kind](thing)
        return self._known[thing]

    async def _film(self, thing: Thing) -> Card | None:
        nfo = await self._nfo(Part(thing.path), NfoKind.FILM)
        if nfo is None:
            return None
        where = folder(thing.path)
        names = await self._files.names(where)
        alone = file_name(thing.path).lower() == sidecars.FILM_NFO or _one_film(names)
        art = _placed(where, sidecars.film_art(names, file_name(thing.path), alone=alone))
        return Card(thing, nfo.title, nfo, nfo.premiered, art)

    async def _show(self, thing: Thing) -> Card | None:
        names = await self._files.names(thing.path)
        nfo = await self._nfo(Part(f"{thing.path}/{_named(names, SHOW_NFO) or SHOW_NFO}"), NfoKind.SHOW)
        art = _placed(thing.path, sidecars.show_art(names))
        return Card(thing, nfo.title, nfo, nfo.premiered, art) if nfo else None

    async def _season(self, thing: Thing) -> Card | None:
        show = await self.card(Thing(Kind.SHOW, thing.path))
        survey = await self._files.survey(thing.path)
        if show is None or thing.season is None or thing.season not in survey.numbers:
            return None
        part = survey.seasons.get(thing.season)
        nfo = await self._nfo(part, NfoKind.SEASON) if part else None
        title = (nfo.title if nfo else "") or _season_title(show, thing.season)
        premiered = (nfo.premiered if nfo else "") or survey.begin(thing.season)
        art = await self._season_art(thing.path, survey.folders.get(thing.season, ""), thing.season)
        return Card(thing, title, nfo, premiered, art, show)

    async def _season_art(self, show: str, own: str, number: int) -> Art:
        art = _placed(show, sidecars.season_art(await self._files.names(show), number, own=False))
        if own:
            art += _placed(own, sidecars.season_art(await self._files.names(own), number, own=True))
        return art

    async def _episode(self, thing: Thing) -> Card | None:
        season = await self.card(Thing(Kind.SEASON, thing.path, thing.season))
        survey = await self._files.survey(thing.path)
        part = next((one for numbers, one in survey.episodes.items() if numbers == (thing.season, thing.episode)), None)
        nfo = await self._nfo(part, NfoKind.EPISODE) if part else None
        if season is None or part is None or nfo is None:
            return None
        where = folder(part.path)
        art = _placed(where, sidecars.episode_art(await self._files.names(where), file_name(part.path)))
        return Card(thing, nfo.title, nfo, nfo.premiered, art, season)

    async def _nfo(self, part: Part, kind: NfoKind) -> Nfo | None:
        things = await self._files.nfo(part.path)
        nfo = things[part.position] if part.position < len(things) else None
        return nfo if nfo and nfo.kind is kind else None


def _with_numbers(hint: Hint, named: Numbers | None) -> Hint:
    """The hint with the numbers of the file's name where it has none of its own."""
    season, episode = named or (None, None)
    if hint.kind is Kind.SEASON:
        return Hint(hint.kind, hint.paths, season if hint.season is None else hint.season)
    if hint.day or None not in {hint.season, hint.episode}:
        return hint
    return Hint(hint.kind, hint.paths, season, episode)


def _folders_above(path: str, roots: Sequence[str]) -> Iterator[str]:
    """The folders from the file's own up to, but without, the library's."""
    where = folder(path)
    while any(is_under(where, root) and segments(where) != segments(root) for root in roots):
        yield where
        where = folder(where)


def _named(names: Iterable[str], wanted: str) -> str:
    """How a file of this name is really written; empty when there is none."""
    return next((name for name in sorted(names) if name.lower() == wanted), "")


def _one_film(names: Iterable[str]) -> bool:
    """Whether plain names of pictures can only mean one film: no other film's NFO file lies there."""
    return sum(1 for name in names if sidecars.is_nfo(name) and name.lower() != sidecars.FILM_NFO) == 1


def _placed(where: str, found: Iterable[tuple[PlexPictureKind, str]]) -> Art:
    return tuple((kind, f"{where}/{name}") for kind, name in found)


def _season_title(show: Card, number: int) -> str:
    named = dict(show.nfo.season_names).get(number, "") if show.nfo else ""
    return named or ("Specials" if number == 0 else f"Season {number}")
