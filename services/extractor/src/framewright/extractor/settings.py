"""What the extractor reads from the environment."""

from typing import Literal

from framewright.chassis.settings import ProcessSettings


class ExtractorSettings(ProcessSettings, frozen=True, kw_only=True):
    """Where media may lie, how many files are in work at once, what decodes them."""

    media_root: str = "/"
    """What every file must resolve to lie under, links followed."""
    extractor_workers: int = 0
    """Files in work at once on the CPU of this machine; 0 takes the setting `cpu_threads`."""
    ffmpeg_path: str = ""
    """The ffmpeg that decodes on GPUs other than NVIDIA's; the one on PATH when empty."""
    framewright_cuda_backend: Literal["cuvid", "pipe"] = "cuvid"
    """How NVIDIA cards decode: cuvid, or pipe through an ffmpeg."""
    framewright_dri_backend: Literal["vaapi", "qsv"] = "vaapi"
    """How render nodes decode: vaapi, or qsv on Intel."""
    extractor_stall_seconds: float = 120.0
    """A decoder that makes no progress for so long is killed."""
    extractor_idle_seconds: float = 30.0
    """A decoder process without work ends after so long and gives its memory back."""
