"""The CPU: always there."""

import platform

from framewright.extractor.adapters.discovery.host import Host, lines_of
from framewright.extractor.domain.devices import Device
from framewright.extractor.domain.request import CPU


def processor(host: Host) -> Device:
    """The CPU by the model name that the kernel tells, see proc(5)."""
    models = (
        line.partition(":")[2].strip() for line in lines_of(host.proc / "cpuinfo") if line.startswith("model name")
    )
    return Device(CPU, next(models, "") or platform.processor() or platform.machine() or "CPU", "cpu")
