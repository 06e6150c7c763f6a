"""From HDR light to what a thumbnail shows, at thumbnail size.

The chain is that of ffmpeg's `zscale=t=linear:npl=100, zscale=p=bt709, tonemap=…:desat=0, zscale=t=bt709`: PQ or HLG to
linear light in units of 100 nits, BT.2020 to BT.709 primaries, one factor per pixel from its brightest channel, gamma
1/2.4. Sources: SMPTE ST 2084, ITU-R BT.2100 and BT.2087, J. Hable "Uncharted 2 HDR lighting".
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from framewright.extractor.domain.colour import PQ
from framewright.extractor.domain.request import Tonemap

Floats = NDArray[np.float32]

PEAK = 10.0
"""Light that becomes white, in units of 100 nits: 1000 nits, whatever a film claims of itself.

`MaxCLL` and mastering data do not get past `zscale` to ffmpeg's own `tonemap` (9.0.2); it falls back to this. They are often
missing or wrong, and a claim of 4000 nits would make a dark thumbnail.
"""

_TO_709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
_CURVE_STEPS = 1 << 14
_BRIGHTEST = 100.0
_GAMMA_STEPS = 4096
_HLG_SYSTEM_GAMMA = 1.2
_MOBIUS_KNEE = 0.3
_GAMMA_KNEE = 0.05


def tonemap(light: Floats, curve: Tonemap) -> NDArray[np.uint8]:
    """Height x width x 3 of linear light in BT.2020, units of 100 nits, to 8-bit R'G'B' of BT.709."""
    flat = light.reshape(-1, 3) @ _TO_709.T
    red, green, blue = flat.T
    # numpy's own maximum along an axis of three takes sixty times as long.
    brightest = np.clip(np.maximum(np.maximum(red, green), blue), 1e-6, _BRIGHTEST)
    # The table is spaced by the square root, since the curve bends in the shadows.
    factor = _factors(curve)[(np.sqrt(brightest / _BRIGHTEST) * _CURVE_STEPS).astype(np.int32)]
    steps = np.clip(flat * factor[:, None] * _GAMMA_STEPS, 0, _GAMMA_STEPS).astype(np.int32)
    return _display_gamma()[steps].reshape(light.shape)


def light_of(signal: NDArray[np.uint16], transfer: int) -> Floats:
    """Linear light in units of 100 nits for full-range code values of any shape, in PQ or HLG."""
    return _linear_light(transfer)[signal]


@lru_cache(maxsize=2)
def _linear_light(transfer: int) -> Floats:
    """Light in units of 100 nits for each of the 65536 code values."""
    signal = np.arange(65536, dtype=np.float64) / 65535
    return (_pq_light(signal) if transfer == PQ else _hlg_light(signal)).astype(np.float32)


def _pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = signal ** (1 / m2)
    return 100 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def _hlg_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """With the system gamma of a 1000-nit display on each channel, as zimg has it: its look is what people know."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 1 / 2, signal * signal / 3, (np.exp((signal - c) / a) + b) / 12)
    return 10 * scene**_HLG_SYSTEM_GAMMA


@lru_cache(maxsize=8)
def _factors(curve: Tonemap) -> Floats:
    """What a pixel of each brightness is multiplied with."""
    light = (np.arange(_CURVE_STEPS + 1) / _CURVE_STEPS) ** 2 * _BRIGHTEST + 1e-6
    return (_CURVES[curve](light) / light).astype(np.float32)


@lru_cache(maxsize=1)
def _display_gamma() -> NDArray[np.uint8]:
    return ((np.arange(_GAMMA_STEPS + 1) / _GAMMA_STEPS) ** (1 / 2.4) * 255 + 0.5).astype(np.uint8)


def _hable(light: NDArray[np.float64]) -> NDArray[np.float64]:
    def filmic(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return (x * (0.15 * x + 0.05) + 0.004) / (x * (0.15 * x + 0.5) + 0.06) - 0.02 / 0.3

    return filmic(light) / filmic(np.array(PEAK))


def _reinhard(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return light / (light + 1) * (PEAK + 1) / PEAK


def _mobius(light: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _MOBIUS_KNEE
    a = -knee * knee * (PEAK - 1) / (knee * knee - 2 * knee + PEAK)
    b = (knee * knee - 2 * knee * PEAK + PEAK) / (PEAK - 1)
    bent = (b * b + 2 * b * knee + knee * knee) / (b - a) * (light + a) / (light + b)
    return np.where(light <= knee, light, bent)


def _gamma(light: NDArray[np.float64]) -> NDArray[np.float64]:
    shadow = (_GAMMA_KNEE / PEAK) ** (1 / 1.8)
    return np.where(light > _GAMMA_KNEE, (light / PEAK) ** (1 / 1.8), light * shadow / _GAMMA_KNEE)


def _linear(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return light / PEAK


def _clip(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(light, 1)


_CURVES = {
    Tonemap.HABLE: _hable,
    Tonemap.REINHARD: _reinhard,
    Tonemap.MOBIUS: _mobius,
    Tonemap.GAMMA: _gamma,
    Tonemap.LINEAR: _linear,
    Tonemap.CLIP: _clip,
}
