"""How credentials rest: sealed with Fernet (AES-CBC and HMAC-SHA256, library `cryptography`).

The key comes from the environment or from a generated 0600 file.
"""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from framewright.chassis.security import write_once
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
    return Sealer(key or write_once(Path(config_dir) / "secret.key", lambda: Fernet.generate_key().decode()))
