"""Intel and AMD on Linux: the kernel's render nodes, `/sys/class/drm/renderD*` and `/dev/dri/renderD*`."""

import re
from dataclasses import dataclass
from pathlib import Path

import structlog

from framewright.extractor.adapters.discovery.host import Host, first_line, lines_of
from framewright.extractor.domain.acceleration import Acceleration
from framewright.extractor.domain.devices import Device

UNKNOWN = "unknown"
"""Maker of a node of which the kernel shows nothing but the node itself."""

MAKERS = {"0x8086": "intel", "0x1002": "amd", "0x10de": "nvidia"}
"""PCI vendor numbers."""

WORDS = {"intel": "Intel", "amd": "AMD", "nvidia": "NVIDIA"}

NVIDIA_DRIVER = "nvidia"
"""NVIDIA's own driver speaks CUDA, not VA-API; such cards are found and decode in another way."""

_NODE = re.compile(r"renderD(\d+)")

log = structlog.get_logger("devices")


@dataclass(frozen=True, slots=True)
class RenderNode:
    """One render node as sysfs describes it; `chip` is the PCI device number in hex, empty when it is not shown."""

    name: str
    maker: str
    driver: str = ""
    chip: str = ""


def render_devices(host: Host) -> tuple[Device, ...]:
    """The nodes that decode through VA-API or what was chosen instead, lowest number first."""
    return tuple(_device(host, node) for node in render_nodes(host) if node.driver != NVIDIA_DRIVER)


def render_nodes(host: Host) -> tuple[RenderNode, ...]:
    """Every node of a known maker, and every one that only `/dev/dri` knows: containers may hide sysfs."""
    shown = _numbered(host.sysfs / "class" / "drm")
    nodes = [_described(path) for path in shown]
    strangers = [node.name for node in nodes if not node.maker]
    if strangers:
        log.info("render nodes of other makers are left alone", nodes=strangers)
    hidden = [RenderNode(path.name, UNKNOWN) for path in _numbered(host.dev / "dri") if path.name not in _names(shown)]
    return (*(node for node in nodes if node.maker), *hidden)


def _numbered(folder: Path) -> list[Path]:
    """The render nodes of a folder by number; none when there is no such folder."""
    try:
        entries = [(found, path) for path in folder.iterdir() if (found := _NODE.fullmatch(path.name))]
    except OSError:
        return []
    return [path for _, path in sorted((int(found.group(1)), path) for found, path in entries)]


def _names(paths: list[Path]) -> set[str]:
    return {path.name for path in paths}


def _described(path: Path) -> RenderNode:
    events = [line.partition("=") for line in lines_of(path / "device" / "uevent")]
    driver = next((value for key, _, value in events if key == "DRIVER"), "")
    chip = first_line(path / "device" / "device").strip().removeprefix("0x")
    maker = MAKERS.get(first_line(path / "device" / "vendor").strip().lower(), "")
    return RenderNode(path.name, maker, driver, chip)


def _device(host: Host, node: RenderNode) -> Device:
    about = " ".join(filter(None, (WORDS.get(node.maker, ""), "GPU", node.chip or node.name)))
    name = f"{about} ({node.driver})" if node.driver else about
    interface = Acceleration(host.choices.render_node or Acceleration.VAAPI)
    return Device(str(host.dev / "dri" / node.name), name, node.maker, interface)
