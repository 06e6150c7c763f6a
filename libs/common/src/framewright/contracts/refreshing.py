"""Which place a server is asked to look at, and what it is told of it: pure construction, the same for all who ask."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from framewright.contracts.extract import Target
from framewright.contracts.publish import ChangedPath, RefreshWantedV1, refresh_folder
from framewright.contracts.settings import Refresh
from framewright.domain.media import segments


def refresh_place(library_ids: Iterable[str], folder: str) -> str:
    """The name of a folder of these libraries: blake2b-128 in 32 hex digits, equal for all spellings of the folder."""
    parts = (",".join(sorted(library_ids)), *segments(folder))
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def refresh_wanted(target: Target, changed: ChangedPath, at: datetime, *, level: int = 0) -> RefreshWantedV1:
    """The wish that the target's server looks at one changed path, in the server's spelling."""
    library_ids = target.library_ids or tuple(filter(None, (target.library_id,)))
    return RefreshWantedV1(
        server_type=target.server_type,
        server_id=target.server_id,
        place=refresh_place(library_ids, refresh_folder(changed.path)),
        library_ids=library_ids,
        changed=(changed,),
        first_at=at,
        level=level,
    )


def refresh_due(first_at: datetime, settings: Refresh, now: datetime) -> datetime:
    """When the server is asked: after the quiet time, but never later than the longest wait after the first change."""
    quiet = now + timedelta(seconds=settings.quiet_seconds)
    return min(quiet, first_at + timedelta(seconds=settings.longest_wait_seconds))
