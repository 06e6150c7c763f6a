"""Lidarr: music, among it music videos."""

from framewright.vendors.lidarr.webhook import SOURCE

__all__ = ["SOURCE"]
