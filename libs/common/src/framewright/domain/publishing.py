"""What is written for a server and where: the words that vendors and the publisher share."""

from dataclasses import dataclass
from enum import StrEnum

from framewright.domain.frames import Rendition


class OutputKind(StrEnum):
    """A preview format."""

    BIF = "bif"
    TRICKPLAY = "trickplay"
    WEBVTT = "webvtt"


@dataclass(frozen=True, slots=True)
class Output:
    """One artefact: `path` is a file for BIF and a folder for trickplay and WebVTT, as this system sees it.

    `root` is the existing folder under which missing parents may be created; nothing is created above it.
    """

    kind: OutputKind
    path: str
    root: str
    rendition: Rendition
    tile_width: int = 10
    tile_height: int = 10


@dataclass(frozen=True, slots=True)
class PublishTarget:
    """One file for one server: our path, the server's spellings (best first) and the wanted rendition.

    `video_width` is the stored width of the film in pixels, 0 while nobody knows it: some servers never show wider tiles.
    """

    local_path: str
    remote_paths: tuple[str, ...]
    rendition: Rendition
    library_id: str = ""
    video_width: int = 0


@dataclass(frozen=True, slots=True)
class Located:
    """Where the outputs of one file go; `item_id` when the server knows the file.

    `note` is what the operator should know about the place, in one sentence. `hindrance` says why the server would delete
    what is written there and what cures that; while it is not empty nothing is written.
    """

    outputs: tuple[Output, ...]
    item_id: str = ""
    note: str = ""
    hindrance: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What lies in the first output: thumbnails `interval_ms` apart, in `sheets` sheets (0: no sheets), `width` pixels wide.

    A number of thumbnails of 0 means that it is not known any more.
    """

    interval_ms: int
    width: int
    thumbnails: int = 0
    sheets: int = 0


class ShowingState(StrEnum):
    """Whether a server itself shows the outputs."""

    SHOWN = "shown"  # read back through the server's own API, and right
    NOT_YET = "not_yet"  # may still come by itself
    MISALIGNED = "misaligned"  # shown, but wrongly; time alone does not mend it
    CANNOT_BE_ASKED = "cannot_be_asked"  # there is no server, or it does not tell


@dataclass(frozen=True, slots=True)
class Showing:
    """A server's answer: the proof when it shows the outputs, else why not and what would help, in plain words."""

    state: ShowingState
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who answered: the vendor's own id of the server, its display name and version."""

    id: str
    name: str
    version: str
