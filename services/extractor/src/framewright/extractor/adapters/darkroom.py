"""The part of a thumbnail's making that calculates with whole pictures: quarter turns and the light of HDR.

A module of its own, loaded for the films that need it: numpy costs a process 0.2 s and 15 MB, and most films need none.
"""

from typing import cast

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from framewright.extractor.adapters.dolby_light import ipt_light
from framewright.extractor.adapters.dolby_metadata import Rpu
from framewright.extractor.adapters.tonemap import Floats, light_of, tonemap
from framewright.extractor.domain.request import Tonemap


def turned(lying: VideoFrame, turns: int) -> VideoFrame:
    """A yuvj420p picture after so many quarter turns, counter-clockwise."""
    width, height = lying.width, lying.height
    flat = cast("NDArray[np.uint8]", lying.to_ndarray()).reshape(-1)
    half = width * height // 4
    planes = (
        flat[: width * height].reshape(height, width),
        flat[width * height : -half].reshape(height // 2, width // 2),
        flat[-half:].reshape(height // 2, width // 2),
    )
    upright = np.concatenate([np.rot90(plane, turns).reshape(-1) for plane in planes])
    return VideoFrame.from_ndarray(upright.reshape(-1, height if turns % 2 else width), format="yuvj420p")


def mapped(wide: VideoFrame, transfer: int, curve: Tonemap, turns: int) -> VideoFrame:
    """An rgb48le picture in PQ or HLG as rgb24 of BT.709, upright."""
    samples = cast("NDArray[np.uint16]", wide.to_ndarray())
    return _upright(light_of(samples, transfer), curve, turns)


def mapped_ipt(wide: VideoFrame, bits: int, rpu: Rpu, curve: Tonemap, turns: int) -> VideoFrame:
    """A yuv444p16le picture in IPT, stored with so many bits, as rgb24 of BT.709, upright."""
    top = np.float32((1 << 16) - (1 << (16 - bits)))
    signal: Floats = cast("NDArray[np.uint16]", wide.to_ndarray()).astype(np.float32) / top
    return _upright(ipt_light(signal, rpu), curve, turns)


def _upright(light: Floats, curve: Tonemap, turns: int) -> VideoFrame:
    shown = np.rot90(tonemap(light, curve), turns)
    return VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")
