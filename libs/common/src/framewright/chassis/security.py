"""Who may call: the operators' token, and the credentials that a request carries.

The token is `WEB_AUTH_TOKEN` or a generated one in `auth.json` (0600).
"""

import base64
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from framewright.domain.errors import Reject


def load_token(given: str, config_dir: str) -> str:
    """The operators' token: the given one, or the one in `auth.json`, made on first use."""
    if given:
        return given
    body = write_once(Path(config_dir) / "auth.json", lambda: json.dumps({"token": secrets.token_urlsafe(32)}))
    try:
        return str(json.loads(body)["token"])
    except (ValueError, KeyError, TypeError) as error:
        raise Reject("auth.json holds no token; remove it to get a new one", code="BAD_SETTING") from error


def credentials(headers: Mapping[str, str], query: Mapping[str, str]) -> list[str]:
    """Every credential a request carries: X-Auth-Token, Bearer, the password of Basic, `?token=`."""
    found = [headers.get("x-auth-token", ""), query.get("token", "")]
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found.append(value.strip())
    if scheme.lower() == "basic":
        found.append(_basic_password(value))
    return [credential for credential in found if credential]


def admits(given: list[str], allowed: list[str]) -> bool:
    """Whether any given credential is one of the allowed ones, compared in constant time."""
    verdicts = [hmac.compare_digest(a.encode(), b.encode()) for a in given for b in allowed if b]
    return any(verdicts)


def _basic_password(value: str) -> str:
    try:
        text = base64.b64decode(value.strip(), validate=True).decode()
    except ValueError:  # not base64, not ASCII, not UTF-8
        return ""
    return text.partition(":")[2]


def write_once(path: Path, make: Callable[[], str]) -> str:
    """The file's content; written whole and private by whichever process comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # A name of its own for every starter: in containers two processes may have the same id.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        draft = Path(name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
            sink.write(make())
            sink.flush()
            os.fsync(sink.fileno())
        try:
            os.link(draft, path)  # link, not rename: the first of two starting services wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
