"""Autoscan's manual trigger: `POST /{SERVER_PASS}` with `{"eventType": "Manual", "filepath": …}`."""

from framewright.vendors.autoscan.webhook import SOURCE

__all__ = ["SOURCE"]
