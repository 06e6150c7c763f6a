"""The custom payload: `file_path` (string), `file_paths` (array of strings) or a templated `path`; `title` is optional.

A path may be a folder: it stands for its videos. `regenerate` asks for new previews even where the old ones are fresh.
"""

from dataclasses import replace

from framewright.vendors.flat import wanted_paths
from framewright.vendors.source import Payload, Source, Understood, word

NAME = "custom"
WANTED = "Payload must include 'file_path' (string) or 'file_paths' (array of strings)"
YES = frozenset({"1", "true", "yes", "on"})


def recognises(payload: Payload) -> bool:
    """One of the three path fields, or the explicit test."""
    return any(name in payload for name in ("file_path", "file_paths", "path")) or payload.get("eventType") == "Test"


def understand(payload: Payload) -> Understood:
    """What a custom payload means; one without a usable path is unrecognised, so that whoever wrote it is told."""
    meaning = wanted_paths(NAME, word(payload.get("eventType"), "Custom"), payload, WANTED)
    return replace(meaning, regenerate=str(payload.get("regenerate", "")).casefold() in YES)


SOURCE = Source(NAME, "Custom", recognises, understand)
