"""A simulated Radarr."""

from framewright.vendors.arr.simulator import ArrState, create_app


def radarr() -> ArrState:
    """Radarr with an empty history."""
    return ArrState("Radarr", "movieId", "movie", version="5.26.2.10099")


__all__ = ["create_app", "radarr"]
