"""NVIDIA: by `nvidia-smi`, else by the driver's device files, else by the render nodes of its driver."""

import re

import structlog

from framewright.extractor.adapters.children import ask
from framewright.extractor.adapters.discovery.host import Host
from framewright.extractor.adapters.discovery.render_nodes import NVIDIA_DRIVER, render_nodes
from framewright.extractor.domain.acceleration import Acceleration
from framewright.extractor.domain.devices import Device

QUERY = ("--query-gpu=index,name,uuid", "--format=csv,noheader")

QUERY_SECONDS = 10.0

_NODE = re.compile(r"nvidia\d+")
_ROW = re.compile(r"\s*(\d+)\s*,\s*(.+?)\s*,\s*(GPU-\S+|\[.*\]|)\s*")

log = structlog.get_logger("devices")


async def nvidia_devices(host: Host) -> tuple[Device, ...]:
    """Every card as `cuda:N`, counted by bus; whether CUDA works there is left to the decode test."""
    named = await _asked(host.program("nvidia-smi"))
    if named:
        return tuple(_device(number, name) for number, name in sorted(named.items()))
    return tuple(_device(number, f"NVIDIA GPU {number}") for number in _numbers(host))


async def _asked(program: str) -> dict[int, str]:
    """Names by number as the driver's own tool tells them; none without it, or when it fails."""
    if not program:
        return {}
    try:
        answer = await ask((program, *QUERY), QUERY_SECONDS)
    except OSError as error:
        log.warning("nvidia-smi cannot be run", reason=str(error))
        return {}
    if answer.code != 0:
        log.warning("nvidia-smi failed", ending=answer.ending, said=answer.said[:200])
        return {}
    rows = (_ROW.fullmatch(line) for line in answer.said.splitlines())
    return {int(row.group(1)): row.group(2) for row in rows if row}


def _numbers(host: Host) -> range:
    """The cards that the driver made device files for; a container may show the driver but pass no card in.

    CUDA counts what it is given, from 0, whatever the numbers of the files are.
    """
    try:
        names = [path.name for path in host.dev.iterdir()]
    except OSError:
        names = []
    cards = sum(_NODE.fullmatch(name) is not None for name in names)
    return range(cards or sum(node.driver == NVIDIA_DRIVER for node in render_nodes(host)))


def _device(number: int, name: str) -> Device:
    return Device(f"cuda:{number}", name, "nvidia", Acceleration.CUDA)
