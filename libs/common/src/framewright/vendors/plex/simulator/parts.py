"""The files of a simulated Plex and the bundles that keep their previews."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from framewright.formats.bif import Bif, read_bif
from framewright.vendors.simulation.disk import FoundFile
from framewright.vendors.simulation.images import bif_at

_SAMPLE = 64 * 1024


def part_hash(file: FoundFile) -> str:
    """A guess: sha1 over the size and the sha1 of the first and last 64 KiB, 40 hex digits.

    Users report that Plex hashes these three; how they are joined is not published.
    """
    with Path(file.local).open("rb") as stream:
        head = stream.read(_SAMPLE)
        stream.seek(max(0, file.size - _SAMPLE))
        tail = stream.read(_SAMPLE)
    joined = f"{file.size}{hashlib.sha1(head).hexdigest()}{hashlib.sha1(tail).hexdigest()}"  # noqa: S324 - an id
    return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - an id


@dataclass(slots=True)
class PartState:
    """What the server knows of one file; `adopted` is the flag that players go by."""

    id: int
    file: FoundFile
    hash: str
    adopted: bool = False


@dataclass(slots=True)
class Bundles:
    """The preview files below the data folder, with the cache that only a restart empties.

    A preview that was served once is served from memory ever after, even when the file is replaced: so Plex does.
    """

    config_folder: str
    _served: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def on_disk(self, part_hash: str) -> bool:
        """Whether the bundle holds a preview file that parses."""
        return bif_at(self._path(part_hash)) is not None

    def served(self, part_hash: str) -> bytes | None:
        """The preview that players get: the cached one, else the one on disk."""
        if part_hash not in self._served and self.on_disk(part_hash):
            self._served[part_hash] = self._path(part_hash).read_bytes()
        return self._served.get(part_hash)

    def frame(self, part_hash: str, offset_ms: int) -> bytes | None:
        """The JPEG that is shown at this time."""
        data = self.served(part_hash)
        if data is None:
            return None
        bif: Bif = read_bif(data)
        shown = [frame for start, frame in zip(bif.times_ms, bif.frames, strict=True) if start <= offset_ms]
        return bytes(shown[-1]) if shown else None

    def restart(self) -> None:
        """Forget what was served."""
        self._served.clear()

    def _path(self, part_hash: str) -> Path:
        bundle = Path(self.config_folder, "Media", "localhost", part_hash[0], f"{part_hash[1:]}.bundle")
        return bundle / "Contents" / "Indexes" / "index-sd.bif"
