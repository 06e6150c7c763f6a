"""Whisparr: v2 speaks as Sonarr does, v3 as Radarr."""

from framewright.vendors.whisparr.webhook import SOURCE

__all__ = ["SOURCE"]
