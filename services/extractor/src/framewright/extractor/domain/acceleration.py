"""How an ffmpeg child is told to decode on a device: argument tables, one row per interface to the hardware.

Device names are those of the settings: `cuda:0`, `/dev/dri/renderD128`, `vulkan:0`, `videotoolbox`. Options and filters
are those of ffmpeg 7 and later (https://ffmpeg.org/ffmpeg.html#Advanced-Video-options). No argument names a file.
"""

from dataclasses import dataclass
from enum import StrEnum

from framewright.extractor.domain.request import CPU

FFMPEG = "ffmpeg"
"""The device name for decoding in software, but in an ffmpeg child: what the pipe costs without any hardware."""

RENDER_NODES = "/dev/dri/"
"""Where Linux keeps the devices of Intel and AMD."""


class Acceleration(StrEnum):
    """The interface through which a device decodes; names as ffmpeg's `-hwaccel` knows them."""

    NONE = "none"
    CUDA = "cuda"
    VAAPI = "vaapi"
    QSV = "qsv"
    VULKAN = "vulkan"
    VIDEOTOOLBOX = "videotoolbox"


CUVID = {
    "h264": "h264_cuvid",
    "hevc": "hevc_cuvid",
    "av1": "av1_cuvid",
    "vp9": "vp9_cuvid",
    "vp8": "vp8_cuvid",
    "mpeg1video": "mpeg1_cuvid",
    "mpeg2video": "mpeg2_cuvid",
    "mpeg4": "mpeg4_cuvid",
    "vc1": "vc1_cuvid",
    "mjpeg": "mjpeg_cuvid",
}
"""libav's decoders for NVIDIA's hardware, by the codec's name."""

CUVID_SURFACES = 4
"""Pictures that a decoder holds on the card beyond those that the codec needs; more would only take its memory."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Which way an operator wants to go where there are two; empty for the usual one."""

    cuda: str = ""
    render_node: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What shall come from the device: even width and height in pixels; `deep` when the film has more than 8 bits."""

    width: int
    height: int
    deep: bool = False

    @property
    def pixels(self) -> str:
        """The pixel format: luma and interleaved chroma, 8 bits, or 10 bits in the upper part of 16."""
        return "p010le" if self.deep else "nv12"


def acceleration_of(device: str, choice: str = "") -> Acceleration:
    """The interface for a device; `choice` may ask for another one of a render node than VAAPI: `qsv`, for Intel.

    Raises:
        ValueError: nothing is known about such a device, or it has no such choice.
    """
    if device.startswith(RENDER_NODES):
        if choice not in {"", Acceleration.VAAPI, Acceleration.QSV}:
            raise ValueError(f"{device} decodes through vaapi or qsv, not through {choice}")
        return Acceleration(choice or Acceleration.VAAPI)
    kinds = {
        CPU: Acceleration.NONE,
        FFMPEG: Acceleration.NONE,
        "cuda": Acceleration.CUDA,
        "vulkan": Acceleration.VULKAN,
        "videotoolbox": Acceleration.VIDEOTOOLBOX,
    }
    kind = kinds.get(device.partition(":")[0])
    if kind is None:
        raise ValueError(f"nothing is known about a device {device}")
    return kind


def device_number(device: str) -> str:
    """The number in `cuda:1` or `vulkan:1`; the first device where none is said."""
    return device.partition(":")[2] or "0"


def by_library(choices: Choices) -> bool:
    """Whether NVIDIA's decoders are used inside the process, which is the usual way, and not through a pipe.

    Raises:
        ValueError: there is no such way.
    """
    if choices.cuda not in {"", "cuvid", "pipe"}:
        raise ValueError(f"NVIDIA decodes through cuvid or a pipe, not through {choices.cuda}")
    return choices.cuda != "pipe"


def cuvid_options(device: str, picture: Picture) -> dict[str, str]:
    """Private options of libav's cuvid decoders: which card, and the size that its scaler makes."""
    return {
        "gpu": device_number(device),
        "resize": f"{picture.width}x{picture.height}",
        "surfaces": str(CUVID_SURFACES),
    }


