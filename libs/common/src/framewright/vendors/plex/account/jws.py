"""Compact signatures with Ed25519 (RFC 7515, RFC 8037): all that the JWT flow of Plex needs of JOSE."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ALGORITHM = "EdDSA"


def b64(data: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of such text.

    Raises:
        ValueError: it is not base64.
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


def signed(key: Ed25519PrivateKey, header: Mapping[str, Any], payload: bytes) -> str:
    """The compact serialisation; `alg` stands first in the header."""
    protected = b64(msgspec.json.encode({"alg": ALGORITHM, **header}))
    content = f"{protected}.{b64(payload)}"
    return f"{content}.{b64(key.sign(content.encode()))}"


def payload_of(token: str) -> bytes:
    """The payload, unverified.

    Raises:
        ValueError: not a compact serialisation.
    """
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        raise ValueError("not a compact serialisation")
    return unb64(parts[1])


def seed_of(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that are the private key."""
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def public_x(key: Ed25519PrivateKey) -> str:
    """The public key as a JWK spells it."""
    return b64(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def thumbprint(x: str) -> str:
    """The thumbprint of an Ed25519 public key after RFC 7638."""
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return b64(hashlib.sha256(canonical.encode()).digest())
