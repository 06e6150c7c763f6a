"""Sonarr (v3, v4): webhooks of the connection type "Webhook"."""

from framewright.vendors.sonarr.webhook import SOURCE

__all__ = ["SOURCE"]
