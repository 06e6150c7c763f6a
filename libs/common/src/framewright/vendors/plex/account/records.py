"""What is kept of an account, and how it stands. Pure; moments are seconds since the epoch."""

from enum import StrEnum

import msgspec

DAY = 86_400.0

EARLY = DAY
"""A token is replaced so long before its end."""

JITTER = 7200.0
"""And up to so much earlier, or all installations would come at the same minute."""

ALERT = 12 * 3600.0
"""An end that is nearer than this needs a person's attention: the refresh has failed for half a day."""

NOT_SIGNED_IN = "PLEX_NOT_SIGNED_IN"
SIGN_IN_AGAIN = "PLEX_SIGN_IN_AGAIN"


class Method(StrEnum):
    """How an account was signed in: with a key of this device and tokens of a week, or with a token that has no end."""

    JWT = "jwt"
    LEGACY = "legacy"


class Standing(StrEnum):
    """What may be expected of the account."""

    SIGNED_OUT = "signed_out"
    GOOD = "good"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    REFUSED = "refused"


class KeptKey(msgspec.Struct, frozen=True):
    """The private key of this installation."""

    seed: str


class KeptPin(msgspec.Struct, frozen=True):
    """A PIN that somebody may be claiming right now, with the key that was sent along."""

    method: Method
    seed: str = ""
    done: bool = False


class KeptHook(msgspec.Struct, frozen=True):
    """The address under which plex.tv was told to reach this installation, without its secret."""

    public_url: str


class Account(msgspec.Struct, frozen=True):
    """The account; `expires_at` 0 means a token without end, `problem` is why the last refresh failed."""

    token: str
    method: Method
    username: str = ""
    signed_in_at: float = 0.0
    expires_at: float = 0.0
    refresh_at: float = 0.0
    problem: str = ""
    refused: bool = False

    def due(self, moment: float) -> bool:
        """Whether it is time for the next token."""
        return self.method is Method.JWT and moment >= self.refresh_at


def standing(account: Account | None, moment: float) -> Standing:
    """How the account stands; `REFUSED` means that only signing in again helps."""
    if account is None:
        return Standing.SIGNED_OUT
    if account.refused:
        return Standing.REFUSED
    if not account.expires_at:
        return Standing.GOOD
    if moment >= account.expires_at:
        return Standing.EXPIRED
    return Standing.EXPIRING if account.expires_at - moment < ALERT else Standing.GOOD


def refresh_moment(expires_at: float, chance: float) -> float:
    """When to ask for the next token; `chance` is between 0 and 1."""
    return expires_at - EARLY - JITTER * chance
