"""What an administrator sets on a simulated Emby or Jellyfin: options of libraries, and when tasks run."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

DAILY = {"Type": "DailyTrigger", "TimeOfDayTicks": 108_000_000_000}
"""03:00 in ticks of 100 ns."""


class WrittenOptions(msgspec.Struct):
    """The body that replaces the options of a library, whole: what is left out is lost."""

    id: str = msgspec.field(default="", name="Id")
    options: dict[str, Any] = msgspec.field(default_factory=dict[str, Any], name="LibraryOptions")


@dataclass
class Upkeep:
    """Options by library name, triggers by the key of the task, how often the server was restarted, and until when it scans."""

    options: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    triggers: dict[str, list[Any]] = field(default_factory=lambda: {"RefreshTrickplayImages": [dict(DAILY)]})
    restarts: int = 0
    _scans_until: float = 0.0

    def scan_until(self, moment: float) -> None:
        """The scan of all libraries runs until that moment of the server's clock, half a second at least."""
        self._scans_until = moment + 0.5

    def state_of(self, key: str, moment: float) -> str:
        """What a task does at a moment."""
        return "Running" if key == "RefreshLibrary" and moment < self._scans_until else "Idle"
