"""Names that say nothing to whoever sees them and lead back to what they stand for, without a table of them.

AES-SIV (RFC 5297, library `cryptography`): the same text has the same name for ever, a name that was not given here leads
nowhere, and `realm` keeps names of one purpose from being used for another.
"""

import base64
import binascii
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_KEY_BITS = 512
_NAME = re.compile(r"[A-Za-z0-9_-]{22,8192}")


class OpaqueNames:
    """Names in letters, digits, `-` and `_`; a third longer than their texts, and 22 characters."""

    def __init__(self, key: str) -> None:
        self._cipher = AESSIV(base64.urlsafe_b64decode(key))

    def name(self, text: str, realm: str = "") -> str:
        """The name of a text; the text may be no longer than 6000 bytes."""
        sealed = self._cipher.encrypt(text.encode("utf-8", "surrogateescape"), [realm.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def text(self, name: str, realm: str = "") -> str | None:
        """What a name stands for; None for a name that was not given with this key in this realm."""
        if not _NAME.fullmatch(name):
            return None
        try:
            sealed = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4))
            return self._cipher.decrypt(sealed, [realm.encode()]).decode("utf-8", "surrogateescape")
        except (InvalidTag, binascii.Error):
            return None


def new_naming_key() -> str:
    """A key for `OpaqueNames`."""
    return base64.urlsafe_b64encode(AESSIV.generate_key(_KEY_BITS)).decode()
