"""The world outside the router: the work queue, the disk, and what the servers themselves say."""

from framewright.router.adapters.libraries import LibraryReader
from framewright.router.adapters.surroundings import JobQueue, MountedDisk, Renditions

__all__ = ["JobQueue", "LibraryReader", "MountedDisk", "Renditions"]
