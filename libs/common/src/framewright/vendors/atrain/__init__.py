"""A-Train: changes of a Google Drive, told by folders."""

from framewright.vendors.atrain.webhook import SOURCE

__all__ = ["SOURCE"]
