"""Tdarr: a flow's "Send Web Request"."""

from framewright.vendors.tdarr.webhook import SOURCE

__all__ = ["SOURCE"]
