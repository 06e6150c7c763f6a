"""From the IPT signal of Dolby Vision profile 5 to light, at thumbnail size.

The RPU's curves undo the reshaping, its first matrix leads to L'M'S' in PQ, the EOTF to light, its second matrix takes the
crosstalk out, and a fixed one leads to BT.2020. Sources: ETSI GS CCM 001, ITU-R BT.2100 (ICtCp), the Hunt-Pointer-Estevez
matrix for BT.2020.
"""

import numpy as np
from numpy.typing import NDArray

from framewright.extractor.adapters.dolby_metadata import Curve, Piece, Rpu
from framewright.extractor.adapters.tonemap import Floats, light_of
from framewright.extractor.domain.colour import PQ

_LMS_TO_BT2020 = np.array(
    [
        [3.06441879, -2.16597676, 0.10155818],
        [-0.65612108, 1.78554118, -0.12943749],
        [0.01736321, -0.04725154, 1.03004253],
    ],
    np.float32,
)


def ipt_light(signal: Floats, rpu: Rpu) -> Floats:
    """Linear light of BT.2020 in units of 100 nits for a signal of height x width x 3, full range, 0 to 1."""
    shape = signal.shape
    samples = np.clip(signal, 0, 1).reshape(-1, 3)
    reshaped = np.stack([_reshaped(samples, channel, rpu.curves[channel]) for channel in range(3)], axis=1)
    lms = (reshaped - np.array(rpu.neutral, np.float32)) @ _matrix(rpu.to_lms_signal).T
    codes = np.rint(np.clip(lms, 0, 1) * 65535).astype(np.uint16)
    to_bt2020: Floats = _LMS_TO_BT2020 @ _matrix(rpu.to_lms_light)
    light: Floats = light_of(codes, PQ) @ to_bt2020.T
    return light.reshape(shape)


def _reshaped(samples: Floats, channel: int, curve: Curve) -> Floats:
    values = samples[:, channel]
    starts = np.array([piece.start for piece in curve.pieces[1:]], np.float32)
    place = np.searchsorted(starts, values, side="right")
    result = np.empty_like(values)
    for number, piece in enumerate(curve.pieces):
        inside = place == number
        result[inside] = _mixed(samples[inside], piece) if piece.mixing else _polynomial(values[inside], piece.terms)
    return np.clip(result, curve.low, curve.high)


def _polynomial(values: Floats, terms: tuple[float, ...]) -> Floats:
    result = np.zeros_like(values)
    for term in reversed(terms):
        result = result * values + np.float32(term)
    return result


def _mixed(samples: Floats, piece: Piece) -> Floats:
    """Multivariate regression: weights of the channels and of their products, to the first, second and third power."""
    y, u, v = samples.T
    products = np.stack([y, u, v, y * u, y * v, u * v, y * u * v], axis=1)
    result = np.full(len(samples), piece.terms[0], np.float32)
    power = np.ones_like(products)
    for weights in piece.mixing:
        power *= products
        result += power @ np.array(weights, np.float32)
    return result


def _matrix(numbers: tuple[float, ...]) -> NDArray[np.float32]:
    return np.array(numbers, np.float32).reshape(3, 3)
