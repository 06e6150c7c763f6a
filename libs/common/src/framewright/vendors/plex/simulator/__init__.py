"""A simulated Plex Media Server over real folders, checked against Plex's public API document and python-plexapi.

Guesses, because nothing public says so: the part hash (see `parts`), that analysis takes effect at once, which files are
versions of one item (see `items`), titles and ids from file names, a duration of one minute, when events come and what they say (see `events`); no websocket.
"""

from framewright.vendors.plex.simulator.app import create_app, serve
from framewright.vendors.plex.simulator.state import PlexState

__all__ = ["PlexState", "create_app", "serve"]
