"""What a Plex Media Server asks of a custom metadata provider, and in which words it is answered. Pure.

Since 1.43 a server takes metadata from any HTTP service whose address it was given. Sources: Plex's own documents of the
protocol (MediaProvider, API Endpoints, Metadata; in its public example provider and at developer.plex.tv), and what
several independent providers do. What no source settles stands in docs/plex-metadata.md.
"""

from framewright.vendors.plex.provider.containers import Page, image_container, metadata_container, page_of
from framewright.vendors.plex.provider.describe import metadata
from framewright.vendors.plex.provider.item import Item, Picture, PictureKind
from framewright.vendors.plex.provider.wish import Wish, wish_of
from framewright.vendors.plex.provider.words import ItemKind, Provider, definition, own_key

__all__ = [
    "Item",
    "ItemKind",
    "Page",
    "Picture",
    "PictureKind",
    "Provider",
    "Wish",
    "definition",
    "image_container",
    "metadata",
    "metadata_container",
    "own_key",
    "page_of",
    "wish_of",
]
