"""Keeps secrets out of everything that is written down: logs, traces, error texts.

Two nets: keys of structured fields that name a secret, and patterns inside any text (query arguments, header lines, a
password in a URL, the metadata provider's address).
"""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

MASK = "***"

_SECRET_KEY = re.compile(r"token|secret|password|passwd|api[_-]?key|authorization|cookie|seed", re.IGNORECASE)
_NAMED = r"(?:[a-z0-9]+[_-])*(?:token|secret|password|passwd|api[_-]?key|apikey)|pw|access_?token|cookie"
_IN_TEXT = re.compile(rf"(?i)((?<![a-z0-9])(?:{_NAMED})[\"']?\s*(?:=|:|%3D)\s*[\"']?)[^\s&\"',;<>]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_MEDIABROWSER = re.compile(r'(?i)(Token=")[^"]+')
_PROVIDER = re.compile(r"(/plex-provider/)[A-Za-z0-9_%-]{16,}")
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@?#]+@")


def redact_text(text: str) -> str:
    """The text with everything that looks like a credential masked."""
    text = _IN_TEXT.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _MEDIABROWSER.sub(rf"\1{MASK}", text)
    text = _PROVIDER.sub(rf"\1{MASK}", text)
    return _USERINFO.sub(rf"\1{MASK}@", text)


def redact(value: Any, key: str = "") -> Any:
    """A JSON-like value with secret fields and secret-looking text masked, whatever its depth; other objects as text."""
    if value is None or isinstance(value, bool) or value == "":
        return value
    if key and _SECRET_KEY.search(key):
        return MASK
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, Mapping):
        return {str(k): redact(v, str(k)) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return redact_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value))


def redacting(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor over the whole event; names with an underscore in front are structlog's own."""
    return {key: value if key.startswith("_") else redact(value, key) for key, value in event.items()}
