"""A simulated Emby Server over real folders, after Emby's public REST reference 4.8.

Guesses, because the server is closed: a sidecar is noticed on any scan or refresh of its video and at once; one that
does not parse is ignored; the form of the thumbnail set; every video runs one minute; versions are merged as the last public
code did it; a query by path finds the item by any of its versions, each of which says its own id in `ItemId`.
"""

from framewright.vendors.emby.simulator.app import create_app, serve
from framewright.vendors.emby.simulator.state import EmbyState

__all__ = ["EmbyState", "create_app", "serve"]
