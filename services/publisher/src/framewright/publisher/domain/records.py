"""Whether an output must be written, and how long a server is waited for until it shows it. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import Adoption, PublishRecord, Stage
from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition, fingerprint
from framewright.domain.publishing import Located, Output, Written
from framewright.publisher.domain.outputs import paths, source

MOST_VANISHED = 2
"""How often outputs that are gone again before the server showed them are written anew."""


def current_fingerprint(request: PublishRequestedV1, renditions: Sequence[Rendition]) -> str:
    """What outputs made now would depend on."""
    first, *further = renditions
    return fingerprint(request.version, first, request.picture, further)


def parts(request: PublishRequestedV1, renditions: Sequence[Rendition]) -> tuple[str, ...]:
    """What the outputs of each rendition by itself would depend on; nothing where there is only one."""
    return tuple(current_fingerprint(request, (one,)) for one in renditions) if len(renditions) > 1 else ()


def is_fresh(record: PublishRecord | None, wanted: str, located: Located) -> bool:
    """Whether the outputs that were last written are the ones that are wanted now, in the places they belong."""
    return record is not None and record.fingerprint == wanted and record.outputs == paths(located)


def is_made(
    record: PublishRecord, output: Output, request: PublishRequestedV1, renditions: Sequence[Rendition]
) -> bool:
    """Whether one output was made as it is wanted now, whatever is to become of the others."""
    part = current_fingerprint(request, (source(output, renditions),))
    return output.path in record.outputs and record.holds(part)


def known_contents(record: PublishRecord, located: Located) -> tuple[Written, ...]:
    """What lies in each output, as far as it is remembered."""
    known = dict(zip(record.outputs, record.contents, strict=False))
    wanted = ((one.path, Written(one.rendition.interval_ms, one.rendition.width)) for one in located.outputs)
    return tuple(known.get(path, unknown) for path, unknown in wanted)


def is_regenerated(record: PublishRecord | None, request: PublishRequestedV1) -> bool:
    """Whether outputs that were asked for anew have been made since: once is enough, however often the request comes."""
    return not request.regenerate or (record is not None and record.requested_at >= request.requested_at)


def is_superseded(record: PublishRecord | None, wanted: str, request: PublishRequestedV1) -> bool:
    """Whether a newer request has already published something else for this file."""
    return record is not None and record.fingerprint != wanted and record.requested_at > request.requested_at


def is_waited_for(record: PublishRecord | None, request: PublishRequestedV1) -> bool:
    """Whether what the request wants was written and told, and only waits for the server to show it.

    Answered without the server: a pack is named after the file's version and all that shapes its pictures.
    """
    return (
        record is not None
        and record.stage is Stage.TOLD
        and record.adoption is not None
        and (record.pack, record.further_packs) == (request.pack, request.further_packs)
        and is_regenerated(record, request)
    )


def asked_once_more(
    record: PublishRecord, request: PublishRequestedV1, at: datetime, idle: timedelta = timedelta(0)
) -> PublishRecord:
    """The record after one more question; the wait begins with the first one, and later requests join it.

    A question before its time was asked for another reason than the clock's, which it leaves as it is. The time for which the
    request lay ready and the server took no calls (`idle`) does not count.
    """
    known = record.adoption or Adoption(since=at)
    early = is_early(record, at)
    adoption = msgspec.structs.replace(
        known,
        since=min(known.since + idle, at),
        asked=known.asked + (not early),
        due=known.due if early else None,
        job_ids=together(known.job_ids, request.job_ids),
    )
    return msgspec.structs.replace(record, adoption=adoption)


def is_early(record: PublishRecord, at: datetime) -> bool:
    """Whether the server is asked before the moment that the clock of the wait has set."""
    return record.adoption is not None and record.adoption.due is not None and at < record.adoption.due


def to_be_asked(record: PublishRecord, due: datetime) -> PublishRecord:
    """The waiting record with the moment of the next question."""
    assert record.adoption is not None
    return msgspec.structs.replace(record, adoption=msgspec.structs.replace(record.adoption, due=due))


def ended(record: PublishRecord, stage: Stage, at: datetime, proof: str = "") -> PublishRecord:
    """The record when nobody waits any more; the next request asks anew unless the server was seen to show the outputs."""
    return msgspec.structs.replace(record, stage=stage, at=at, adoption=None, proof=proof)


def carried_over(record: PublishRecord, wanted: str, at: datetime, *, vanished: bool) -> Adoption | None:
    """The wait that goes on although the outputs are written again; of the same outputs its clock does not start anew.

    Jobs that waited for another version of the file wait for this one now.

    Raises:
        Reject: code OUTPUT_DELETED, they were gone again too often; writing them once more would be a fight.
    """
    known = record.adoption
    if known is None:
        return None
    if record.fingerprint != wanted:
        return Adoption(since=at, job_ids=known.job_ids)
    if not vanished:
        return known
    if known.vanished >= MOST_VANISHED:
        times = f"{known.vanished + 1} times"
        reason = f"somebody deleted the outputs {times} before the server showed them; they are not written again"
        raise Reject(reason, code="OUTPUT_DELETED")
    return msgspec.structs.replace(known, vanished=known.vanished + 1)


def together(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Every id once, in order of appearance."""
    return tuple(dict.fromkeys((*some, *others)))
