"""A folder that changed stands for the videos in it."""

from collections.abc import Sequence

import msgspec

from framewright.contracts.base import Message
from framewright.contracts.media import MediaChangedV1
from framewright.domain.media import media_id, rebase
from framewright.domain.outcome import ChangeKind, Outcome
from framewright.router.domain.deciding import Listing
from framewright.router.handlers import renames, telling
from framewright.router.handlers.given import Case


async def expanded(case: Case, listing: Listing) -> Sequence[Message]:
    """One change for each video, under one job; of a folder that was renamed, with the place where it was before."""
    if not listing.videos:
        return telling.ended(case, Outcome.FILE_MISSING, "the folder holds no video")
    before = await renames.previous_folder(case)
    singles = [_single(case, path, rebase(path, case.path, before) if before else "") for path in listing.videos]
    if listing.whole:
        return [telling.folder_job(case, len(singles)), *singles, *telling.no_longer_waiting(case)]
    reason = f"the folder holds more than {len(singles)} videos and the others were left out: scan the library"
    return [telling.folder_job(case, len(singles) + 1), *singles, telling.routed(case, Outcome.FAILED, reason)]


def _single(case: Case, path: str, previous: str | None) -> MediaChangedV1:
    return msgspec.structs.replace(
        case.change,
        path=path,
        job_id=case.job_id,
        kind=ChangeKind.RENAMED if previous else ChangeKind.CHANGED,
        previous_path=previous or "",
        key=media_id(f"{path}/{case.job_id}"),
    )
