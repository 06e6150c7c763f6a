"""The environment becomes one frozen struct per service; nothing else reads an environment variable.

A field's variable is its name in capitals; `metadata` is not needed because names are the documented ones.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from framewright.domain.errors import Reject

S = TypeVar("S", bound="ProcessSettings")


def default_config_dir() -> str:
    """A folder of the user's own where state may live (XDG state directory)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return str(Path(base) / "framewright")


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every service reads. Ports of 0 are chosen freely."""

    nats_url: str = "nats://127.0.0.1:4222"
    """Where the bus is; several addresses separated by commas for a cluster."""
    nats_seed: str = ""
    """nkey seed of this service, when the broker wants one."""
    config_dir: str = msgspec.field(default_factory=default_config_dir)
    """Settings, tokens, state."""
    frames_dir: str = ""
    """Folder, the same one for every service, that holds frame packs instead of the bus; empty keeps them on the bus."""
    framewright_host: str = "127.0.0.1"
    """Address the HTTP port binds to."""
    http_port: int = 0
    """Port for health, metrics and (ingest, ui) the API."""
    log_format: Literal["pretty", "json"] = "pretty"
    """pretty or json."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    framewright_secret_key: str = ""
    """Key that seals secrets at rest (Fernet, 44 characters); a 0600 file in config_dir when empty."""
    drain_seconds: float = 25.0
    """How long a stopping service may finish what it holds."""


def from_environment(kind: type[S], environment: Mapping[str, str] | None = None) -> S:
    """The settings struct filled from the environment.

    Raises:
        Reject: code BAD_SETTING, a variable does not have its type; the reason names it, never its value.
    """
    source = os.environ if environment is None else environment
    given = {name: source[name.upper()] for name in kind.__struct_fields__ if source.get(name.upper())}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        where = str(error).rpartition("$.")[2].rstrip("`").upper()
        raise Reject(f"environment variable {where} is not valid", code="BAD_SETTING") from error
