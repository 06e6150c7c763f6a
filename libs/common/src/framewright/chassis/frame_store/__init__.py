"""Where frame packs live between extraction and publishing: a stream of the bus, or a folder that all services share."""

from framewright.chassis.frame_store.bus import BusFrameStore
from framewright.chassis.frame_store.folder import FolderFrameStore
from framewright.chassis.frame_store.keeping import Keeping, keeping
from framewright.chassis.frame_store.opening import frame_store

__all__ = ["BusFrameStore", "FolderFrameStore", "Keeping", "frame_store", "keeping"]
