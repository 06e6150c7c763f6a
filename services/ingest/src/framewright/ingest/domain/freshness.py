"""Whether a file needs any work, from what is known without opening it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from framewright.contracts.record import PublishRecord, Stage
from framewright.contracts.scans import ScanCount
from framewright.domain.errors import BadPath
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint
from framewright.domain.media import canonical, folder, is_under, reject_hostile
from framewright.domain.ownership import Ownership, ServerPaths, Verdict, judge, to_local


class Standing(StrEnum):
    """What becomes of one file of a scan; the words are those of `ScanCount`."""

    QUEUED = "queued"
    UP_TO_DATE = "up_to_date"
    EXCLUDED = "excluded"
    NOT_OWNED = "not_owned"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A local spelling of a listed file, with every server's verdict."""

    path: str
    verdicts: tuple[Ownership, ...]

    @property
    def held(self) -> bool:
        """Whether some server has the path in an enabled library, excluded or not: only such paths are looked at."""
        return any(one.verdict in {Verdict.OWNED, Verdict.EXCLUDED} for one in self.verdicts)

    @property
    def owners(self) -> tuple[str, ...]:
        """Ids of the servers that shall show previews of it."""
        return tuple(one.server.id for one in self.verdicts if one.verdict is Verdict.OWNED)


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies at the best candidate: its version, or none; `gone` when its folder is there and the file is not."""

    candidate: Candidate
    version: FileVersion | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A listed file: its canonical path here (the given spelling when it has none), what becomes of it, who shall show it."""

    path: str
    standing: Standing
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every server shows, and the picture settings: what fingerprints are made of."""

    renditions: Mapping[str, Sequence[Rendition]]
    picture: Picture


def candidates(lister: ServerPaths, servers: Sequence[ServerPaths], raw: str, *, here: bool = False) -> list[Candidate]:
    """What the lister's spelling of a file may be here; `here` when it is a local path already. Empty when it is none."""
    found: list[Candidate] = []
    for local in [raw] if here else to_local(lister, raw):
        try:
            reject_hostile(raw)
            path = canonical(local)
        except BadPath:
            continue  # a Windows spelling that no mapping translates
        found.append(Candidate(path, tuple(judge(server, path) for server in servers)))
    return found


def standing(looked: Looked, *, regenerate: bool) -> Standing | None:
    """What becomes of the file as far as ownership and the disk say; None when its records decide."""
    if not looked.candidate.held:
        return Standing.NOT_OWNED
    if not looked.candidate.owners:
        return Standing.EXCLUDED
    if looked.gone:
        return Standing.MISSING
    return Standing.QUEUED if regenerate or looked.version is None else None


def is_fresh(looked: Looked, wanted: Wanted, records: Mapping[str, PublishRecord]) -> bool:
    """Whether every owner was told of outputs that are made of this version with these settings; `records` by server."""
    version = looked.version
    if version is None:
        return False
    for server_id in looked.candidate.owners:
        record, renditions = records.get(server_id), wanted.renditions.get(server_id)
        if record is None or not renditions or record.stage not in {Stage.TOLD, Stage.SHOWN}:
            return False
        if record.fingerprint != fingerprint(version, renditions[0], wanted.picture, renditions[1:]):
            return False
    return True


def lies_beside(output: str, path: str) -> bool:
    """Whether an output belongs into the film's own folder, so that its absence is certain."""
    return is_under(output, folder(path))


def counted(count: ScanCount, standings: Iterable[Standing]) -> ScanCount:
    """The count with the files of one more page."""
    numbers = {name: getattr(count, name) for name in ScanCount.__struct_fields__}
    for one in standings:
        numbers["checked"] += 1
        numbers[one] += 1
    return ScanCount(**numbers)
