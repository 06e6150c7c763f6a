"""Autoscan: the manual trigger of plex_autoscan and its forks, and the triggers of its successor, whose set-ups work unchanged."""

from framewright.vendors.autoscan.webhook import SOURCE

__all__ = ["SOURCE"]
