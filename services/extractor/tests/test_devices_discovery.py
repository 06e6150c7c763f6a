"""Which devices are found on machines of every maker: fake device trees, stand-ins for the makers' programs, real decoding."""

import asyncio
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from framewright.extractor.adapters.discovery import Host, candidates, decode_test, discover
from framewright.extractor.adapters.discovery.decode_test import one_line
from framewright.extractor.adapters.discovery.trial import TrialError, decode, judge
from framewright.extractor.domain.acceleration import Acceleration, Choices
from framewright.extractor.domain.devices import Device

VENDORS = {"intel": "0x8086", "amd": "0x1002", "nvidia": "0x10de", "other": "0x1af4"}

TWO_CARDS = """#!/bin/sh
test "$1 $2" = "--query-gpu=index,name,uuid --format=csv,noheader" || exit 9
echo "0, NVIDIA GeForce RTX 3060, GPU-2c1f2e06-8a58-4f4c-93b5-2f1c5b0b1e11"
echo "1, Tesla P4, rev. 2, GPU-2c1f2e06-8a58-4f4c-93b5-2f1c5b0b1e12"
"""

VAAPI_IN_SOFTWARE = f"""#!{sys.executable}
import os, sys
given = sys.argv[1:]
node = given[given.index("-hwaccel_device") + 1]
assert given[given.index("-hwaccel") + 1] == "vaapi" and os.path.exists(node), given
start = given.index("-hwaccel")
plain = given[:start] + given[start + 6 :]
chain = plain.index("-vf") + 1
plain[chain] = plain[chain].replace("scale_vaapi=", "scale=").replace(":format=nv12,hwdownload", "")
os.execv({imageio_ffmpeg.get_ffmpeg_exe()!r}, ["ffmpeg", *plain])
"""


class Machine:
    """A tree of device files and a folder of programs; nothing of the real machine shows through."""

    def __init__(self, root: Path, platform: str = "linux") -> None:
        self.sysfs, self.dev, self.proc, self.programs = (root / name for name in ("sys", "dev", "proc", "bin"))
        for folder in (self.sysfs, self.dev, self.proc, self.programs):
            folder.mkdir()
        self.platform = platform
        self.cpuinfo("Intel(R) Core(TM) i3-8100 CPU @ 3.60GHz")

    @property
    def host(self) -> Host:
        return Host(self.sysfs, self.dev, self.proc, self.platform)

    def cpuinfo(self, model: str) -> None:
        (self.proc / "cpuinfo").write_text(f"processor\t: 0\nmodel name\t: {model}\nprocessor\t: 1\nmodel name\t: x\n")

    def render_node(self, number: int, maker: str, driver: str, chip: str = "0x3e92", *, passed_in: bool = True) -> str:
        device = self.sysfs / "class" / "drm" / f"renderD{number}" / "device"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{VENDORS[maker]}\n")
        (device / "device").write_text(f"{chip}\n")
        (device / "uevent").write_text(f"DRIVER={driver}\nPCI_CLASS=30000\nPCI_SLOT_NAME=0000:00:02.0\n")
        return self.node(f"dri/renderD{number}") if passed_in else str(self.dev / "dri" / f"renderD{number}")

    def node(self, name: str) -> str:
        path = self.dev / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        return str(path)

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def found(self) -> list[Device]:
        """GPUs that may be there, untried."""
        return [device for device in asyncio.run(candidates(self.host)) if device.type != "cpu"]

    def outcome(self, device: str, acceleration: Acceleration, wait: float = 20.0) -> str:
        return asyncio.run(decode_test(Device(device, "", "", acceleration), self.host, wait))

    def reason(self, device: str) -> str:
        """Why a device fails that decodes through VA-API, tried in this process: quicker, and it cannot hang here."""
        with pytest.raises(TrialError) as failed:
            judge(decode(device, Acceleration.VAAPI, self.host.ffmpeg_path, Choices()))
        return str(failed.value)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setenv("PATH", f"{made.programs}:/usr/bin:/bin")
    return made


def is_alive(pid: str) -> bool:
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
        except FileNotFoundError:
            return False
        time.sleep(0.02)
    return True


def names(devices: list[Device]) -> list[str]:
    return [device.device for device in devices]


@pytest.mark.parametrize(
    ("maker", "driver", "name"),
    [
        ("intel", "i915", "Intel GPU 3e92 (i915)"),
        ("intel", "xe", "Intel GPU 3e92 (xe)"),
        ("amd", "amdgpu", "AMD GPU 3e92 (amdgpu)"),
        ("nvidia", "nouveau", "NVIDIA GPU 3e92 (nouveau)"),
    ],
)
def test_a_render_node_is_found_by_its_maker_and_driver(machine: Machine, maker: str, driver: str, name: str) -> None:
    node = machine.render_node(128, maker, driver)

    assert machine.found() == [Device(node, name, maker, Acceleration.VAAPI)]


