"""FileFlows: a flow's "Web Request"."""

from framewright.vendors.fileflows.webhook import SOURCE

__all__ = ["SOURCE"]
