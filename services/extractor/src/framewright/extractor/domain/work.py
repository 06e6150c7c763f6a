"""From one request to the packs it needs and the messages that follow. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.domain.errors import FramewrightError
from framewright.domain.frames import FileVersion, fingerprint, pack_key
from framewright.domain.outcome import Outcome


@dataclass(frozen=True, slots=True)
class PackWish:
    """One frame pack: every target of one width, all their intervals from one decode."""

    key: str
    width: int
    intervals_ms: tuple[int, ...]
    targets: tuple[Target, ...]


def pack_wishes(request: ExtractRequestedV1, version: FileVersion) -> list[PackWish]:
    """The packs that serve the request, one per width."""
    widths = sorted({target.rendition.width for target in request.targets})
    wishes: list[PackWish] = []
    for width in widths:
        targets = tuple(target for target in request.targets if target.rendition.width == width)
        intervals = finest({target.rendition.interval_ms for target in targets})
        key = pack_key(request.path_id, version, width, request.picture)
        wishes.append(PackWish(key, width, intervals, targets))
    return wishes


def finest(intervals_ms: Iterable[int]) -> tuple[int, ...]:
    """The intervals without those that are multiples of a finer one: its pictures serve them too."""
    kept: list[int] = []
    for interval in sorted(set(intervals_ms)):
        if not any(interval % finer == 0 for finer in kept):
            kept.append(interval)
    return tuple(kept)


def target_fingerprint(request: ExtractRequestedV1, target: Target, version: FileVersion) -> str:
    """What the target's output depends on."""
    return fingerprint(version, target.rendition, request.picture)


def publish_requests(
    request: ExtractRequestedV1, version: FileVersion, wishes: Sequence[PackWish], at: datetime
) -> list[PublishRequestedV1]:
    """One message per owning server."""
    return [
        PublishRequestedV1(
            job_ids=request.job_ids,
            path=request.path,
            path_id=request.path_id,
            target=target,
            picture=request.picture,
            version=version,
            pack=wish.key,
            fingerprint=target_fingerprint(request, target, version),
            requested_at=at,
            regenerate=request.regenerate,
            reextracted=request.attempt - 1,
        )
        for wish in wishes
        for target in wish.targets
    ]


def failure_facts(
    request: ExtractRequestedV1, error: FramewrightError, next_try: datetime | None, attempt: int, at: datetime
) -> list[FileSettledV1]:
    """Where every server stands after a failed attempt."""
    ending = Outcome.FILE_MISSING if error.code == "FILE_MISSING" else Outcome.FAILED
    return [
        FileSettledV1(
            job_ids=request.job_ids,
            path_id=request.path_id,
            path=request.path,
            at=at,
            outcome=Outcome.WAITING if next_try else ending,
            server_id=target.server_id,
            reason=error.reason,
            code=error.code,
            attempt=attempt,
            next_try=next_try,
        )
        for target in request.targets
    ]
