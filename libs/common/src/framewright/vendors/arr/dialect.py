"""What the payloads of all *arr programs share; field names from the `Webhook*` payload classes of Sonarr and Radarr.

Keys are camelCase, nulls are left out, every payload names its instance. `deletedFiles` is an array beside an import (what the
new file took the place of) and a boolean beside the deletion of a whole folder. `recycleBinPath` is never library content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from framewright.domain.media import is_video
from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    NO_FILE,
    NO_VIDEO,
    UPGRADE,
    Change,
    Payload,
    Status,
    Understood,
    ignored,
    joined,
    quarantined,
    settled,
    shaped,
    word,
)

IMPORT_FAILED = "the import failed"
FILES_STAY = "the files were left in place"
NOT_YET = "nothing is imported yet"


class File(msgspec.Struct, rename="camel"):
    """A file of the library; the relative paths are relative to the folder of its series, movie, artist or author."""

    path: str = ""
    relative_path: str = ""
    previous_path: str = ""
    previous_relative_path: str = ""


class ArrEvent(msgspec.Struct, rename="camel"):
    """The fields that every program of the family gives the same meaning."""

    event_type: str = ""
    instance_name: str = ""
    download_id: str = ""
    is_upgrade: bool = False
    deleted_files: list[File] | bool = False
    delete_reason: str = ""


E = TypeVar("E", bound=ArrEvent)
Meaning = Callable[[E], tuple[Change, ...] | str]
"""From an event to its changes, or to the reason why there are none to make."""


@dataclass(frozen=True, slots=True)
class Shape(Generic[E]):
    """The payloads of one kind of library: their struct, their title, and the event types that change files."""

    kind: type[E]
    title: Callable[[E], str]
    meanings: Mapping[str, Meaning[E]]


def understand(name: str, shape: Shape[E], payload: Payload) -> Understood:
    """What a payload of the program `name` means; relatives of Sonarr call `Download` also `OnDownload`."""
    try:
        event = shaped(payload, shape.kind)
    except msgspec.ValidationError as error:
        return quarantined(name, payload.get("eventType"), error)
    title = shape.title(event)
    said = event.event_type
    if said == "Test":
        return Understood(name, Status.TEST, said, title)
    meaning = shape.meanings.get(said.removeprefix("On"))
    found = NO_FILE if meaning is None else meaning(event)
    if isinstance(found, str):
        return ignored(name, said, title, found)
    return settled(name, said, title, found)


def of_instance(payload: Payload, name: str) -> bool:
    """Whether the sender calls itself so: health and update events name nothing but their instance."""
    return "eventType" in payload and name in word(payload.get("instanceName")).casefold()


def imported(event: ArrEvent, root: str, files: Sequence[File]) -> tuple[Change, ...]:
    """The files that came; what they took the place of stands with the first."""
    deleted = event.deleted_files if isinstance(event.deleted_files, list) else []
    replaced = tuple(path for path in (path_of(root, file) for file in deleted) if path)
    kind = ChangeKind.UPGRADED if event.is_upgrade or replaced else ChangeKind.ADDED
    delivery = f"{event.instance_name}|{event.download_id}" if event.download_id else ""
    paths = [path for path in (path_of(root, file) for file in files) if path]
    return tuple(
        Change(kind, path, replaces=replaced if number == 0 else (), delivery=delivery)
        for number, path in enumerate(paths)
    )


def renamed(root: str, files: Sequence[File]) -> tuple[Change, ...]:
    """Old and new paths, computed from the folder: several versions sent wrong absolute ones.

    Versions that do not list the files yet say no more than that something in the folder has changed.
    """
    if not files:
        return (Change(ChangeKind.CHANGED, root),) if root else ()
    pairs = [
        (
            joined(root, file.relative_path) or file.path,
            joined(root, file.previous_relative_path) or file.previous_path,
        )
        for file in files
    ]
    return tuple(Change(ChangeKind.RENAMED, path, previous) for path, previous in pairs if path)


def file_deleted(event: ArrEvent, path: str) -> tuple[Change, ...]:
    """The file is gone; with the reason `upgrade` the event comes before the new file is in its place."""
    why = UPGRADE if event.delete_reason.casefold() == UPGRADE else event.delete_reason
    return (Change(ChangeKind.DELETED, path, why=why),) if path else ()


def folder_deleted(event: ArrEvent, root: str) -> tuple[Change, ...] | str:
    """All files of the folder are gone, unless only the program forgot them."""
    if not event.deleted_files:
        return FILES_STAY
    return (Change(ChangeKind.DELETED, root),) if root else ()


def path_of(root: str, file: File | None) -> str:
    """The file's absolute path; empty when the payload does not tell."""
    return (file.path or joined(root, file.relative_path)) if file else ""


def videos_only(changes: tuple[Change, ...]) -> tuple[Change, ...] | str:
    """The changes of videos, for programs whose libraries usually hold none."""
    if not changes:
        return ()
    return tuple(change for change in changes if is_video(change.path)) or NO_VIDEO
