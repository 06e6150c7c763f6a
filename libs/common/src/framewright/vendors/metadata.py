"""Media servers that come to us for metadata: what they ask, and how they are answered. Only Plex does."""

from framewright.vendors.plex.provider import (
    Item as PlexItem,
)
from framewright.vendors.plex.provider import (
    ItemKind as PlexItemKind,
)
from framewright.vendors.plex.provider import (
    Page as PlexPage,
)
from framewright.vendors.plex.provider import (
    Picture as PlexPicture,
)
from framewright.vendors.plex.provider import (
    PictureKind as PlexPictureKind,
)
from framewright.vendors.plex.provider import (
    Provider as PlexProvider,
)
from framewright.vendors.plex.provider import (
    Wish as PlexWish,
)
from framewright.vendors.plex.provider import (
    definition as plex_definition,
)
from framewright.vendors.plex.provider import (
    image_container as plex_image_container,
)
from framewright.vendors.plex.provider import (
    metadata as plex_metadata,
)
from framewright.vendors.plex.provider import (
    metadata_container as plex_metadata_container,
)
from framewright.vendors.plex.provider import (
    own_key as plex_own_key,
)
from framewright.vendors.plex.provider import (
    page_of as plex_page,
)
from framewright.vendors.plex.provider import (
    wish_of as plex_wish,
)

__all__ = [
    "PlexItem",
    "PlexItemKind",
    "PlexPage",
    "PlexPicture",
    "PlexPictureKind",
    "PlexProvider",
    "PlexWish",
    "plex_definition",
    "plex_image_container",
    "plex_metadata",
    "plex_metadata_container",
    "plex_own_key",
    "plex_page",
    "plex_wish",
]
