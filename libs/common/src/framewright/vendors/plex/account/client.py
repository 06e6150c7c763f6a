"""The calls to plex.tv and clients.plex.tv; each is one exchange, see `wire.Wire.send` for what they raise.

Sources: Plex's documentation of PIN and JWT (JSON), python-plexapi for account, resources and webhooks (XML).
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

import msgspec

from framewright.domain.errors import Reject, Retry
from framewright.vendors.exchange import BAD_ANSWER, REFUSED
from framewright.vendors.plex.account import elements
from framewright.vendors.plex.account.device_key import Jwk
from framewright.vendors.plex.account.elements import Element
from framewright.vendors.plex.account.wire import PRODUCT, Answer, Ask, Wire, decoded

KEY_REFUSED = "KEY_REFUSED"
"""plex.tv does not take this device key: not registered, registered by somebody else, or a signature it cannot check."""

SIGN_IN_PAGE = "https://app.plex.tv/auth"

_XML = "application/xml"
_UNPROCESSABLE = 422
_KEY_VERDICT = frozenset({_UNPROCESSABLE})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two hosts are; another place only in tests."""

    plex_tv: str = "https://plex.tv"
    clients: str = "https://clients.plex.tv"


class Pin(msgspec.Struct, frozen=True, rename="camel"):
    """A PIN: `auth_token` is empty until somebody has claimed the code."""

    id: int
    code: str = ""
    auth_token: str | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Whose account it is, and what the subscription allows."""

    name: str
    subscribed: bool
    features: frozenset[str]

    @property
    def has_plex_pass(self) -> bool:
        """Whether webhooks are part of what the account pays for."""
        return self.subscribed and (not self.features or "webhooks" in self.features)


class _Nonce(msgspec.Struct):
    nonce: str


class _Token(msgspec.Struct):
    auth_token: str


class PlexTv:
    """plex.tv as one installation sees it."""

    def __init__(self, wire: Wire, addresses: Addresses | None = None) -> None:
        self._wire = wire
        self._at = addresses or Addresses()

    async def start_pin(self) -> Pin:
        """A new strong PIN of the older flow; its token has no end."""
        ask = Ask("POST", f"{self._at.plex_tv}/api/v2/pins?strong=true")
        return decoded(ask, await self._wire.send(ask), Pin)

    async def start_pin_with_key(self, jwk: Jwk) -> Pin:
        """A new strong PIN that also registers a device key.

        Raises:
            Reject: code KEY_REFUSED, the key belongs to somebody else already.
        """
        ask = Ask("POST", f"{self._at.clients}/api/v2/pins", body={"jwk": jwk, "strong": True}, expected=_KEY_VERDICT)
        return decoded(ask, _taken(ask, await self._wire.send(ask)), Pin)

    async def pin_token(self, pin_id: int) -> str:
        """The token of a PIN of the older flow; empty until it is claimed.

        Raises:
            Reject: code GONE, unknown or over.
        """
        ask = Ask("GET", f"{self._at.plex_tv}/api/v2/pins/{pin_id}")
        return decoded(ask, await self._wire.send(ask), Pin).auth_token or ""

    async def pin_token_with_key(self, pin_id: int, device_jwt: str) -> str:
        """The token of a PIN that was started with a key; empty until it is claimed.

        The signed request stands in the address because Plex wants it there; without the private key it is of no use
        to anybody, and it is over after five minutes.

        Raises:
            Reject: code GONE, unknown or over; KEY_REFUSED, the signature or its nonce is not taken.
        """
        url = f"{self._at.clients}/api/v2/pins/{pin_id}?{urlencode({'deviceJWT': device_jwt})}"
        ask = Ask("GET", url, expected=_KEY_VERDICT)
        return decoded(ask, _taken(ask, await self._wire.send(ask)), Pin).auth_token or ""

    async def register_key(self, token: str, jwk: Jwk) -> None:
        """Register a device key with a token of the older flow.

        Raises:
            Reject: code KEY_REFUSED, the key is taken.
        """
        ask = Ask("POST", f"{self._at.clients}/api/v2/auth/jwk", token, {"jwk": jwk}, expected=_KEY_VERDICT)
        _taken(ask, await self._wire.send(ask))

    async def nonce(self) -> str:
        """A word to sign, good for five minutes; plex.tv gives out few in a row."""
        ask = Ask("GET", f"{self._at.clients}/api/v2/auth/nonce")
        return decoded(ask, await self._wire.send(ask), _Nonce).nonce

    async def exchange(self, device_jwt: str) -> str:
        """A new token, good for seven days, for a signed request.

        Raises:
            Reject: code KEY_REFUSED, the key is not registered (any more) or the signature is not taken.
        """
        ask = Ask("POST", f"{self._at.clients}/api/v2/auth/token", body={"jwt": device_jwt}, expected=_KEY_VERDICT)
        return decoded(ask, _taken(ask, await self._wire.send(ask)), _Token).auth_token

    async def user(self, token: str) -> User:
        """The account; the proof that a token is good. Any failure but UNAUTHORIZED and TOKEN_EXPIRED proves nothing."""
        root = await self._read(Ask("GET", f"{self._at.plex_tv}/api/v2/user", token, accept=_XML))
        if not (root.text("id") or root.text("uuid")):
            raise Retry("plex.tv: the account is something else", code=BAD_ANSWER)
        subscription = next(root.named("subscription"), Element("", {}))
        features = (feature.text("id") for part in subscription.named("features") for feature in part.named("feature"))
        name = root.text("username") or root.text("title")
        return User(name, subscription.flag("active"), frozenset(filter(None, features)))

    async def resources(self, token: str) -> Element:
        """The devices of the account; see `discovery`."""
        query = "includeHttps=1&includeRelay=1&includeIPv6=1"
        ask = Ask("GET", f"{self._at.clients}/api/v2/resources?{query}", token, accept=_XML)
        return _listed(await self._read(ask), "resource")

    async def webhooks(self, token: str) -> tuple[str, ...]:
        """Every webhook of the account, whoever registered it."""
        return _urls(await self._read(Ask("GET", self._webhooks, token, accept=_XML)))

    async def set_webhooks(self, token: str, urls: tuple[str, ...]) -> tuple[str, ...]:
        """Replace the whole list; answers the list that now holds."""
        form = {"urls[]": urls} if urls else {"urls": ("",)}
        return _urls(await self._read(Ask("POST", self._webhooks, token, form=form, accept=_XML)))

    def sign_in_page(self, code: str, forward_url: str = "") -> str:
        """Where a browser claims the code; everything stands in the fragment, which no server sees."""
        device = self._wire.device
        pairs = {
            "clientID": device.client_identifier,
            "code": code,
            "context[device][product]": PRODUCT,
            "context[device][version]": device.version,
            **({"forwardUrl": forward_url} if forward_url else {}),
        }
        return f"{SIGN_IN_PAGE}#?{urlencode(pairs, quote_via=quote)}"

    @property
    def _webhooks(self) -> str:
        return f"{self._at.plex_tv}/api/v2/user/webhooks"

    async def _read(self, ask: Ask) -> Element:
        answer = await self._wire.send(ask)
        try:
            return elements.read(answer.body)
        except ValueError as error:
            raise Retry(f"plex.tv: {ask} gives no usable XML", code=BAD_ANSWER) from error


def _taken(ask: Ask, answer: Answer) -> Answer:
    if answer.status == _UNPROCESSABLE:
        raise Reject(f"plex.tv: {ask} answered {_UNPROCESSABLE}: the device key is not taken", code=KEY_REFUSED)
    return answer


def _urls(root: Element) -> tuple[str, ...]:
    return tuple(hook.text("url") for hook in _listed(root, "webhook").named("webhook") if hook.text("url"))


def _listed(root: Element, tag: str) -> Element:
    """The element, when it is a list of these.

    Raises:
        Retry: code BAD_ANSWER, another document: to take it for an empty list would wipe the account's webhooks.
    """
    if root.tag.lower() == "html" or any(child.tag != tag for child in root.children):
        raise Retry(f"plex.tv: the list of {tag}s is something else", code=BAD_ANSWER)
    return root


__all__ = ["KEY_REFUSED", "REFUSED", "Addresses", "Pin", "PlexTv", "User"]
