"""Apple: every Mac has the one media engine behind VideoToolbox."""

import platform

from framewright.extractor.adapters.discovery.host import Host
from framewright.extractor.domain.acceleration import Acceleration
from framewright.extractor.domain.devices import Device


def apple_devices(host: Host) -> tuple[Device, ...]:
    """The media engine on macOS, nothing elsewhere."""
    if host.platform != "darwin":
        return ()
    name = "Apple media engine" if platform.machine() == "arm64" else "Mac media engine"
    return (Device("videotoolbox", name, "apple", Acceleration.VIDEOTOOLBOX),)
