"""What the terminal shows while the system works: one line per job and change, read from our own REST API."""

import json
import time
import urllib.request
from collections.abc import Iterator

EVERY_SECONDS = 1.0


class Progress:
    """Follows the newest jobs."""

    def __init__(self, address: str, token: str) -> None:
        self._request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{address}/api/jobs?per_page=10", headers={"X-Auth-Token": token}
        )
        self._next = 0.0
        self._shown: dict[str, str] = {}

    def news(self) -> Iterator[str]:
        """Lines about jobs whose state changed since the last look."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY_SECONDS
        try:
            with urllib.request.urlopen(self._request, timeout=2) as answer:  # noqa: S310
                jobs = json.load(answer)["jobs"]
        except (OSError, ValueError, KeyError):
            return  # still starting; the next look will tell
        for job in reversed(jobs):
            line = f"{job['status']:<10} {job['completed_items']}/{job['total_items']}  {job['library_name']}"
            if self._shown.get(job["id"]) != line:
                self._shown[job["id"]] = line
                yield line
