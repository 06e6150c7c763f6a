"""Tautulli: notifications of a Plex server, in a template that the user writes."""

from framewright.vendors.tautulli.webhook import SOURCE

__all__ = ["SOURCE"]
