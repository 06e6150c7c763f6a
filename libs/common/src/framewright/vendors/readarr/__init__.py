"""Readarr (retired): books, answered so that it goes on sending."""

from framewright.vendors.readarr.webhook import SOURCE

__all__ = ["SOURCE"]
