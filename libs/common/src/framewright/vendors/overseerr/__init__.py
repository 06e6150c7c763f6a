"""Overseerr and Jellyseerr: what somebody asked for can be watched now."""

from framewright.vendors.overseerr.webhook import SOURCE

__all__ = ["SOURCE"]