def test_render_nodes_are_listed_by_number_and_those_of_other_makers_are_left_alone(machine: Machine) -> None:
    nodes = [machine.render_node(number, "intel", "i915") for number in (130, 128)]
    machine.render_node(129, "other", "virtio-pci")
    (machine.dev / "dri" / "card0").touch()

    assert names(machine.found()) == sorted(nodes)


def test_nodes_are_found_without_sysfs_though_not_their_maker(machine: Machine) -> None:
    node = machine.node("dri/renderD128")

    assert machine.found() == [Device(node, "GPU renderD128", "unknown", Acceleration.VAAPI)]


def test_two_cards_are_named_by_the_tool_of_their_driver(machine: Machine) -> None:
    machine.program("nvidia-smi", TWO_CARDS)
    machine.render_node(128, "nvidia", "nvidia")

    assert machine.found() == [
        Device("cuda:0", "NVIDIA GeForce RTX 3060", "nvidia", Acceleration.CUDA),
        Device("cuda:1", "Tesla P4, rev. 2", "nvidia", Acceleration.CUDA),
    ]


@pytest.mark.parametrize(
    "text", ["", "#!/bin/sh\nexit 9\n", "#!/bin/sh\necho no devices were found\n", "#!/no/shell\n"]
)
def test_cards_are_found_by_their_device_files_when_the_tool_fails(machine: Machine, text: str) -> None:
    if text:
        machine.program("nvidia-smi", text)
    for name in ("nvidia1", "nvidia3", "nvidiactl", "nvidia-uvm"):
        machine.node(name)

    assert [(device.device, device.name) for device in machine.found()] == [
        ("cuda:0", "NVIDIA GPU 0"),
        ("cuda:1", "NVIDIA GPU 1"),
    ]


def test_a_card_whose_driver_shows_only_its_render_node_is_listed(machine: Machine) -> None:
    machine.render_node(128, "nvidia", "nvidia", passed_in=False)

    assert names(machine.found()) == ["cuda:0"]


def test_a_mac_has_one_media_engine(tmp_path: Path) -> None:
    [engine] = Machine(tmp_path, platform="darwin").found()

    assert (engine.device, engine.type, engine.acceleration) == ("videotoolbox", "apple", "videotoolbox")


def test_a_machine_without_gpus_has_its_cpu(machine: Machine) -> None:
    [cpu] = asyncio.run(candidates(machine.host))

    assert cpu == Device("cpu", "Intel(R) Core(TM) i3-8100 CPU @ 3.60GHz", "cpu")


def test_a_cpu_without_a_known_name_has_one_all_the_same(machine: Machine) -> None:
    (machine.proc / "cpuinfo").unlink()

    [cpu] = asyncio.run(candidates(machine.host))

    assert cpu.name


def test_the_cpu_of_this_machine_decodes(machine: Machine) -> None:
    assert machine.outcome("cpu", Acceleration.NONE) == ""


@pytest.mark.skipif(Path("/dev/nvidiactl").exists(), reason="there is an NVIDIA card")
def test_a_card_that_is_not_there_fails_with_a_reason_in_one_line(machine: Machine) -> None:
    reason = machine.outcome("cuda:0", Acceleration.CUDA)

    assert "libnvcuvid" in reason or "cuda" in reason.lower()
    assert "\n" not in reason


def test_a_node_that_decodes_through_ffmpeg_works(machine: Machine) -> None:
    machine.program("ffmpeg", VAAPI_IN_SOFTWARE)
    node = machine.render_node(128, "intel", "i915")

    assert machine.outcome(node, Acceleration.VAAPI) == ""


