"""The messages that follow from a request. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FileSettledV1
from framewright.contracts.publish import PublishRequestedV1, RemovalRequestedV1
from framewright.domain.frames import Rendition
from framewright.domain.outcome import Outcome

MOST_REEXTRACTIONS = 3
"""How often missing frames are asked for again before the request waits for its next turn."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands on a server, and why; `call` says in words what the server was told."""

    outcome: Outcome
    reason: str = ""
    code: str = ""
    outputs: tuple[str, ...] = ()
    call: str = ""
    next_try: datetime | None = None


def reextraction(
    request: PublishRequestedV1, renditions: Sequence[Rendition], missing: Sequence[Rendition], at: datetime
) -> ExtractRequestedV1:
    """Asks for the frames that are missing, for this server alone, which wants all of these renditions now."""
    first, *further = renditions
    return ExtractRequestedV1(
        job_ids=request.job_ids,
        path=request.path,
        path_id=request.path_id,
        targets=(msgspec.structs.replace(request.target, rendition=first, further=tuple(further)),),
        picture=request.picture,
        requested_at=at,
        regenerate=request.regenerate,
        attempt=request.reextracted + 2,
        anew=tuple(sorted({one.width for one in missing})),
    )


def settled(
    request: PublishRequestedV1 | RemovalRequestedV1, standing: Standing, at: datetime, attempt: int = 1
) -> FileSettledV1:
    """The fact that this server has what it should, or why not."""
    return FileSettledV1(
        job_ids=request.job_ids,
        path_id=request.path_id,
        path=request.path,
        at=at,
        outcome=standing.outcome,
        server_id=request.target.server_id,
        reason=standing.reason,
        code=standing.code,
        outputs=standing.outputs,
        call=standing.call,
        pack=request.pack if isinstance(request, PublishRequestedV1) else "",
        attempt=attempt,
        next_try=standing.next_try,
    )
