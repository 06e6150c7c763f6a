"""What extractors say of themselves: which devices they decode on, in the `presence` bucket, one key per worker.

Device names are those users of Media Preview Generator know: `cuda:0`, `/dev/dri/renderD128`, `videotoolbox`, `cpu`.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import msgspec

from framewright.contracts.base import Message

PRESENCE_PREFIX = "extractor."
"""Keys of the bucket are this and the worker's name."""


class DeviceState(StrEnum):
    """Whether the device decoded a test picture at the last look."""

    WORKING = "working"
    FAILED = "failed"


class DeviceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One device of one worker as it stands.

    `type` is nvidia, intel, amd, apple or cpu; `acceleration` cuda, vaapi, qsv, vulkan, videotoolbox or none; `error` says
    why the decode test failed; `busy` of `workers` slots are at work; `ffmpeg_threads` caps the CPU threads of one file.
    """

    device: str
    name: str
    type: str
    acceleration: str = "none"
    status: DeviceState = DeviceState.WORKING
    error: str = ""
    enabled: bool = True
    workers: int = 1
    ffmpeg_threads: int = 0
    busy: int = 0


class WorkerPresence(msgspec.Struct, frozen=True, kw_only=True):
    """One extractor process; the key goes away by itself when nothing is heard for a while."""

    worker: str
    host: str
    started_at: datetime
    scanned_at: datetime
    devices: tuple[DeviceStatus, ...] = ()
    warnings: tuple[str, ...] = ()


class RescanDevicesV1(Message, frozen=True, kw_only=True):
    """Every extractor looks for its devices anew; published without storage, only a running one can answer."""

    HEAD: ClassVar[str] = "live.v1.rescan-devices"
    at: datetime

    def tokens(self) -> tuple[str, ...]:
        return ()

    def dedupe_key(self) -> str:
        return ""
