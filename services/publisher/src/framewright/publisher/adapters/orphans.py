"""Walking the places where outputs lie beside (or mirror) videos, for those whose video is gone."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from framewright.contracts.server import Server
from framewright.domain.media import is_video, stem
from framewright.publisher.domain.removal import local_roots, plain_name
from framewright.vendors import output_place, video_stem


@dataclass(frozen=True, slots=True)
class Seen:
    """An output on disk, and the video that it is named after, without its ending; `orphan` when none of that name is there."""

    output: str
    video: str
    orphan: bool


def seen_outputs(server: Server) -> Iterator[Seen]:
    """Every output of the server's own forms in its known places; folders that cannot be read are passed over."""
    roots = local_roots(server)
    mirror = "" if server.output.save_with_media else server.output.folder
    for top in (mirror,) if mirror else roots:
        for place, folders, files in os.walk(top):
            named = [(name, video_stem(server.type, name)) for name in (*folders, *files)]
            outputs = [(name, meant) for name, meant in named if meant]
            # Nothing but sheets lies in a folder of ours; links are not followed, as they are not made either.
            folders[:] = [name for name in folders if not video_stem(server.type, name)]
            if outputs:
                yield from _judged(server, place, outputs, _living(place, mirror, roots) if mirror else _stems(files))


def _judged(server: Server, place: str, outputs: list[tuple[str, str]], living: set[str] | None) -> Iterator[Seen]:
    for name, meant in outputs:
        orphan = living is not None and plain_name(meant) not in living
        for path in _parts(server, os.path.join(place, name)):  # noqa: PTH118 - spelled as the walk spells it
            yield Seen(path, f"{place}/{meant}", orphan)


def _parts(server: Server, path: str) -> list[str]:
    """The output itself, or the outputs of every width in it."""
    if output_place(server.type, path) is not None:
        return [path]
    try:
        inside = [entry.path for entry in os.scandir(path)]
    except OSError:
        return []
    return [one for one in inside if output_place(server.type, one) is not None]


def _living(place: str, mirror: str, roots: tuple[str, ...]) -> set[str] | None:
    """Names of the videos in the folders that this one mirrors; None when one of them cannot be read."""
    relative = os.path.relpath(place, mirror)
    found: set[str] = set()
    for root in roots:
        try:
            found |= _stems([entry.name for entry in os.scandir(Path(root, relative))])
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            return None
    return found


def _stems(names: list[str]) -> set[str]:
    return {plain_name(stem(name)) for name in names if is_video(name)}
