"""What the router does: changed paths become work, removals and reasons; nudges and orders become what they ask for."""

from framewright.router.handlers.changes import on_failure, on_media_changed
from framewright.router.handlers.given import Router
from framewright.router.handlers.nudges import on_nudge
from framewright.router.handlers.orders import on_job_moved

__all__ = ["Router", "on_failure", "on_job_moved", "on_media_changed", "on_nudge"]
