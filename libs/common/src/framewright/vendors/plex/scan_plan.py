"""Which folders Plex is asked to scan; pure. Never an empty path, never a file, never above a location of the section."""

from collections.abc import Iterable, Iterator

from framewright.contracts.publish import ChangedPath
from framewright.domain.media import folder, is_under, is_video, rebase, segments
from framewright.vendors.plex.client import ITEM_TYPES, Section
from framewright.vendors.scanning import ABOVE, ROOT, ScanStep, ScanWish


def planned_scans(wish: ScanWish, sections: Iterable[Section]) -> tuple[ScanStep, ...]:
    """One scan per section and folder; what lies in another folder that is scanned is left out."""
    steps: list[ScanStep] = []
    for section in _chosen(wish, sections):
        paths = [path for change in wish.changed for path in _paths(change)]
        scans = [scan for path in paths for scan in _scans(section, path, wish)]
        steps += [one for one in dict.fromkeys(scans) if not _is_covered(one, scans)]
    return tuple(steps)


def location_of(path: str, locations: Iterable[str]) -> str:
    """The longest location that holds the path, empty when none does."""
    holding = [place for place in locations if place and is_under(path, place)]
    return max(holding, key=lambda place: len(segments(place)), default="")


def _chosen(wish: ScanWish, sections: Iterable[Section]) -> list[Section]:
    """The sections that ownership named; else every one, since a path that it does not hold plans nothing."""
    video = [section for section in sections if section.kind in ITEM_TYPES]
    named = [section for section in video if section.key in wish.library_ids]
    return named or video


def _paths(change: ChangedPath) -> tuple[str, ...]:
    return (change.path, change.previous) if change.previous else (change.path,)


def _scans(section: Section, path: str, wish: ScanWish) -> Iterator[ScanStep]:
    location = location_of(path, section.locations)
    if not location or ".." in segments(path):
        return
    chosen = wish.folders.get(path) or (folder(path) if is_video(path) else path)
    if wish.level == ABOVE:
        chosen = folder(chosen)
    below = is_under(chosen, location) and len(segments(chosen)) > len(segments(location))
    is_root = wish.level >= ROOT or not below
    place = rebase(location if is_root else chosen, location, location)
    if place:
        yield ScanStep(section.key, place, is_root=is_root)


def _is_covered(step: ScanStep, others: Iterable[ScanStep]) -> bool:
    """Whether a wider scan does the work of this one; a whole location never does, since it may not be allowed."""
    return any(
        not other.is_root and is_under(step.folder, other.folder) and segments(step.folder) != segments(other.folder)
        for other in others
    )
