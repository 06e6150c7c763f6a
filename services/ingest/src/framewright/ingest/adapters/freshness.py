"""Looks at many files at once: what lies on the disk, what was published of it, and so whether it needs work."""

import asyncio
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from framewright.chassis.bus import Bucket
from framewright.chassis.config_store import ConfigStore
from framewright.contracts.record import PublishRecord, decode_record, record_key
from framewright.contracts.scans import ScanPart
from framewright.contracts.server import Server, server_paths, wanted_rendition, with_selected
from framewright.domain.errors import Reject, Retry
from framewright.domain.frames import FileVersion, Picture
from framewright.domain.media import folder, is_under, media_id
from framewright.domain.ownership import ServerPaths, to_local
from framewright.ingest.domain.freshness import (
    Judged,
    Looked,
    Standing,
    Wanted,
    candidates,
    is_fresh,
    lies_beside,
    standing,
)
from framewright.vendors import Renditions

log = structlog.get_logger("scan")


class Freshness:
    """What becomes of the files of a page; one bulk read of the records and one thread for the disk, whatever their number."""

    def __init__(self, config: ConfigStore, records: Bucket, renditions: Renditions) -> None:
        self._config = config
        self._records = records
        self._renditions = renditions

    async def judged(self, part: ScanPart, raws: Sequence[str], *, regenerate: bool) -> list[Judged]:
        """One answer for each path, in order.

        Raises:
            Retry: the bus is out of reach, or the configuration just changed.
        """
        servers = [with_selected(one, self._config.settings.selected_libraries) for one in self._config.servers]
        paths = [server_paths(one) for one in servers if one.enabled]
        lister = next((one for one in paths if one.id == part.server_id), None)
        if lister is None:
            raise Retry("the server was removed a moment ago")
        looked = await asyncio.to_thread(_look, lister, paths, raws, here=bool(part.root))
        known = [standing(one, regenerate=regenerate) if isinstance(one, Looked) else None for one in looked]
        open_ones = [one for one, said in zip(looked, known, strict=True) if isinstance(one, Looked) and said is None]
        fresh = await self._fresh(open_ones, servers)
        return [_judged(one, said, fresh) for one, said in zip(looked, known, strict=True)]

    async def _fresh(self, looked: Sequence[Looked], servers: Sequence[Server]) -> set[str]:
        """Paths of the files that every owner has fresh outputs of."""
        ids = {one.candidate.path: media_id(one.candidate.path) for one in looked}
        keys = {
            record_key(ids[one.candidate.path], owner): (one.candidate.path, owner)
            for one in looked
            for owner in one.candidate.owners
        }
        by_path: dict[str, dict[str, PublishRecord]] = {}
        for key, value in (await self._records.get_many(tuple(keys))).items():
            path, owner = keys[key]
            if record := _decoded(value):
                by_path.setdefault(path, {})[owner] = record
        owners = {owner for _, owner in keys.values()}
        wanted = await self._wanted([one for one in servers if one.id in owners])
        fresh = [one for one in looked if is_fresh(one, wanted, by_path.get(one.candidate.path, {}))]
        return await asyncio.to_thread(_with_outputs, [one.candidate.path for one in fresh], by_path)

    async def _wanted(self, servers: Iterable[Server]) -> Wanted:
        settings = self._config.settings
        asked = list(servers)
        found = await asyncio.gather(
            *(self._renditions.of(one, wanted_rendition(one, settings.thumbnail_interval)) for one in asked)
        )
        renditions = {server.id: shown for server, shown in zip(asked, found, strict=True)}
        return Wanted(renditions, Picture(settings.thumbnail_quality, settings.tonemap_algorithm))


def _judged(looked: Looked | str, said: Standing | None, fresh: set[str]) -> Judged:
    if isinstance(looked, str):
        return Judged(looked, Standing.NOT_OWNED)
    path = looked.candidate.path
    settled = said or (Standing.UP_TO_DATE if path in fresh else Standing.QUEUED)
    return Judged(path, settled, looked.candidate.owners)


def _decoded(value: bytes) -> PublishRecord | None:
    """None for a record of another version of the system: then the file is looked at again."""
    try:
        return decode_record(value)
    except Reject as error:
        log.warning("a publish record cannot be read; its file is queued", reason=error.reason)
        return None


def _look(
    lister: ServerPaths, servers: Sequence[ServerPaths], raws: Sequence[str], *, here: bool
) -> list[Looked | str]:
    mounted = _mounts(lister)
    return [_looked(lister, servers, raw, here=here, mounted=mounted) for raw in raws]


def _looked(
    lister: ServerPaths, servers: Sequence[ServerPaths], raw: str, *, here: bool, mounted: Callable[[str], bool]
) -> Looked | str:
    """The first candidate that is a file here; else the first that anyone holds; the raw path when it is none at all."""
    found = candidates(lister, servers, raw, here=here)
    held = [one for one in found if one.held]
    for one in held:
        version = _version(one.path)
        if version is not None:
            return Looked(one, version)
    if not held:
        return Looked(found[0]) if found else raw
    return Looked(held[0], gone=mounted(held[0].path) and not os.path.lexists(held[0].path))


def _mounts(lister: ServerPaths) -> Callable[[str], bool]:
    """Whether the library around a path is there; an empty folder is a mount that is gone."""
    remotes = [remote for library in lister.libraries for remote in library.remote_paths if remote]
    roots = {root: _holds_something(root) for remote in remotes for root in to_local(lister, remote)}
    return lambda path: any(there and is_under(path, root) for root, there in roots.items())


def _holds_something(root: str) -> bool:
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def _version(path: str) -> FileVersion | None:
    """None when nothing can be said of the file here; the extractor will find out why."""
    try:
        status = os.stat(path)  # noqa: PTH116 - one of a hundred thousand needs no object
    except (OSError, ValueError):
        return None
    return FileVersion(status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def _with_outputs(paths: Sequence[str], records: Mapping[str, Mapping[str, PublishRecord]]) -> set[str]:
    """The paths of which no output is known to be gone; where outputs are not mounted here the records are believed."""
    return {
        path
        for path in paths
        if not any(_is_gone(output, path) for record in records[path].values() for output in record.outputs)
    }


def _is_gone(output: str, path: str) -> bool:
    if os.path.lexists(output):
        return False
    return lies_beside(output, path) or os.path.isdir(folder(output))  # noqa: PTH112 - as above
