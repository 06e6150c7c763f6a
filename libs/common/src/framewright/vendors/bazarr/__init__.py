"""Bazarr: subtitles beside a video."""

from framewright.vendors.bazarr.webhook import SOURCE

__all__ = ["SOURCE"]
