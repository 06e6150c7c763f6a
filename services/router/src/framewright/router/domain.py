"""Deciding for one changed path: which local file it is, who owns it, what job follows. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import ServerVerdict
from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath
from framewright.domain.frames import Rendition
from framewright.domain.media import canonical, reject_hostile
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Ownership, Verdict, judge, local_candidates

MOST_FILES_OF_A_FOLDER = 10_000

URGENCY = tuple(Lane)
"""The lanes, most urgent first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One local spelling that the path may stand for, with every server's verdict on it."""

    path: str
    verdicts: tuple[Ownership, ...]

    @property
    def owned(self) -> bool:
        """Whether some server has the path in an enabled library, excluded or not: only such paths are ever looked at."""
        return any(verdict.verdict in {Verdict.OWNED, Verdict.EXCLUDED} for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Occupant:
    """The request that holds a path's place in the queue, and where it stands."""

    sequence: int
    request: ExtractRequestedV1


@dataclass(frozen=True, slots=True)
class Decision:
    """The local file that a change is about, or why there is none."""

    path: str
    verdicts: tuple[Ownership, ...] = ()
    refusal: str = ""


def candidates(raw: str, servers: Sequence[Server], pinned: str = "") -> list[Candidate]:
    """Local spellings of a raw path, most specific first, judged by every server (or by the pinned one alone).

    Raises:
        BadPath: no server could make this path safe (empty, climbing, control characters, too long).
    """
    reject_hostile(raw)
    chosen = [server_paths(server) for server in servers if not pinned or server.id == pinned]
    found: list[Candidate] = []
    for local in local_candidates(chosen, raw):
        try:
            path = canonical(local)
        except BadPath:
            continue  # a Windows or relative spelling that no mapping translated
        found.append(Candidate(path, tuple(judge(server, path) for server in chosen)))
    return found


def owned_paths(found: Sequence[Candidate]) -> list[str]:
    """The spellings that some server owns, most specific first; the only ones that are ever looked for on disk."""
    return [candidate.path for candidate in found if candidate.owned]


def decide(raw: str, found: Sequence[Candidate], existing: str | None) -> Decision:
    """The owned candidate that exists here; else the first owned one; else nobody owns the path.

    The router may run without the media mounted; then nothing exists and the most specific mapping is believed.
    """
    owned = [candidate for candidate in found if candidate.owned]
    chosen = next((candidate for candidate in owned if candidate.path == existing), owned[0] if owned else None)
    if chosen is not None:
        return Decision(chosen.path, chosen.verdicts)
    if found:
        return Decision(found[0].path, found[0].verdicts, "no enabled library of any server holds the path")
    return Decision(raw, (), "the path is not absolute here and no path mapping translates it")


def server_verdicts(verdicts: Iterable[Ownership]) -> tuple[ServerVerdict, ...]:
    """What is told about each server that has to do with the file."""
    told = {Verdict.OWNED: Outcome.WAITING, Verdict.EXCLUDED: Outcome.EXCLUDED}
    return tuple(
        ServerVerdict(
            server_id=verdict.server.id,
            server_name=verdict.server.name,
            server_type=verdict.server.type,
            outcome=told[verdict.verdict],
            reason=verdict.steps[-1] if verdict.steps else "",
        )
        for verdict in verdicts
        if verdict.verdict in told
    )


def file_outcome(decision: Decision) -> tuple[Outcome, str]:
    """How the file stands after routing: waiting where work follows, else its end and the reason."""
    kinds = {verdict.verdict for verdict in decision.verdicts}
    if Verdict.OWNED in kinds:
        return Outcome.WAITING, ""
    if Verdict.EXCLUDED in kinds:
        return Outcome.EXCLUDED, "every owning server excludes the path"
    return Outcome.NOT_OWNED, decision.refusal or "no enabled library of any server holds the path"


def target(ownership: Ownership, rendition: Rendition) -> Target:
    """The part of a job that concerns one owning server."""
    return Target(
        server_id=ownership.server.id,
        server_type=ownership.server.type,
        server_name=ownership.server.name,
        library_id=ownership.library.id if ownership.library else "",
        remote_paths=ownership.remote_paths,
        rendition=rendition,
    )


def job_id_for(event_id: str, path_id: str) -> str:
    """The same event and path always make the same job, so a redelivery makes no second one."""
    return hashlib.blake2b(f"{event_id}.{path_id}".encode(), digest_size=16).hexdigest()


def covers(occupant: ExtractRequestedV1, request: ExtractRequestedV1) -> bool:
    """Whether the queued request does all that the new one asks for the same path, and as soon."""
    return (
        URGENCY.index(occupant.lane) <= URGENCY.index(request.lane)
        and (occupant.regenerate or not request.regenerate)
        and occupant.picture == request.picture
        and set(request.targets) <= set(occupant.targets)
    )


def merged(request: ExtractRequestedV1, occupant: ExtractRequestedV1) -> ExtractRequestedV1:
    """One request that does what both ask: newer wishes before older ones, the more urgent lane, every job and server."""
    named = {target.server_id for target in request.targets}
    others = tuple(target for target in occupant.targets if target.server_id not in named)
    return msgspec.structs.replace(
        request,
        job_ids=tuple(dict.fromkeys((*request.job_ids, *occupant.job_ids))),
        targets=(*request.targets, *others),
        lane=min(request.lane, occupant.lane, key=URGENCY.index),
        regenerate=request.regenerate or occupant.regenerate,
    )
