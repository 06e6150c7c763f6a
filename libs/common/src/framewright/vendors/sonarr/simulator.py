"""A simulated Sonarr."""

from framewright.vendors.arr.simulator import ArrState, create_app


def sonarr() -> ArrState:
    """Sonarr with an empty history."""
    return ArrState("Sonarr", "episodeId", "episode")


__all__ = ["create_app", "sonarr"]
