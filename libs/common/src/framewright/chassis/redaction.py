"""Keeps secrets out of everything that is written down: logs, traces, error texts.

Two nets: keys of structured fields that name a secret, and patterns inside any text (query arguments, header lines, a
password in a URL).
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "***"

_SECRET_KEY = re.compile(r"token|secret|password|passwd|api_?key|authorization|cookie|seed", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"""(?ix)
    ( (?: [?&;] | \b ) (?: x-plex-token | x-emby-token | x-mediabrowser-token | x-auth-token | api_?key | token | secret | password | pw )
      \s* (?: = | :\s | %3D ) \s* "? )
    [^\s&"',;<>]+
    """
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_MEDIABROWSER = re.compile(r'(?i)(Token=")[^"]+')
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s:@]+:[^/\s@]+@")


def redact_text(text: str) -> str:
    """The text with everything that looks like a credential masked."""
    text = _IN_TEXT.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _MEDIABROWSER.sub(rf"\1{MASK}", text)
    return _USERINFO.sub(rf"\1{MASK}@", text)


def redact(value: Any, key: str = "") -> Any:
    """A JSON-like value with secret fields and secret-looking text masked, whatever its depth."""
    if key and _SECRET_KEY.search(key) and value not in {"", None}:
        return MASK
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {str(k): redact(v, str(k)) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (list, tuple)):
        return [redact(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def redacting(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor over the whole event."""
    return {key: redact(value, key) for key, value in event.items()}
