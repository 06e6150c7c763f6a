"""Any other tool: Tdarr, FileFlows, scripts, a template that can name a path."""

from framewright.vendors.custom.webhook import SOURCE

__all__ = ["SOURCE"]
