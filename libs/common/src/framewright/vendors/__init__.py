"""Every vendor: media servers that are written to (`servers`), and sources that send events (`sources`).

A vendor is a folder. Adding one is its folder and one line in a table; nothing else in the system names a vendor.
"""

from framewright.vendors.arr.history import (
    Past,
    PastChange,
)
from framewright.vendors.events import (
    EventKind,
    ServerEvent,
)
from framewright.vendors.exchange import (
    Gate,
    GatedClient,
)
from framewright.vendors.health import (
    Auditor,
)
from framewright.vendors.metadata import (
    PlexItem,
    PlexItemKind,
    PlexPage,
    PlexPicture,
    PlexPictureKind,
    PlexProvider,
    PlexWish,
    plex_definition,
    plex_image_container,
    plex_metadata,
    plex_metadata_container,
    plex_own_key,
    plex_page,
    plex_wish,
)
from framewright.vendors.places import (
    Place,
)
from framewright.vendors.recognition import (
    Recogniser,
)
from framewright.vendors.renditions import (
    Renditions,
)
from framewright.vendors.scanning import (
    ABOVE,
    ROOT,
    Scanner,
    ScanStep,
    ScanWish,
)
from framewright.vendors.servers import (
    VENDORS,
    auditor,
    item_files,
    library_page,
    listed_files,
    lists_files,
    media_server,
    output_place,
    planned_calls,
    planned_outputs,
    provider_files,
    refresh_item,
    scanner,
    server_events,
    sessions,
    video_stem,
)
from framewright.vendors.sign_in import (
    API_KEYS,
    PASSWORDS,
    QUICK_CONNECT,
    Approval,
    FoundPlexServer,
    PlexAccount,
    PlexAddresses,
    PlexMethod,
    PlexPlace,
    PlexSpare,
    PlexStanding,
    SignedIn,
    Visit,
)
from framewright.vendors.source import (
    Source,
    Understood,
)
from framewright.vendors.sources import (
    SOURCES,
    past_changes,
    recognise,
    sender_version,
    source,
)

__all__ = [
    "ABOVE",
    "API_KEYS",
    "PASSWORDS",
    "QUICK_CONNECT",
    "ROOT",
    "SOURCES",
    "VENDORS",
    "Approval",
    "Auditor",
    "EventKind",
    "FoundPlexServer",
    "Gate",
    "GatedClient",
    "Past",
    "PastChange",
    "Place",
    "PlexAccount",
    "PlexAddresses",
    "PlexItem",
    "PlexItemKind",
    "PlexMethod",
    "PlexPage",
    "PlexPicture",
    "PlexPictureKind",
    "PlexPlace",
    "PlexProvider",
    "PlexSpare",
    "PlexStanding",
    "PlexWish",
    "Recogniser",
    "Renditions",
    "ScanStep",
    "ScanWish",
    "Scanner",
    "ServerEvent",
    "SignedIn",
    "Source",
    "Understood",
    "Visit",
    "auditor",
    "item_files",
    "library_page",
    "listed_files",
    "lists_files",
    "media_server",
    "output_place",
    "past_changes",
    "planned_calls",
    "planned_outputs",
    "plex_definition",
    "plex_image_container",
    "plex_metadata",
    "plex_metadata_container",
    "plex_own_key",
    "plex_page",
    "plex_wish",
    "provider_files",
    "recognise",
    "refresh_item",
    "scanner",
    "sender_version",
    "server_events",
    "sessions",
    "source",
    "video_stem",
]
