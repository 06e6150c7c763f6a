"""The state of a simulated plex.tv: one account, its PINs, device keys, tokens, servers and webhooks."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from framewright.vendors.plex.account import jws
from framewright.vendors.plex.account.device_key import AUDIENCE, Jwk
from framewright.vendors.simulation.instruments import Instruments

DAY = 86_400.0
TOKEN_SECONDS = 7 * DAY
NONCE_SECONDS = 300.0
PIN_SECONDS = 1800.0


class Claims(msgspec.Struct):
    """What a device JWT must say."""

    nonce: str
    aud: str
    iss: str
    exp: float
    iat: float


class _Header(msgspec.Struct):
    kid: str
    alg: str


@dataclass
class PinState:
    """A PIN, who asked for it, and the name of the key that came with it."""

    id: int
    code: str
    client: str
    expires: float
    kid: str = ""
    claimed: bool = False
    token: str = ""


@dataclass(frozen=True)
class Way:
    """One connection that a server advertises."""

    address: str
    port: int
    uri: str
    local: bool = True
    relay: bool = False
    ipv6: bool = False


@dataclass
class Advertised:
    """A server of the account."""

    name: str
    machine_id: str
    token: str
    ways: tuple[Way, ...] = ()
    owned: bool = True
    present: bool = True
    https_required: bool = False
    provides: str = "server"


@dataclass
class PlexTvState:
    """Everything the routes read and change; `legacy_token` is what the older PIN flow gives out."""

    username: str = "admin"
    legacy_token: str = "legacy-token"  # noqa: S105 - of a simulator
    plex_pass: bool = True
    clock: Callable[[], float] = time.time
    servers: list[Advertised] = field(default_factory=list[Advertised])
    webhooks: list[str] = field(default_factory=list[str])
    instruments: Instruments = field(default_factory=Instruments)

    def __post_init__(self) -> None:
        self.pins: dict[int, PinState] = {}
        self.keys: dict[str, tuple[str, Jwk]] = {}
        self.tokens: dict[str, float] = {self.legacy_token: float("inf")}
        self._nonces: dict[str, float] = {}
        self._key = Ed25519PrivateKey.generate()

    def start_pin(self, client: str, jwk: Jwk | None) -> PinState | None:
        """A new PIN; None when its key is somebody else's."""
        if jwk is not None and not self.register(client, jwk):
            return None
        number = len(self.pins) + 1001
        pin = PinState(number, uuid.uuid4().hex[:25], client, self.clock() + PIN_SECONDS, jwk.kid if jwk else "")
        self.pins[number] = pin
        return pin

    def pin(self, number: int, client: str) -> PinState | None:
        """A PIN that this client started and that is not over."""
        pin = self.pins.get(number)
        return pin if pin and pin.client == client and pin.expires > self.clock() else None

    def approve(self, number: int) -> None:
        """What the person does in the browser."""
        self.pins[number].claimed = True

    def register(self, client: str, jwk: Jwk) -> bool:
        """Remember the key of a device; False when another device has it."""
        owner, _ = self.keys.get(jwk.kid, (client, jwk))
        if owner != client or jwk.crv != "Ed25519":
            return False
        self.keys[jwk.kid] = (client, jwk)
        return True

    def nonce(self) -> str:
        """A fresh word to sign."""
        word = str(uuid.uuid4())
        self._nonces[word] = self.clock() + NONCE_SECONDS
        return word

    def verified(self, device_jwt: str, client: str, *, spend: bool) -> str:
        """The name of the key that signed a good device JWT, empty for a bad one; the nonce is spent when told so."""
        try:
            header = msgspec.json.decode(jws.unb64(device_jwt.partition(".")[0]), type=_Header)
            claims = msgspec.json.decode(jws.payload_of(device_jwt), type=Claims)
        except (ValueError, msgspec.DecodeError):
            return ""
        owner, jwk = self.keys.get(header.kid, ("", None))
        if jwk is None or owner != client or not _is_signed(device_jwt, jwk):
            return ""
        meant = (claims.aud, claims.iss) == (AUDIENCE, client) and claims.exp > self.clock()
        fresh = self._nonces.get(claims.nonce, 0.0) > self.clock()
        if spend:
            self._nonces.pop(claims.nonce, None)
        return header.kid if meant and fresh else ""

    def mint(self, client: str, kid: str) -> str:
        """A JWT for seven days."""
        begins, user = int(self.clock()), {"id": 1, "username": self.username}
        claims = {
            "aud": [AUDIENCE, client],
            "iss": AUDIENCE,
            "iat": begins,
            "exp": begins + int(TOKEN_SECONDS),
            "jti": uuid.uuid4().hex,
            "thumbprint": kid,
            "user": user,
        }
        token = jws.signed(self._key, {"typ": "JWT", "kid": "simulated"}, msgspec.json.encode(claims))
        self.tokens[token] = begins + TOKEN_SECONDS
        return token

    def forget_keys(self) -> None:
        """What the person does in the list of devices: remove them all."""
        self.keys.clear()


def _is_signed(token: str, jwk: Jwk) -> bool:
    content, _, signature = token.rpartition(".")
    try:
        Ed25519PublicKey.from_public_bytes(jws.unb64(jwk.x)).verify(jws.unb64(signature), content.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
