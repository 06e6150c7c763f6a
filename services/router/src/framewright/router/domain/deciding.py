"""Deciding for one changed path: which local file it is, and who owns it. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from framewright.contracts.facts import ServerVerdict
from framewright.contracts.server import Server, server_paths
from framewright.domain.errors import BadPath
from framewright.domain.media import canonical, reject_hostile
from framewright.domain.outcome import Outcome
from framewright.domain.ownership import Ownership, Verdict, judge, local_candidates

MOST_FILES_OF_A_FOLDER = 10_000
"""Videos that one event may stand for; what is larger is a library, and a scan goes through it with due restraint."""


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
class Decision:
    """The local file that a change is about, or why there is none."""

    path: str
    verdicts: tuple[Ownership, ...] = ()
    refusal: str = ""

    @property
    def owners(self) -> tuple[Ownership, ...]:
        """Those who want outputs of it."""
        return tuple(verdict for verdict in self.verdicts if verdict.verdict is Verdict.OWNED)


@dataclass(frozen=True, slots=True)
class Listing:
    """The videos below a folder in name order; `whole` is false where it holds more than one event may stand for."""

    videos: Sequence[str]
    whole: bool = True


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


def judged(path: str, servers: Sequence[Server], pinned: str = "") -> Decision:
    """A local path that is known already, with every server's verdict on it."""
    chosen = [server_paths(server) for server in servers if not pinned or server.id == pinned]
    return Decision(path, tuple(judge(server, path) for server in chosen))


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


def job_id_for(event_id: str, path_id: str) -> str:
    """The same event and path always make the same job, so a redelivery makes no second one."""
    return hashlib.blake2b(f"{event_id}.{path_id}".encode(), digest_size=16).hexdigest()
