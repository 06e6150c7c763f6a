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
    """One file for one server: our path, the server's spellings (best first) and the wanted renditions.

    `further` are those that are wanted besides `rendition`. `video_width` is the stored width of the film in pixels, 0 while
    nobody knows it: some servers never show wider tiles. `size` are the bytes of the file that the frames were taken from, 0
    where it does not matter. `library_ids` are all libraries that hold the file, where there are several; `library_id` is the
    one whose rules count. `item_id` is the server's id of the very item that is meant, empty for any that holds the file; a
    server that needs no item goes by the path all the same.
    """

    local_path: str
    remote_paths: tuple[str, ...]
    rendition: Rendition
    library_id: str = ""
    video_width: int = 0
    size: int = 0
    library_ids: tuple[str, ...] = ()
    further: tuple[Rendition, ...] = ()
    item_id: str = ""

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """All that is wanted."""
        return (self.rendition, *self.further)


@dataclass(frozen=True, slots=True)
class Located:
    """Where the outputs of one file go; `item_id` when the server knows the file.

    `note` is what the operator should know about the place, in one sentence.
    """

    outputs: tuple[Output, ...]
    item_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why nothing may be written for a file now, and what cures that, in words; `code` names the kind."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What lies in an output: thumbnails `interval_ms` apart, in `sheets` sheets (0: no sheets), `width` pixels wide.

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