def input_arguments(acceleration: Acceleration, device: str, threads: int = 0) -> list[str]:
    """What stands before `-i`: which device decodes, with at most `threads` CPU threads beside it (0: no cap).

    A decoder on a device needs one thread; more would only hold more of its surfaces.
    """
    cap = ["-threads", str(threads), "-filter_threads", str(threads)] if threads else []
    if acceleration is Acceleration.NONE:
        return cap
    return [*cap, *_hardware(acceleration, device), "-threads:v", "1"]


def filter_chain(acceleration: Acceleration, picture: Picture) -> str:
    """The value of `-vf`: scale on the device, then bring the small picture to main memory.

    Vulkan and VideoToolbox scale without changing the pixel format; it is the film's own, so that nothing is named twice.
    """
    size = f"w={picture.width}:h={picture.height}"
    download = f"hwdownload,format={picture.pixels}"
    match acceleration:
        case Acceleration.NONE:
            return f"scale={size}:flags=area,format={picture.pixels}"
        case Acceleration.CUDA:
            return f"scale_cuda={size}:format={picture.pixels},{download}"
        case Acceleration.VAAPI:
            return f"scale_vaapi={size}:format={picture.pixels},{download}"
        case Acceleration.QSV:
            return f"vpp_qsv={size}:format={picture.pixels},{download}"
        case Acceleration.VULKAN:
            return f"scale_vulkan={size},{download}"
        case Acceleration.VIDEOTOOLBOX:
            return f"scale_vt={size},{download}"


def pipe_arguments(acceleration: Acceleration, device: str, picture: Picture, threads: int = 0) -> list[str]:
    """Everything after the program's name for a child that reads packets as NUT and writes raw pictures as NUT.

    Time stamps come out as they went in, also where the stream is sparse; the first pictures come without waiting for
    more; damaged pictures are nobody's failure.
    """
    return [
        *("-hide_banner", "-nostdin", "-loglevel", "error"),
        *input_arguments(acceleration, device, threads),
        *("-copyts", "-noautorotate", "-flags", "output_corrupt", "-max_error_rate", "1"),
        # Decode times that ffmpeg makes up here would be preferred to true presentation times where pictures swap places.
        *("-fflags", "+nofillin", "-analyzeduration", "1", "-fpsprobesize", "0"),
        *("-f", "nut", "-i", "pipe:0", "-map", "0:v:0"),
        *("-vf", filter_chain(acceleration, picture)),
        *("-fps_mode", "passthrough", "-enc_time_base", "demux", "-c:v", "rawvideo"),
        *("-avoid_negative_ts", "disabled", "-flush_packets", "1", "-f", "nut", "pipe:1"),
    ]


def _hardware(acceleration: Acceleration, device: str) -> list[str]:
    """The device; its frames stay on it until the filters bring them down, so that software never steps in unseen."""
    kind = acceleration.value
    named = ["-hwaccel", kind, "-hwaccel_device", "gpu", "-hwaccel_output_format", kind]
    match acceleration:
        case Acceleration.QSV:
            return ["-init_hw_device", f"qsv=gpu:hw,child_device={device}", *named]
        case Acceleration.VULKAN:
            return ["-init_hw_device", f"vulkan=gpu:{device_number(device)}", *named]
        case Acceleration.VIDEOTOOLBOX:
            return ["-hwaccel", kind, "-hwaccel_output_format", "videotoolbox_vld"]
        case Acceleration.CUDA:
            return ["-hwaccel", kind, "-hwaccel_device", device_number(device), "-hwaccel_output_format", kind]
        case _:
            return ["-hwaccel", kind, "-hwaccel_device", device, "-hwaccel_output_format", kind]
