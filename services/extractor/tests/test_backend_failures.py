"""Devices that fail: each time the CPU steps in, every picture is right, the report says why, and nothing is left over."""

import contextlib
import os
import stat
import threading
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.extractor.adapters.backends import backend_for
from framewright.extractor.adapters.backends.cpu import Cpu
from framewright.extractor.adapters.backends.cuvid import Cuvid
from framewright.extractor.adapters.backends.pipe import Pipe
from framewright.extractor.adapters.engine import extract
from framewright.extractor.adapters.walk import DeviceFailedError
from framewright.extractor.domain.acceleration import FFMPEG, Acceleration
from framewright.extractor.domain.request import ExtractionRequest

NODE = "/dev/dri/renderD128"
NVIDIA = Path("/dev/nvidiactl")
REAL = imageio_ffmpeg.get_ffmpeg_exe()

VAAPI_REFUSES = """
echo '[AVHWDeviceContext @ 0x5581e2c0] Failed to initialise VAAPI connection: -1 (unknown libva error).' >&2
echo 'Device creation failed: -5.' >&2
exit 251
"""
CRASHES = f'"{REAL}" "$@" | head -c 700000; kill -SEGV $$'
STOPS_EARLY = f'"{REAL}" "$@" | head -c 700000; exec cat >/dev/null'
HANGS_AT_ONCE = "exec sleep 60"
HANGS_LATER = f'"{REAL}" "$@" | (head -c 700000; exec sleep 60)'
WRITES_GARBAGE = "head -c 2000000 /dev/zero | tr '\\0' 'G'; exec cat >/dev/null"
WRITES_GARBAGE_FOR_EVER = "cat >/dev/null & exec yes"
SAYS_NOTHING = "exec cat >/dev/null"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Make a script the ffmpeg of this test; answers a function that tells whether it still runs."""
    pids = tmp_path / "pids"

    def make(body: str, patience: int = 20):
        script = tmp_path / "ffmpeg"
        script.write_text(f"#!/bin/sh\necho $$ >> {pids}\n{body}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("FFMPEG_PATH", str(script))
        monkeypatch.setenv("FRAMEWRIGHT_DEVICE_PATIENCE", str(patience))
        return lambda: [pid for pid in map(int, pids.read_text().split()) if stays(pid)]

    return make


def stays(pid: int) -> bool:
    """Whether anything of the process group is left, a moment after its end; orphans are buried by somebody else."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            os.killpg(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize(
    ("device", "body", "reason", "patience", "threads"),
    [
        (NODE, VAAPI_REFUSES, "Failed to initialise VAAPI connection: -1 (unknown libva error). (", 20, 1),
        (FFMPEG, CRASHES, "died of SIGSEGV", 20, 1),
        (FFMPEG, CRASHES, "died of SIGSEGV", 20, 3),
        (FFMPEG, STOPS_EARLY, "a picture of", 20, 1),
        (FFMPEG, HANGS_AT_ONCE, "silent for 1 s", 1, 1),
        (FFMPEG, HANGS_LATER, "silent for 1 s", 1, 3),
        (FFMPEG, WRITES_GARBAGE, "no video", 20, 1),
        (FFMPEG, WRITES_GARBAGE_FOR_EVER, "silent for 1 s", 1, 1),
        (FFMPEG, SAYS_NOTHING, "no video", 20, 3),
    ],
    ids=[
        "refuses",
        "crashes",
        "several crash",
        "stops early",
        "hangs",
        "hangs later",
        "garbage",
        "endless garbage",
        "silent",
    ],
)
def test_a_failing_child_costs_a_retry_on_the_cpu(
    device, body, reason, patience, threads, film, pull, misplaced, stand_in
) -> None:
    path, left_over = film("film.mkv", seconds=60, b_frames=2), stand_in(body, patience)
    started = time.monotonic()

    extraction = pull(path, 2000, device=device, threads=threads)

    assert time.monotonic() - started < 10
    assert (extraction.report.device, extraction.report.refused) == ("cpu", "h264/Main")
    warning = extraction.report.warnings[0]
    assert warning.startswith(f"{device} could not decode h264/Main, the CPU did: ")
    assert reason in warning
    assert "\n" not in warning
    assert misplaced(extraction, 24, 2000) == []
    assert extraction.report.holes == 0
    assert left_over() == []


@pytest.mark.parametrize("body", [HANGS_AT_ONCE, HANGS_LATER])
def test_a_cancelled_job_takes_its_child_with_it(body, film, stand_in) -> None:
    path, left_over = film("film.mkv", seconds=60, b_frames=2), stand_in(body, 60)
    request = ExtractionRequest(str(path), (Rendition(320, 400),), device=FFMPEG)
    started, threads = time.monotonic(), threading.active_count()

    with pytest.raises(Retry) as caught:
        extract(request, lambda _share: None, lambda: time.monotonic() > started + 0.8)

    assert caught.value.code == "CANCELLED"
    assert time.monotonic() - started < 5
    assert left_over() == []
    assert threading.active_count() == threads


