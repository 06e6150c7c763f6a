"""What the extractor reads from the environment."""

from framewright.chassis.settings import ProcessSettings


class ExtractorSettings(ProcessSettings, frozen=True, kw_only=True):
    """Where media may lie and how many files are in work at once."""

    media_root: str = "/"
    """What every file must resolve to lie under, links followed."""
    extractor_workers: int = 0
    """Files in work at once on this machine; 0 takes the setting `cpu_threads`."""
    extractor_stall_seconds: float = 120.0
    """A decoder that makes no progress for so long is killed."""
    extractor_idle_seconds: float = 30.0
    """A decoder process without work ends after so long and gives its memory back."""
