"""The payload of plex_autoscan's manual scan; `filepath` is a file or a folder (a folder stands for its videos)."""

from framewright.domain.outcome import ChangeKind
from framewright.vendors.source import Change, Payload, Source, Status, Understood, settled, word

NAME = "autoscan"


def recognises(payload: Payload) -> bool:
    """The flat `filepath` field."""
    return "filepath" in payload


def understand(payload: Payload) -> Understood:
    """What a manual scan request means."""
    event = word(payload.get("eventType"), "Manual")
    if event == "Test":
        return Understood(NAME, Status.TEST, event)
    path = payload.get("filepath")
    if not isinstance(path, str) or not path:
        return Understood(NAME, Status.UNRECOGNISED, event, reason="Payload must include 'filepath' (string)")
    return settled(NAME, event, "", (Change(ChangeKind.CHANGED, path),))


SOURCE = Source(NAME, "Autoscan", recognises, understand)
