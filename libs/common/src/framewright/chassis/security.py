"""Tokens and sealed secrets: who may call, and how credentials rest.

The token is `WEB_AUTH_TOKEN` or a generated one in `auth.json` (0600). Secrets in the config bucket are sealed with Fernet
(AES-CBC and HMAC-SHA256, library `cryptography`) under a key from the environment or a generated 0600 file.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from framewright.domain.errors import Reject

SEALED = "sealed:"


class Sealer:
    """Seals and opens short secrets."""

    def __init__(self, key: str) -> None:
        try:
            self._fernet = Fernet(key.encode())
        except ValueError as error:
            raise Reject("the secret key must be 32 url-safe base64 bytes", code="BAD_SETTING") from error

    def seal(self, secret: str) -> str:
        """The sealed form; empty stays empty, what is sealed already stays as it is."""
        if not secret or secret.startswith(SEALED):
            return secret
        return SEALED + self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret itself.

        Raises:
            Reject: code SEAL_BROKEN, sealed under another key.
        """
        if not sealed.startswith(SEALED):
            return sealed
        try:
            return self._fernet.decrypt(sealed.removeprefix(SEALED).encode()).decode()
        except InvalidToken as error:
            raise Reject("a stored secret was sealed with another key", code="SEAL_BROKEN") from error


def load_sealer(key: str, config_dir: str) -> Sealer:
    """The sealer of this installation; makes its key on first use."""
    return Sealer(key or _once(Path(config_dir) / "secret.key", lambda: Fernet.generate_key().decode()))


def load_token(given: str, config_dir: str) -> str:
    """The operators' token: the given one, or the one in `auth.json`, made on first use."""
    if given:
        return given
    body = _once(Path(config_dir) / "auth.json", lambda: json.dumps({"token": secrets.token_urlsafe(32)}))
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
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text.partition(":")[2]


def _once(path: Path, make: Callable[[], str]) -> str:
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
