"""From one request to the packs it needs and the messages that follow. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from framewright.contracts.base import Lane
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord
from framewright.domain.errors import FramewrightError, Retry
from framewright.domain.frames import FileVersion, Rendition, fingerprint, pack_key
from framewright.domain.outcome import Outcome
from framewright.extractor.domain.request import ExtractionRequest, Tonemap

LONGEST_LOOK_AWAY = 60.0
"""At most so many seconds pass between two looks at a file that is still being written."""


@dataclass(frozen=True, slots=True)
class PackWish:
    """One frame pack: every target of one width, all their intervals from one decode."""

    key: str
    width: int
    intervals_ms: tuple[int, ...]
    targets: tuple[Target, ...]

    def and_also(self, intervals_ms: Iterable[int]) -> "PackWish":
        """The wish with further intervals: those of a pack that it replaces and that another server may still need."""
        return replace(self, intervals_ms=finest((*self.intervals_ms, *intervals_ms)))


def pack_wishes(request: ExtractRequestedV1, version: FileVersion) -> list[PackWish]:
    """The packs that serve the request, one per width."""
    widths = sorted({one.width for target in request.targets for one in target.renditions})
    wishes: list[PackWish] = []
    for width in widths:
        targets = tuple(target for target in request.targets if any(one.width == width for one in target.renditions))
        of_width = (one for target in targets for one in target.renditions if one.width == width)
        intervals = finest({one.interval_ms for one in of_width})
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


def one_decode(request: ExtractRequestedV1, wishes: Sequence[PackWish]) -> ExtractionRequest:
    """What one pass over the file must yield so that every one of these packs can be filled."""
    return ExtractionRequest(
        path=request.path,
        renditions=tuple(Rendition(wish.width, interval) for wish in wishes for interval in wish.intervals_ms),
        quality=request.picture.quality,
        tonemap=Tonemap(request.picture.tonemap),
    )


def next_look(wait: float, waited: float) -> float:
    """Seconds until a file is looked at again that needs at least `wait` more to come to rest.

    The longer it has been growing, the rarer: nothing is delayed by more than a tenth of the time it took, or a minute.
    """
    return max(wait, min(waited / 10, LONGEST_LOOK_AWAY))


def as_ordered(request: ExtractRequestedV1, lane_of: Callable[[str], Lane | None]) -> ExtractRequestedV1:
    """The request for its next try, in the lane that operators gave its jobs meanwhile (`lane_of`; None: they gave none)."""
    for job_id in request.job_ids:
        lane = lane_of(job_id)
        request = request if lane is None else request.in_lane_of(job_id, lane)
    return request


def target_fingerprint(request: ExtractRequestedV1, target: Target, version: FileVersion) -> str:
    """What the target's outputs depend on."""
    return fingerprint(version, target.rendition, request.picture, target.further)


def is_made(
    request: ExtractRequestedV1, target: Target, version: FileVersion, record: PublishRecord, width: int
) -> bool:
    """Whether the target's outputs of one width were made already, whatever is to become of the others."""
    if record.fingerprint == target_fingerprint(request, target, version):
        return True
    wanted = (one for one in target.renditions if one.width == width)
    return all(record.holds(fingerprint(version, one, request.picture)) for one in wanted)


def publish_requests(
    request: ExtractRequestedV1, version: FileVersion, wishes: Sequence[PackWish], at: datetime
) -> list[PublishRequestedV1]:
    """One message per owning server, naming the packs of all its widths."""
    keys = {wish.width: wish.key for wish in wishes}
    return [
        PublishRequestedV1(
            job_ids=request.job_ids,
            path=request.path,
            path_id=request.path_id,
            target=target.coming_from("", usual=""),
            picture=request.picture,
            version=version,
            pack=keys[target.rendition.width],
            fingerprint=target_fingerprint(request, target, version),
            requested_at=at,
            regenerate=request.regenerate,
            reextracted=request.attempt - 1,
            previous_path=request.previous_of(target),
            further_packs=tuple(keys[one.width] for one in target.further),
        )
        for target in request.targets
    ]


def growing_facts(request: ExtractRequestedV1, next_try: datetime, at: datetime) -> list[FileSettledV1]:
    """What to tell of a file that may still be written to: attempt 0, because none was made."""
    reason = "the file may still be written to; it is taken as soon as it has been quiet for a while"
    return failure_facts(request, Retry(reason, code="STILL_GROWING"), next_try, 0, at)


def cancelled_facts(request: ExtractRequestedV1, at: datetime, attempt: int) -> list[FileSettledV1]:
    """Where every server stands when nobody waits for the work any more."""
    return [
        FileSettledV1(
            job_ids=request.job_ids,
            path_id=request.path_id,
            path=request.path,
            at=at,
            outcome=Outcome.CANCELLED,
            server_id=target.server_id,
            reason="the job was cancelled",
            attempt=attempt,
        )
        for target in request.targets
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
