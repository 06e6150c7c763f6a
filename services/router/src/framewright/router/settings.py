"""What the router reads from the environment."""

from framewright.chassis.settings import ProcessSettings


class RouterSettings(ProcessSettings, frozen=True, kw_only=True):
    """Where media may lie."""

    media_root: str = "/"
    """What every path must resolve to lie under, links followed."""
