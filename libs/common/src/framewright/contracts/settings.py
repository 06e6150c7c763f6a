"""The system's settings as the REST API shows and stores them: one struct, partial updates, every error with its field.

Names, defaults and bounds are those of the settings reference that users of Media Preview Generator know.
"""

from typing import Annotated, Any, Literal, cast
from urllib.parse import urlsplit

import msgspec

from framewright.domain.errors import Reject

REDACTED = "***REDACTED***"

Seconds = Annotated[int, msgspec.Meta(ge=1, le=60)]

CLOCK_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class FrameReuse(msgspec.Struct, frozen=True):
    """How long and how much extracted frames are kept for a second request of the same file."""

    enabled: bool = True
    ttl_minutes: Annotated[int, msgspec.Meta(ge=1, le=10_080)] = 60
    max_cache_disk_mb: Annotated[int, msgspec.Meta(ge=64)] = 2048


class GpuConfig(msgspec.Struct, frozen=True):
    """What an operator wants of one GPU: its slots, and the CPU threads that one file may use there (0: no limit).

    A GPU without an entry is used as the defaults here say. `name` and `type` are only for people to read.
    """

    device: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    type: Annotated[str, msgspec.Meta(max_length=20)] = ""
    enabled: bool = True
    workers: Annotated[int, msgspec.Meta(ge=0, le=32)] = 1
    ffmpeg_threads: Annotated[int, msgspec.Meta(ge=0, le=32)] = 2


class QuietWindow(msgspec.Struct, frozen=True):
    """A stretch of the day in which no heavy work is done, on these days (mon … sun; none: every day).

    `start` and `end` are local times, HH:MM; a window that ends before it starts goes on past midnight.
    """

    start: Annotated[str, msgspec.Meta(pattern=CLOCK_TIME)]
    end: Annotated[str, msgspec.Meta(pattern=CLOCK_TIME)]
    days: tuple[Weekday, ...] = ()


class QuietHours(msgspec.Struct, frozen=True):
    """When extraction and scans rest by themselves; webhooks are taken in all the same."""

    enabled: bool = False
    windows: tuple[QuietWindow, ...] = ()


class Playback(msgspec.Struct, frozen=True):
    """What is left alone while somebody watches, and for how long at most.

    ignore: nothing. item: the outputs of the film that is playing. heavy: also all extraction, while anybody plays.
    transcoding: the same, but only while a server transcodes. A server that cannot be asked counts as idle.
    """

    policy: Literal["ignore", "item", "heavy", "transcoding"] = "item"
    poll_seconds: Annotated[int, msgspec.Meta(ge=5, le=300)] = 15
    longest_wait_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 240


class Refresh(msgspec.Struct, frozen=True):
    """How servers are told to look: changes of one folder within the quiet time are one call, and none waits longer than the cap.

    A whole library root is scanned at most once in `root_scan_minutes`. Trash is emptied only where `empty_trash` says so.
    """

    quiet_seconds: Annotated[int, msgspec.Meta(ge=0, le=600)] = 20
    longest_wait_seconds: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 120
    root_scan_minutes: Annotated[int, msgspec.Meta(ge=1, le=1440)] = 15
    empty_trash: bool = False


class Settings(msgspec.Struct, frozen=True):
    """Everything an operator can change while the system runs; `webhook_secret` is sealed at rest.

    `selected_libraries` are ids of the only libraries that are worked on, of any server; none means all that are enabled.
    `plex_webhook_enabled` lets in what Plex sends to its own endpoint; registering switches it on. `plex_webhook_public_url` is where
    plex.tv is told to reach that endpoint, empty for the address that it was registered from.
    """

    thumbnail_interval: Seconds = 5
    thumbnail_quality: Annotated[int, msgspec.Meta(ge=1, le=10)] = 4
    tonemap_algorithm: str = "hable"
    cpu_threads: Annotated[int, msgspec.Meta(ge=0, le=32)] = 1
    webhook_enabled: bool = True
    webhook_delay: Annotated[int, msgspec.Meta(ge=10, le=300)] = 60
    webhook_secret: str = ""
    plex_webhook_enabled: bool = False
    plex_webhook_public_url: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    webhook_retry_count: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    webhook_retry_delay: Annotated[int, msgspec.Meta(ge=10, le=300)] = 30
    frame_reuse: FrameReuse = FrameReuse()
    gpu_config: tuple[GpuConfig, ...] = ()
    file_quiet_seconds: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 10
    job_history_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    selected_libraries: tuple[Annotated[str, msgspec.Meta(max_length=200)], ...] = ()
    webhook_longest_wait: Annotated[int, msgspec.Meta(ge=10, le=3600)] = 600
    upgrade_wait: Annotated[int, msgspec.Meta(ge=10, le=3600)] = 600
    auto_requeue_on_restart: bool = True
    requeue_max_age_minutes: Annotated[int, msgspec.Meta(ge=5, le=1440)] = 720
    quiet_hours: QuietHours = QuietHours()
    playback: Playback = Playback()
    refresh: Refresh = Refresh()


