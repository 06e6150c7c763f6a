"""The key pair of this installation: whoever holds it may have tokens for the account, so it rests sealed.

Source: Plex's JWT flow of 2025. The key's name is its RFC 7638 thumbprint; Plex repeats it as the claim `thumbprint`.
"""

from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from framewright.domain.errors import Retry
from framewright.vendors.exchange import BAD_ANSWER
from framewright.vendors.plex.account import jws

AUDIENCE = "plex.tv"

SCOPES = "username,email,friendly_name"

LIFETIME = 300
"""Seconds for which a signed request is good; a nonce lives no longer."""


class Jwk(msgspec.Struct, frozen=True):
    """A public key in JSON."""

    kty: str = "OKP"
    crv: str = "Ed25519"
    x: str = ""
    use: str = "sig"
    alg: str = jws.ALGORITHM
    kid: str = ""


class Claims(msgspec.Struct, frozen=True):
    """What is read of a token that Plex made."""

    exp: float
    thumbprint: str = ""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """An Ed25519 key; `seed` is its 32 private bytes in base64."""

    seed: str = field(repr=False)

    @property
    def jwk(self) -> Jwk:
        """The public half."""
        x = jws.public_x(self._private)
        return Jwk(x=x, kid=jws.thumbprint(x))

    def signed(self, client_identifier: str, nonce: str, moment: float) -> str:
        """A device JWT for this nonce, good for five minutes from `moment` (seconds since the epoch)."""
        begins = int(moment)
        claims = {
            "nonce": nonce,
            "scope": SCOPES,
            "aud": AUDIENCE,
            "iss": client_identifier,
            "iat": begins,
            "exp": begins + LIFETIME,
        }
        return jws.signed(self._private, {"typ": "JWT", "kid": self.jwk.kid}, msgspec.json.encode(claims))

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(jws.unb64(self.seed))


def new_key() -> DeviceKey:
    """A key that nobody had before."""
    return DeviceKey(jws.b64(jws.seed_of(Ed25519PrivateKey.generate())))


def claims_of(token: str) -> Claims:
    """The claims of a token that came from plex.tv itself, whose signature is therefore not checked again.

    Raises:
        Retry: code BAD_ANSWER, it is no JWT.
    """
    try:
        return msgspec.json.decode(jws.payload_of(token), type=Claims)
    except (ValueError, msgspec.DecodeError) as error:
        raise Retry("plex.tv: the new token is no JWT", code=BAD_ANSWER) from error
