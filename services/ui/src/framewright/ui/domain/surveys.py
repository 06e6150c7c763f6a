"""The seasons and episodes of a show, as its NFO files tell of them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from framewright.domain.media import file_name, folder, segments, stem
from framewright.formats.nfo import Nfo, NfoKind
from framewright.ui.domain.episode_names import Numbers, episodes_named


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of an NFO file: the file's path, and which of the things in it (from 0)."""

    path: str
    position: int = 0
    premiered: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What a survey keeps of an NFO file: of each thing in it the kind, the number it claims, and its day."""

    path: str
    things: tuple[tuple[NfoKind, int | None, int | None, str], ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """Where the NFO of each episode and season is; `folders` are those of seasons that have one of their own."""

    episodes: dict[Numbers, Part]
    seasons: dict[int, Part]
    folders: dict[int, str]

    @property
    def numbers(self) -> list[int]:
        """The numbers of all seasons, in order."""
        return sorted({season for season, _ in self.episodes} | set(self.seasons))

    def of_season(self, number: int) -> list[Numbers]:
        """The episodes of a season, in order."""
        return sorted(one for one in self.episodes if one[0] == number)

    def on(self, day: str) -> Numbers | None:
        """The first episode that was shown on a day."""
        return next((one for one in sorted(self.episodes) if day and self.episodes[one].premiered == day), None)

    def begin(self, season: int | None = None) -> str:
        """The first known day of a season, or of all; empty when none is known."""
        days = (part.premiered for (number, _), part in self.episodes.items() if season in {None, number})
        return min(filter(None, days), default="")


def noted(path: str, things: Iterable[Nfo]) -> Noted:
    """What is kept of a file."""
    return Noted(path, tuple((one.kind, one.season, one.episode, one.premiered) for one in things))


def survey_of(show: str, files: Iterable[Noted]) -> Survey:
    """The survey over the files of a show's folder; of two that claim the same number the first by path counts."""
    survey = Survey({}, {}, {})
    ordered = sorted(files, key=lambda one: one.path)
    for file in ordered:
        for numbers, part in _episodes(file):
            survey.episodes.setdefault(numbers, part)
            if segments(folder(file.path)) != segments(show):
                survey.folders.setdefault(numbers[0], folder(file.path))
    for file in ordered:
        for position, (kind, number, _, premiered) in enumerate(file.things):
            known = number if number is not None else _season_of(survey, folder(file.path))
            if kind is NfoKind.SEASON and known is not None:
                survey.seasons.setdefault(known, Part(file.path, position, premiered))
    return survey


def _episodes(file: Noted) -> Iterable[tuple[Numbers, Part]]:
    """The episodes of a file. The name numbers a single one; several carry their numbers, or go by their order."""
    named = episodes_named(stem(file_name(file.path)))
    things = [(place, one) for place, one in enumerate(file.things) if one[0] is NfoKind.EPISODE]
    for order, (place, (_, season, episode, premiered)) in enumerate(things):
        claimed = (season, episode) if season is not None and episode is not None else None
        by_name = named[order] if order < len(named) else None
        numbers = (by_name or claimed) if len(things) == 1 else (claimed or by_name)
        if numbers is not None:
            yield numbers, Part(file.path, place, premiered)


def _season_of(survey: Survey, where: str) -> int | None:
    """The season whose own folder this is."""
    return next((number for number, path in survey.folders.items() if segments(path) == segments(where)), None)
