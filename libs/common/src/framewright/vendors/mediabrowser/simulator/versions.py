"""Which files a simulated Emby or Jellyfin takes for versions of one item, and what a further version is.

Sources: Jellyfin's `VideoListResolver`, `Video` and item queries at 10.10.7, 10.11.11 and 12.0-rc5; for Emby its last public
code, 3.5.2, which today's closed server may have left behind. Left out: extras, stacked parts, discs, and the common keywords
that the servers cut off a name before they look at the label.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from framewright.domain.media import file_name, folder, segments, stem
from framewright.vendors.simulation import naming
from framewright.vendors.simulation.disk import FoundFile

Versions = tuple[FoundFile, ...]
"""The files of one item, the one that stands for it first."""

_RESOLUTION = re.compile(r"\d{3,}[ip]", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class VersionRules:
    """How one server goes about it: films in a folder of their own are versions when each adds a `label` to its name.

    `most` caps their number, with `by_resolution` the highest resolution comes first, with `episodes` those of one number in one
    folder are versions too. Where a further version is `linked` to its item, it has the item's type and lists the other versions,
    and no list has it. Without, it is a plain video, whose id is another than the same file has as an item (the type is part
    of an id), and it is found by that id.
    """

    label: re.Pattern[str]
    most: int = 10_000
    by_resolution: bool = True
    episodes: bool = False
    linked: bool = False


EMBY = VersionRules(re.compile(r"(?:-.*)?|(?:\[[^]]*\]\s*)+"), most=8, by_resolution=False)
JELLYFIN_BEFORE_12 = VersionRules(re.compile(r"(?:-.*|\[[^]]*\].*)?"))
JELLYFIN_FROM_12 = VersionRules(re.compile(r"(?:[-_.].*|\[[^]]*\].*)?"), episodes=True, linked=True)


def grouped(files: Iterable[FoundFile], rules: VersionRules) -> list[Versions]:
    """The items that these files are, each with its versions."""
    folders: dict[tuple[str, ...], list[FoundFile]] = {}
    for file in files:
        folders.setdefault(segments(folder(file.remote)), []).append(file)
    groups: list[Versions] = []
    for together in folders.values():
        films = [file for file in together if file.shelf.kind == "movie"]
        groups += _films(films, rules)
        groups += _episodes([file for file in together if file.shelf.kind != "movie"], rules)
    return groups


def _films(files: list[FoundFile], rules: VersionRules) -> list[Versions]:
    if not _are_versions(files, rules):
        return [(file,) for file in files]
    own = file_name(folder(files[0].remote))
    ordered = _ordered(files, rules)
    first = next((file for file in ordered if stem(file.remote) == own), ordered[0])
    return [(first, *(file for file in ordered if file is not first))]


def _are_versions(files: list[FoundFile], rules: VersionRules) -> bool:
    """One that is none makes items of all."""
    if not 1 < len(files) <= rules.most:
        return False
    own = file_name(folder(files[0].remote))
    added = [naming.addition(stem(file.remote), own) for file in files]
    one_year = len({naming.film(file).year for file in files}) == 1
    return len(own) > 1 and one_year and all(text is not None and rules.label.fullmatch(text) for text in added)


def _episodes(files: list[FoundFile], rules: VersionRules) -> list[Versions]:
    numbers: dict[object, list[FoundFile]] = {}
    for file in files:
        named = naming.episode(file)
        key = (named.season, named.number) if rules.episodes and named.numbered else file.remote
        numbers.setdefault(key, []).append(file)
    return [tuple(_ordered(versions, rules)) for versions in numbers.values()]


def _ordered(files: list[FoundFile], rules: VersionRules) -> list[FoundFile]:
    """By name; by resolution those that name one before the others, the highest first, and numbers in names by their value."""
    if not rules.by_resolution:
        return sorted(files, key=lambda file: stem(file.remote).casefold())

    def rank(file: FoundFile) -> tuple[int, list[tuple[int, str]]]:
        found = _RESOLUTION.search(stem(file.remote))
        return -int(found[0][:-1]) if found else 1, _natural(stem(file.remote))

    return sorted(files, key=rank)


def _natural(name: str) -> list[tuple[int, str]]:
    parts = _NUMBERS.split(name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
