"""Whether Dolby Vision's base layer is no picture of its own (profile 5), and how its signal is to be read then.

Profiles 7 and 8 never come here: their base layer is shown as it is. Source: ETSI GS CCM 001.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from framewright.extractor.adapters.dolby_metadata import Curve, Piece, Rpu, rpu_of

TAGS = frozenset({"dvh1", "dvhe", "dav1"})
"""Codec tags of MP4 for streams that a player without Dolby Vision is not meant to show."""

APPROXIMATE = "Dolby Vision without its metadata: colours are approximate"
"""What a report says of pictures that had to be shown without an RPU."""

_UNTOUCHED = Curve((Piece(0.0, (0.0, 1.0)),), low=0.0, high=1.0)
USUAL = Rpu(
    self_standing=False,
    curves=(_UNTOUCHED, _UNTOUCHED, _UNTOUCHED),
    to_lms_signal=tuple(part / 8192 for part in (8192, 799, 1681, 8192, -933, 1091, 8192, 267, -5545)),
    neutral=(0.0, 0.5, 0.5),
    to_lms_light=tuple(part / 16384 for part in (17081, -349, -349, -349, 17081, -349, -349, -349, 17081)),
)
"""What profile 5 streams have in common: the IPT matrices with two percent of crosstalk; without any reshaping."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a frame's signal is to be read; `remark` is for the report, empty when nothing is amiss."""

    rpu: Rpu
    remark: str = ""


def reading_of(said: Mapping[str, Any], tag: str, *, named: bool) -> Reading | None:
    """How to read a frame with this side data and codec tag; None when it is a picture as it is.

    `named` says that the stream names its transfer: then its base layer stands for itself.
    """
    rpu = rpu_of(said)
    if rpu is not None:
        return None if rpu.self_standing else Reading(rpu)
    return Reading(USUAL, APPROXIMATE) if tag in TAGS and not named else None
