"""A simulated Jellyfin server, 10.10 to 12.0, over real folders; checked against Jellyfin's OpenAPI document 12.0.

Adoption of trickplay follows the server's source per version; the plugin Media Preview Bridge can be played too. Guesses,
because files are not opened: every video runs one minute and is 1920 pixels wide unless told otherwise; a refresh takes
effect at once; the playlist names its sheets without a token; off-media tiles are deleted on 12.0 when extraction is off.
Versions are merged as the source does it, from file names alone: `mediabrowser.simulator.versions`.
"""

from framewright.vendors.jellyfin.simulator.app import create_app, serve
from framewright.vendors.jellyfin.simulator.settings import LibrarySettings, TrickplaySettings
from framewright.vendors.jellyfin.simulator.state import JellyfinState

__all__ = ["JellyfinState", "LibrarySettings", "TrickplaySettings", "create_app", "serve"]
