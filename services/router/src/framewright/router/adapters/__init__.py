"""The world outside the router: the work queue, the disk, what was published, and what the servers themselves say."""

from framewright.router.adapters.backlog import BusBacklog
from framewright.router.adapters.libraries import LibraryReader
from framewright.router.adapters.queue import JobQueue
from framewright.router.adapters.records import PublishedRecords
from framewright.router.adapters.surroundings import MountedDisk
from framewright.vendors import Renditions

__all__ = ["BusBacklog", "JobQueue", "LibraryReader", "MountedDisk", "PublishedRecords", "Renditions"]
