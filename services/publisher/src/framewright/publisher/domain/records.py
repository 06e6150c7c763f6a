"""Whether an output must be written, and how long a server is waited for until it shows it. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import Adoption, PublishRecord, Stage
from framewright.domain.errors import Reject
from framewright.domain.frames import Rendition, fingerprint
from framewright.domain.publishing import Located
from framewright.publisher.domain.outputs import paths

MOST_VANISHED = 2
"""How often outputs that are gone again before the server showed them are written anew."""


def current_fingerprint(request: PublishRequestedV1, rendition: Rendition) -> str:
    """What an output made now would depend on."""
    return fingerprint(request.version, rendition, request.picture)


def is_fresh(record: PublishRecord | None, wanted: str, located: Located) -> bool:
    """Whether the outputs that were last written are the ones that are wanted now, in the places they belong."""
    return record is not None and record.fingerprint == wanted and record.outputs == paths(located)


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
        and record.pack == request.pack
        and is_regenerated(record, request)
    )


def asked_once_more(record: PublishRecord, request: PublishRequestedV1, at: datetime) -> PublishRecord:
    """The record after one more question; the wait begins with the first one, and later requests join it."""
    known = record.adoption or Adoption(since=at)
    adoption = msgspec.structs.replace(
        known,
        asked=known.asked + 1,
        job_ids=together(known.job_ids, request.job_ids),
    )
    return msgspec.structs.replace(record, adoption=adoption)


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
