"""Whether exactly the expected jobs came out at the router's end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.traffic.day import Work

from framewright.chassis.bus import Bus, follow
from framewright.contracts.base import decode
from framewright.contracts.catalogue import DUE, EVENTS, JOBS, PUBLISH
from framewright.contracts.facts import EventClassifiedV1, FileRoutedV1
from framewright.domain.media import media_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found on the bus: jobs by path, work by path id, history rows by status, changes that still wait."""

    jobs: Mapping[str, frozenset[str]]
    extractions: Mapping[str, int]
    removals: Mapping[str, int]
    statuses: Mapping[str, int]
    left: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Paths that got no job, more than one, one that nobody asked for, or the wrong work."""

    missing: Sequence[str] = ()
    double: Sequence[str] = ()
    stray: Sequence[str] = ()
    wrong: Sequence[str] = ()
    left: int = 0
    jobs: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def exact(self) -> bool:
        """Whether all is as it must be."""
        return not (self.missing or self.double or self.stray or self.wrong or self.left)


async def outcome(bus: Bus) -> Outcome:
    """Read what the run left behind."""
    jobs: defaultdict[str, set[str]] = defaultdict(set)
    async for fact in _facts(bus, FileRoutedV1.HEAD):
        routed = decode(FileRoutedV1, fact)
        jobs[routed.path].add(routed.job_id)
    statuses = Counter([decode(EventClassifiedV1, fact).status async for fact in _facts(bus, EventClassifiedV1.HEAD)])
    extractions = _by_path_id(await bus.subjects(JOBS.name, "jobs.v1.>"))
    removals = _by_path_id(await bus.subjects(PUBLISH.name, "remove.v1.>"))
    left = await bus.count(DUE.name, "wait.due.>") + await bus.count(DUE.name, "due.v1.>")
    return Outcome({path: frozenset(ids) for path, ids in jobs.items()}, extractions, removals, statuses, left)


def judged(expected: Mapping[str, Work], found: Outcome) -> Verdict:
    """Compare."""
    return Verdict(
        missing=sorted(expected.keys() - found.jobs.keys()),
        double=sorted(path for path, ids in found.jobs.items() if len(ids) > 1),
        stray=sorted(found.jobs.keys() - expected.keys()),
        wrong=sorted(path for path, work in expected.items() if path in found.jobs and not _as_told(path, work, found)),
        left=found.left,
        jobs=len({job for ids in found.jobs.values() for job in ids}),
        statuses=found.statuses,
    )


def _as_told(path: str, work: Work, found: Outcome) -> bool:
    """One request of the right kind, none of the other."""
    path_id = media_id(path)
    done = (found.extractions.get(path_id, 0), found.removals.get(path_id, 0))
    return done in {Work.EXTRACT: {(1, 0)}, Work.REMOVE: {(0, 1)}, Work.EITHER: {(1, 0), (0, 1)}}[work]


def _by_path_id(subjects: Mapping[str, int]) -> Mapping[str, int]:
    counted: Counter[str] = Counter()
    for subject, number in subjects.items():
        counted[subject.rpartition(".")[2]] += number
    return counted


async def _facts(bus: Bus, head: str):  # noqa: ANN202 - an iterator over bytes
    async for delivered in follow(bus, EVENTS.name, f"{head}.>"):
        if delivered is None:
            return
        yield delivered.data


def lines(verdict: Verdict, expected: int) -> Iterable[str]:
    """The verdict as a table for people."""
    yield f"{'paths that must get a job':<34}{expected:>8}"
    yield f"{'jobs':<34}{verdict.jobs:>8}"
    for name in ("missing", "double", "stray", "wrong"):
        paths: Sequence[str] = getattr(verdict, name)
        yield f"{name:<34}{len(paths):>8}  {'; '.join(paths[:3])}".rstrip()
    yield f"{'changes that still wait':<34}{verdict.left:>8}"
    for status, count in sorted(verdict.statuses.items()):
        yield f"  {'events ' + status:<32}{count:>8}"
