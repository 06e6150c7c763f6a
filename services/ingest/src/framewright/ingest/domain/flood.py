"""How much one sender may bring at once: a bucket of tokens that fills again steadily."""

from collections import OrderedDict
from dataclasses import dataclass

MOST_SENDERS = 1000
"""Senders that are remembered; the one that was quiet the longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` requests at once, `rate` more each second; a rate of 0 means that nobody is limited."""

    burst: int
    rate: float


@dataclass(slots=True)
class _Tokens:
    left: float
    at: float
    refused: int = 0
    route: str = ""


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many requests of one sender were refused since this was last told."""

    sender: str
    route: str
    count: int


class Flood:
    """Counts requests by sender; moments are seconds of a steady clock."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._senders: OrderedDict[str, _Tokens] = OrderedDict()
        self._forgotten: list[Refusals] = []

    def wait(self, sender: str, route: str, at: float) -> float:
        """Seconds after which the sender may come again; 0 when this request may pass."""
        allowance = self._allowance
        if allowance.rate <= 0:
            return 0.0
        tokens = self._senders.setdefault(sender, _Tokens(allowance.burst, at))
        self._senders.move_to_end(sender)
        self._forget()
        tokens.left = min(float(allowance.burst), tokens.left + (at - tokens.at) * allowance.rate)
        tokens.at = at
        if tokens.left >= 1:
            tokens.left -= 1
            return 0.0
        tokens.refused += 1
        tokens.route = route
        return (1 - tokens.left) / allowance.rate

    def refusals(self) -> list[Refusals]:
        """What was refused since the last call."""
        told = self._forgotten
        self._forgotten = []
        for sender, tokens in self._senders.items():
            if tokens.refused:
                told.append(Refusals(sender, tokens.route, tokens.refused))
                tokens.refused = 0
        return told

    def _forget(self) -> None:
        while len(self._senders) > MOST_SENDERS:
            sender, tokens = self._senders.popitem(last=False)
            if tokens.refused:
                self._forgotten.append(Refusals(sender, tokens.route, tokens.refused))