TONEMAPS = ("hable", "reinhard", "mobius", "clip", "gamma", "linear")


def patch_settings(current: Settings, changes: object) -> Settings:
    """The settings with the given fields replaced, in groups too; unknown fields are refused so that a typo is not silently ignored.

    A list of `gpu_config` replaces the list that is there; an entry without name or type keeps those of its device.

    Raises:
        Reject: code VALIDATION_ERROR, the reason names the field.
    """
    if not isinstance(changes, dict):
        raise Reject("settings must be a JSON object", code="VALIDATION_ERROR")
    patch: dict[str, Any] = dict(changes)  # pyright: ignore[reportUnknownArgumentType]
    if patch.get("webhook_secret") == REDACTED:
        del patch["webhook_secret"]
    if "gpu_config" in patch:
        patch["gpu_config"] = _gpus(current.gpu_config, patch["gpu_config"])
    try:
        settings = msgspec.convert(_merged(msgspec.to_builtins(current), patch), Settings)
    except msgspec.ValidationError as error:
        raise Reject(_readable(error), code="VALIDATION_ERROR") from error
    _check_word("tonemap_algorithm", settings.tonemap_algorithm, TONEMAPS)
    _check_address("plex_webhook_public_url", settings.plex_webhook_public_url)
    return settings


def shown(settings: Settings) -> dict[str, Any]:
    """The settings for a browser: the secret is masked."""
    return {**msgspec.to_builtins(settings), "webhook_secret": REDACTED if settings.webhook_secret else ""}


def _merged(current: dict[str, Any], patch: dict[str, Any], parent: str = "") -> dict[str, Any]:
    """`current` with the patch laid over it, groups of settings field by field."""
    unknown = sorted(f"{parent}{name}" for name in set(patch) - set(current))
    if unknown:
        raise Reject(f"unknown setting: {', '.join(unknown)}", code="VALIDATION_ERROR")
    groups = {
        name: _merged(current[name], cast("dict[str, Any]", value), f"{name}.")
        for name, value in patch.items()
        if isinstance(current[name], dict) and isinstance(value, dict)
    }
    return {**current, **patch, **groups}


def _gpus(current: tuple[GpuConfig, ...], given: object) -> list[GpuConfig]:
    """The new list of GPUs, checked entry by entry so that a refusal can say which one it means."""
    if not isinstance(given, (list, tuple)):
        raise Reject("gpu_config: must be a list", code="VALIDATION_ERROR")
    stored = {gpu.device: gpu for gpu in current}
    gpus: list[GpuConfig] = []
    for place, entry in enumerate(cast("list[object]", given)):
        gpu = _gpu(entry, stored, f"gpu_config[{place}]")
        if gpu.device in {other.device for other in gpus}:
            raise Reject(f"gpu_config[{place}].device: {gpu.device} stands there twice", code="VALIDATION_ERROR")
        gpus.append(gpu)
    return gpus


def _gpu(entry: object, stored: dict[str, GpuConfig], where: str) -> GpuConfig:
    """One entry, with the name and type that its device had before where it says none."""
    if not isinstance(entry, dict):
        raise Reject(f"{where}: must be a JSON object", code="VALIDATION_ERROR")
    fields = cast("dict[str, object]", entry)
    if unknown := sorted(set(fields) - set(GpuConfig.__struct_fields__)):
        raise Reject(f"unknown setting: {where}.{unknown[0]}", code="VALIDATION_ERROR")
    if fields.get("device") == "cpu":
        raise Reject(f"{where}.device: cpu is no GPU, its slots are cpu_threads", code="VALIDATION_ERROR")
    try:
        gpu = msgspec.convert(fields, GpuConfig)
    except msgspec.ValidationError as error:
        raise Reject(_readable(error, where), code="VALIDATION_ERROR") from error
    before = stored.get(gpu.device, gpu)
    return msgspec.structs.replace(gpu, name=fields.get("name", before.name), type=fields.get("type", before.type))


def _check_word(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise Reject(f"{field} must be one of {', '.join(allowed)}", code="VALIDATION_ERROR")


def _check_address(field: str, value: str) -> None:
    """Empty, or a web address without anything secret: settings are shown."""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise Reject(f"{field} is no address", code="VALIDATION_ERROR") from error
    if not value:
        return
    if parts.scheme not in {"http", "https"} or not host or not value.isprintable() or " " in value:
        raise Reject(f"{field} must start with http:// or https:// and name a host", code="VALIDATION_ERROR")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Reject(f"{field} must not hold a user name, password, query or fragment", code="VALIDATION_ERROR")


def _readable(error: msgspec.ValidationError, group: str = "") -> str:
    what, _, where = str(error).partition(" - at `$")
    return f"{(group + where.rstrip('`')).lstrip('.') or 'settings'}: {what}"
