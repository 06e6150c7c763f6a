"""Radarr (v3 to v5): webhooks of the connection type "Webhook"."""

from framewright.vendors.radarr.webhook import SOURCE

__all__ = ["SOURCE"]
