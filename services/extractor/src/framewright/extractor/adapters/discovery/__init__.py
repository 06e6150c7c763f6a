"""Which devices this machine can decode on: every one is found by its maker's way and then has to decode a clip."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from framewright.extractor.adapters.discovery.apple import apple_devices
from framewright.extractor.adapters.discovery.decode_test import TEST_SECONDS, decode_test
from framewright.extractor.adapters.discovery.host import Host
from framewright.extractor.adapters.discovery.nvidia import nvidia_devices
from framewright.extractor.adapters.discovery.processor import processor
from framewright.extractor.adapters.discovery.render_nodes import render_devices
from framewright.extractor.domain.devices import Device

__all__ = ["TEST_SECONDS", "Host", "candidates", "decode_test", "discover"]


async def discover(
    host: Host, found: Callable[[Device], None] = lambda _device: None, wait: float = TEST_SECONDS
) -> tuple[Device, ...]:
    """Every device with the outcome of its decode test, GPUs first; `found` hears of each as soon as it is known."""

    async def examine(device: Device) -> Device:
        examined = replace(device, error=await decode_test(device, host, wait))
        found(examined)
        return examined

    return tuple(await asyncio.gather(*(examine(device) for device in await candidates(host))))


async def candidates(host: Host) -> tuple[Device, ...]:
    """Every device that may be there, untried."""
    nvidia = await nvidia_devices(host)
    return (*nvidia, *render_devices(host), *apple_devices(host), processor(host))
