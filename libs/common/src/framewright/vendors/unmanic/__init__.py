"""Unmanic: the hook that runs after post-processing."""

from framewright.vendors.unmanic.webhook import SOURCE

__all__ = ["SOURCE"]
