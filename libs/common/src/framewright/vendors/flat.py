"""Payloads that people write themselves: flat JSON with a path in it, in one of the spellings that tools and templates use."""

from collections.abc import Callable

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import (
    NO_PATH,
    Change,
    Payload,
    Status,
    Understood,
    quarantined,
    settled,
    word,
)

SINGLE = ("file_path", "path", "filepath")
SEVERAL = ("file_paths", "dirs")


class UnreadableError(ValueError):
    """A field that should name paths has another type."""


def paths_in(payload: Payload) -> list[str]:
    """Every path that the payload names, files and folders; an empty or null field names none.

    Raises:
        UnreadableError: a field has a wrong type.
    """
    named: list[object] = [payload.get(name) for name in SINGLE]
    for name in SEVERAL:
        several = payload.get(name)
        if several is not None and not isinstance(several, list):
            raise UnreadableError(f"'{name}' must be an array of strings")
        named += several or []
    if any(not isinstance(path, str) for path in named if path is not None):
        raise UnreadableError("paths must be strings")
    return [path for path in named if isinstance(path, str) and path]


def names_itself(name: str) -> Callable[[Payload], bool]:
    """Recognition of a sender whose payload has no shape of its own: only by `"source": "<name>"`."""
    return lambda payload: payload.get("source") == name


def changed_paths(name: str, payload: Payload, change: Callable[[str], Change]) -> Understood:
    """The meaning of a tool's payload; a tool stops its work when it is refused, so it never is."""
    event = word(payload.get("eventType"), "Changed")
    if event == "Test":
        return Understood(name, Status.TEST, event)
    try:
        changes = tuple(change(path) for path in paths_in(payload))
    except UnreadableError as error:
        return quarantined(name, event, error)
    return settled(name, event, word(payload.get("title")), changes)


def wanted_paths(name: str, event: str, payload: Payload, wanted: str) -> Understood:
    """The meaning of a payload that somebody wrote by hand: without a usable path they are told what is wanted."""
    if event == "Test":
        return Understood(name, Status.TEST, event)
    try:
        paths = paths_in(payload)
    except UnreadableError:
        paths = []
    meaning = settled(name, event, word(payload.get("title")), tuple(map(content_changed, paths)))
    if meaning.status is Status.QUEUED:
        return meaning
    reason = (
        wanted
        if not paths
        else f"paths must be absolute: {paths[0]!r}"
        if meaning.reason == NO_PATH
        else meaning.reason
    )
    return Understood(name, Status.UNRECOGNISED, event, meaning.title, reason)


def content_changed(path: str) -> Change:
    """The file may hold something else now; a folder stands for its videos."""
    return Change(ChangeKind.CHANGED, path)
