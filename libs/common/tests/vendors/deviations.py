"""Where simulators, or what is sent to them, differ from the public documents; each with its reason."""

from collections.abc import Mapping
from typing import NamedTuple

from .documents import Mismatch, Schema


class Undocumented(NamedTuple):
    """A route that the document does not have; where it has a twin, the answers are compared with those of the twin (`like`)."""

    reason: str
    like: str = ""


UNDOCUMENTED: Mapping[str, Mapping[str, Undocumented]] = {
    "plex": {
        "GET /library": Undocumented("python-plexapi asks for the library as a whole"),
        "GET /library/sections": Undocumented("the usual way to list sections", "GET /library/sections/all"),
        "GET /library/sections/": Undocumented("as some clients write it", "GET /library/sections/all"),
        "GET /library/sections/{key}/refresh": Undocumented(
            "all clients scan with GET, the document has POST alone", "POST /library/sections/{sectionId}/refresh"
        ),
        "GET /library/recentlyAdded": Undocumented("python-plexapi asks for it", "GET /library/all"),
        "GET /library/metadata/{key}/children": Undocumented(
            "python-plexapi asks for it", "GET /library/metadata/{ids}/allLeaves"
        ),
    },
    "jellyfin": {
        "GET /health": Undocumented("for those who watch containers"),
        "GET /socket": Undocumented("a WebSocket, whose messages are compared by themselves"),
        "GET /MediaPreviewBridge/Ping": Undocumented("of a plugin"),
        "POST /MediaPreviewBridge/Trickplay/{item_id}": Undocumented("of a plugin"),
    },
    "emby": {
        "GET /Library/VirtualFolders": Undocumented("as servers before 4.8 list libraries"),
        "GET /embywebsocket": Undocumented("a WebSocket, of which the reference says nothing"),
    },
}

_TREE = "servers answer MetadataItem, MediaItem and MediaPart with its hash, the document has items of a library"
_EMPTY = "the reference has 200 for every answer without a body, servers have 204; we take either"
_EMPTY_CALLS = (
    "POST /Items/{Id}/Refresh",
    "POST /Library/Media/Updated",
    "POST /Library/VirtualFolders/LibraryOptions",
    "POST /ScheduledTasks/Running/{Id}",
    "POST /ScheduledTasks/{Id}/Triggers",
)
_PREVIEWS = "another program sets this option on servers from 4.8 on, the reference does not have it"

DEVIATIONS: Mapping[str, Mapping[Mismatch, str]] = {
    "plex": {
        Mismatch("GET /:/eventsource/notifications", "answer", "text/event-stream"): "what every such stream is",
        Mismatch(
            "GET /:/eventsource/notifications", "query", "filters"
        ): "all clients say filters, and so do its examples",
        Mismatch("GET /activities", "answer", "size"): "the document forgets the size that every container has",
        Mismatch("GET /library/sections/all", "answer", "hidden"): "the document says boolean, servers send 0, 1 or 2",
        Mismatch(
            "GET /library/sections/{sectionId}/all", "answer", "Meta"
        ): "the document has includeMeta, and not Meta",
        **{Mismatch("GET /library/metadata/{ids}/tree", "answer", name): _TREE for name in ("addedAt", "key", "type")},
    },
    "jellyfin": {},
    "emby": {
        **{Mismatch(call, "answer", "204"): _EMPTY for call in _EMPTY_CALLS},
        Mismatch("GET /Library/VirtualFolders/Query", "answer", "ExtractTrickplayImagesDuringLibraryScan"): _PREVIEWS,
        Mismatch(
            "POST /Library/VirtualFolders/LibraryOptions", "body", "ExtractTrickplayImagesDuringLibraryScan"
        ): _PREVIEWS,
    },
}

SHAPES: Mapping[str, Mapping[str, Schema]] = {
    "plex": {
        # The document describes this answer as a plain list of directories; what a server says there is listed elsewhere.
        "GET /": {"properties": {"MediaContainer": {"$ref": "#/$defs/ServerConfiguration"}}}
    },
    "jellyfin": {},
    "emby": {},
}
"""Answers in place of what the document says, by vendor and call."""
