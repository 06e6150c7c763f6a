"""Session cookies: sealed with the installation's key, so this process keeps no list of them."""

import hashlib

import msgspec

from framewright.chassis.clock import now
from framewright.chassis.sealing import SEALED, Sealer
from framewright.domain.errors import Reject
from framewright.ui.domain.admission import SESSION_SECONDS, Session


class Sessions:
    """Opens and recognises sessions for one token; a new token ends them all."""

    def __init__(self, sealer: Sealer, token: str) -> None:
        self._sealer = sealer
        self._digest = hashlib.blake2b(token.encode(), digest_size=16).hexdigest()

    def open(self) -> str:
        """The value of a new cookie, good for seven days."""
        session = Session(int(now().timestamp()) + SESSION_SECONDS, self._digest)
        return self._sealer.seal(msgspec.json.encode(session).decode()).removeprefix(SEALED)

    def holds(self, cookie: str) -> bool:
        """Whether the cookie is one of ours and still good."""
        if not cookie:
            return False
        try:
            session = msgspec.json.decode(self._sealer.open(SEALED + cookie), type=Session)
        except (Reject, msgspec.DecodeError):
            return False
        return session.holds(now().timestamp(), self._digest)
