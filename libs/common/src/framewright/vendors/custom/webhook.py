"""The custom payload: `file_path` (string), `file_paths` (array of strings) or a templated `path`; `title` is optional."""

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, settled, word

NAME = "custom"
WANTED = "Payload must include 'file_path' (string) or 'file_paths' (array of strings)"


def recognises(payload: Payload) -> bool:
    """One of the three path fields, or the explicit test."""
    return any(name in payload for name in ("file_path", "file_paths", "path")) or payload.get("eventType") == "Test"


def understand(payload: Payload) -> Understood:
    """What a custom payload means; one without a usable path is unrecognised, so that whoever wrote it is told."""
    event = word(payload.get("eventType"), "Custom")
    if event == "Test":
        return Understood(NAME, Status.TEST, event)
    single = payload.get("file_path") or payload.get("path")
    several = payload.get("file_paths")
    listed: list[object] = [*([single] if single else []), *(several if isinstance(several, list) else [])]
    paths = [path for path in listed if isinstance(path, str) and path]
    if not paths or len(paths) != len(listed) or not isinstance(several, list | None):
        return Understood(NAME, Status.UNRECOGNISED, event, reason=WANTED)
    changes = tuple(Change(ChangeKind.CHANGED, path) for path in paths)
    return settled(NAME, event, word(payload.get("title")), changes)


SOURCE = Source(NAME, "Custom", recognises, understand)
