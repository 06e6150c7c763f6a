"""Sportarr: recorded sports events, in Sonarr's words or in flat ones."""

from framewright.vendors.sportarr.webhook import SOURCE

__all__ = ["SOURCE"]