def test_another_ffmpeg_than_that_on_the_path_can_be_named(machine: Machine, tmp_path: Path) -> None:
    machine.program("ffmpeg", "#!/bin/sh\nexit 1\n")
    machine.program("better-ffmpeg", VAAPI_IN_SOFTWARE)
    node = machine.render_node(128, "amd", "amdgpu")
    host = Host(machine.sysfs, machine.dev, machine.proc, "linux", ffmpeg=str(tmp_path / "bin" / "better-ffmpeg"))

    assert asyncio.run(decode_test(Device(node, "", "amd", Acceleration.VAAPI), host)) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "cat >/dev/null; echo '[VAAPI @ 0x5581] No VA display found for device x.\nmore' >&2; exit 234",
            "No VA display found for device x.",
        ),
        ("exit 3", "ffmpeg ended with code 3"),
        ("kill -SEGV $$", "ffmpeg ended with code -11"),
        ("exit 0", "ffmpeg ended well without a picture"),
        ("head -c 1000 /dev/zero", "ffmpeg ended well without a picture"),
    ],
)
def test_a_failing_ffmpeg_is_quoted(machine: Machine, text: str, reason: str) -> None:
    machine.program("ffmpeg", f"#!/bin/sh\n{text}\n")

    assert machine.reason(machine.node("dri/renderD128")) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [("lutyuv=y=16", "the pictures came out wrong"), ("trim=end_frame=2", "2 of 4 pictures came out")],
)
def test_a_driver_that_answers_with_other_pictures_fails(machine: Machine, change: str, reason: str) -> None:
    machine.program("ffmpeg", VAAPI_IN_SOFTWARE.replace('"scale=")', f'"{change},scale=")'))

    assert machine.reason(machine.node("dri/renderD128")) == reason


def test_a_node_is_tried_the_way_that_films_will_be_decoded(machine: Machine) -> None:
    machine.program("ffmpeg", '#!/bin/sh\ncat > /dev/null\necho "$@" >&2\nexit 1\n')
    node = machine.render_node(128, "intel", "i915")
    host = replace(machine.host, choices=Choices(render_node="qsv"))

    [chip, _cpu] = asyncio.run(discover(host))

    assert chip.acceleration is Acceleration.QSV
    assert f"qsv=gpu:hw,child_device={node}" in chip.error


def test_a_card_is_tried_through_ffmpeg_when_films_go_there(machine: Machine) -> None:
    machine.program("ffmpeg", '#!/bin/sh\ncat > /dev/null\necho "$@" >&2\nexit 1\n')
    host = replace(machine.host, choices=Choices(cuda="pipe"))

    reason = asyncio.run(decode_test(Device("cuda:1", "", "nvidia", Acceleration.CUDA), host))

    assert "-hwaccel cuda -hwaccel_device 1" in reason


def test_a_hung_ffmpeg_is_given_up_and_killed(machine: Machine, tmp_path: Path) -> None:
    machine.program("ffmpeg", f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    began = time.monotonic()

    reason = machine.outcome(machine.node("dri/renderD128"), Acceleration.VAAPI, wait=4.0)

    assert reason == "the decode test did not end within 4 s"
    assert time.monotonic() - began < 7
    assert not is_alive((tmp_path / "pid").read_text().strip())


def test_without_ffmpeg_a_render_node_cannot_be_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(machine.programs))

    reason = machine.outcome(machine.node("dri/renderD128"), Acceleration.VAAPI)

    assert reason == "no ffmpeg was found, and decoding by vaapi needs one"


def test_a_node_that_was_not_passed_into_the_container_says_so(machine: Machine) -> None:
    machine.program("ffmpeg", VAAPI_IN_SOFTWARE)
    node = machine.render_node(128, "intel", "i915", passed_in=False)

    assert machine.outcome(node, Acceleration.VAAPI) == f"{node} is not there; a container must be given it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_node_that_may_not_be_opened_says_so(machine: Machine) -> None:
    machine.program("ffmpeg", VAAPI_IN_SOFTWARE)
    node = machine.render_node(128, "intel", "i915")
    Path(node).chmod(0)

    assert machine.outcome(node, Acceleration.VAAPI).startswith("no permission to open")


def test_every_device_is_listed_with_its_outcome_as_soon_as_it_is_known(machine: Machine) -> None:
    machine.program("ffmpeg", VAAPI_IN_SOFTWARE.replace("import os", "import time; time.sleep(1)\nimport os"))
    machine.program("nvidia-smi", TWO_CARDS)
    chip = machine.render_node(129, "intel", "xe")
    heard: list[str] = []

    devices = asyncio.run(discover(machine.host, lambda device: heard.append(device.device)))

    assert [(device.device, not device.error) for device in devices] == [
        ("cuda:0", False),
        ("cuda:1", False),
        (chip, True),
        ("cpu", True),
    ]
    assert sorted(heard) == sorted(names(list(devices)))
    assert heard[-1] == chip


def test_a_reason_is_one_short_line_without_control_characters() -> None:
    assert one_line("\n \n\x1b[31mred\x1b[0m\x00 text\nmore") == "[31mred[0m text"
    assert len(one_line("x" * 5000)) == 200
    assert one_line("") == ""
