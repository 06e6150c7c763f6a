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
    """One file for one server: our path, the server's spellings (best first) and the wanted rendition."""

    local_path: str
    remote_paths: tuple[str, ...]
    rendition: Rendition
    library_id: str = ""


@dataclass(frozen=True, slots=True)
class Located:
    """Where the outputs of one file go; `item_id` when the server knows the file.

    `note` is what the operator should know about the place, in one sentence.
    """

    outputs: tuple[Output, ...]
    item_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Who answered: the vendor's own id of the server, its display name and version."""

    id: str
    name: str
    version: str
