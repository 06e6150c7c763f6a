"""The requests of autoscan's manual triggers; a path is a file or a folder (a folder stands for its videos).

`{"eventType": "Manual", "filepath": …}` comes to `POST /{SERVER_PASS}`. `{"dirs": […]}` is what the door makes of the query
`?dir=…&dir=…` or `?path=…`.
"""

from framewright.vendors.flat import wanted_paths
from framewright.vendors.source import Payload, Source, Understood, word

NAME = "autoscan"
WANTED = "Payload must include 'filepath' (string)"


def recognises(payload: Payload) -> bool:
    """The flat `filepath` field, or the folders of a trigger."""
    return "filepath" in payload or "dirs" in payload


def understand(payload: Payload) -> Understood:
    """What a manual scan request means."""
    return wanted_paths(NAME, word(payload.get("eventType"), "Manual"), payload, WANTED)


SOURCE = Source(NAME, "Autoscan", recognises, understand)
