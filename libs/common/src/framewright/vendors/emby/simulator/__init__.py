"""A simulated Emby Server over real folders, after Emby's public REST reference 4.8.

Guesses, because the server is closed: a sidecar is noticed on any scan or refresh of its video and at once; one that
does not parse is ignored; the form of the thumbnail set; every video runs one minute; merged versions do not exist.
"""

from framewright.vendors.emby.simulator.app import create_app, serve
from framewright.vendors.emby.simulator.state import EmbyState

__all__ = ["EmbyState", "create_app", "serve"]