def test_a_good_child_ends_with_its_work_and_leaves_no_open_file(film, pull, stand_in) -> None:
    path, left_over = film("film.mkv", seconds=60, b_frames=2), stand_in(f'exec "{REAL}" "$@"')
    opened = len(list(Path("/proc/self/fd").iterdir()))

    extraction = pull(path, 2000, device=FFMPEG, threads=2)

    assert (extraction.report.device, extraction.report.warnings) == (FFMPEG, ())
    assert left_over() == []
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        (NODE, "renderD128"),
        ("cuda:0", "libcuda"),
        ("vulkan:0", "libvulkan"),
        ("videotoolbox", "scale_vt"),
    ],
)
def test_hardware_that_is_not_there_is_named_by_the_real_program(device, reason, film, pull, misplaced, monkeypatch):
    if NVIDIA.exists() or Path("/dev/dri").exists():
        pytest.skip("there is hardware on this machine")
    monkeypatch.setenv("FFMPEG_PATH", REAL)
    monkeypatch.setenv("FRAMEWRIGHT_CUDA_BACKEND", "pipe")

    extraction = pull(film("film.mkv", seconds=60, b_frames=2), 5000, device=device)

    assert extraction.report.device == "cpu"
    assert reason in extraction.report.warnings[0]
    assert misplaced(extraction, 24) == []


@pytest.mark.skipif(NVIDIA.exists(), reason="there is an NVIDIA card on this machine")
@pytest.mark.parametrize("threads", [1, 2])
def test_without_an_nvidia_driver_the_warning_names_what_is_missing(threads, film, pull, misplaced) -> None:
    extraction = pull(film("film.mkv", seconds=60, b_frames=2), 5000, device="cuda:0", threads=threads)

    assert (extraction.report.device, extraction.report.refused) == ("cpu", "h264/Main")
    assert extraction.report.warnings == (
        "cuda:0 could not decode h264/Main, the CPU did: Cannot load libnvcuvid.so.1",
    )
    assert misplaced(extraction, 24) == []


def test_a_damaged_keyframe_is_not_blamed_on_the_device(film, pull, misplaced, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("FFMPEG_PATH", REAL)
    data = bytearray(film("film.mkv", seconds=60, b_frames=2).read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 30] = bytes(len(data) // 30)
    path = tmp_path / "hurt.mkv"
    path.write_bytes(data)

    extraction = pull(path, 2000, device=FFMPEG)

    assert (extraction.report.device, extraction.report.refused) == (FFMPEG, "")
    assert len(misplaced(extraction, 24, 2000)) <= 2


def test_each_device_gets_its_backend(monkeypatch) -> None:
    environment = {"FFMPEG_PATH": REAL}

    assert isinstance(backend_for("cpu", 0, {}), Cpu)
    assert isinstance(backend_for("cuda:0", 0, {}), Cuvid)
    piped = backend_for("cuda:0", 2, {**environment, "FRAMEWRIGHT_CUDA_BACKEND": "pipe"})
    assert isinstance(piped, Pipe)
    assert (piped.acceleration, piped.threads, piped.device) == (Acceleration.CUDA, 2, "cuda:0")
    assert backend_for(NODE, 0, environment).acceleration is Acceleration.VAAPI
    assert backend_for(NODE, 0, {**environment, "FRAMEWRIGHT_DRI_BACKEND": "qsv"}).acceleration is Acceleration.QSV


@pytest.mark.parametrize(
    ("device", "environment", "reason"),
    [
        (NODE, {"FFMPEG_PATH": "/nowhere/ffmpeg"}, "no program /nowhere/ffmpeg"),
        (NODE, {"PATH": "/nowhere"}, "no program ffmpeg"),
        ("toaster", {}, "nothing is known about a device toaster"),
        ("cuda:0", {"FRAMEWRIGHT_CUDA_BACKEND": "nvenc"}, "not through nvenc"),
        (NODE, {"FFMPEG_PATH": REAL, "FRAMEWRIGHT_DEVICE_PATIENCE": "soon"}, "soon"),
    ],
)
def test_a_device_that_cannot_be_used_says_why(device, environment, reason) -> None:
    with pytest.raises(DeviceFailedError) as caught:
        backend_for(device, 0, environment)

    assert reason in str(caught.value)


def test_a_program_that_cannot_run_is_a_failed_device(film, pull, tmp_path, monkeypatch) -> None:
    script = tmp_path / "ffmpeg"
    script.write_bytes(b"\x7fELF no program")
    script.chmod(0o755)
    monkeypatch.setenv("FFMPEG_PATH", str(script))

    with contextlib.suppress(OSError):
        extraction = pull(film("film.mkv", seconds=60, b_frames=2), 5000, device=NODE)

    assert "cannot be started" in extraction.report.warnings[0]
