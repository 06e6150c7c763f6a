"""A simulated plex.tv: PIN, device keys and JWTs, account, resources, webhooks; python-plexapi signs in to it.

Guesses, because no document says them: a key that another device registered is refused with 422, a nonce is spent by the
exchange that uses it, and the list of webhooks is refused with 403 for accounts without Plex Pass.
"""

from framewright.vendors.plex.plextv_simulator.app import create_app
from framewright.vendors.plex.plextv_simulator.state import Advertised, PlexTvState, Way

__all__ = ["Advertised", "PlexTvState", "Way", "create_app"]
