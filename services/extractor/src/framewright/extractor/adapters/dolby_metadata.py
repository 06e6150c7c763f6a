"""What libavcodec read from a frame's Dolby Vision RPU, as plain numbers.

The layout is that of libavutil's `dovi_meta.h`: a block that begins with the offsets of its parts, each of which may only
grow at its end. Structures are read where those offsets say, never by their own size. The RPU itself follows ETSI GS CCM 001.
"""

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

DOVI_METADATA = "DOVI_METADATA"
"""The frame side data that libavcodec attaches when the stream carries an RPU."""

MAX_PIECES = 8
MAX_ORDER = 3

PartT = TypeVar("PartT", bound=ctypes.Structure)


class _Offsets(ctypes.Structure):
    _fields_ = (("header", ctypes.c_size_t), ("mapping", ctypes.c_size_t), ("color", ctypes.c_size_t))


class _Header(ctypes.Structure):
    _fields_ = (
        ("rpu_type", ctypes.c_uint8),
        ("rpu_format", ctypes.c_uint16),
        ("vdr_rpu_profile", ctypes.c_uint8),
        ("vdr_rpu_level", ctypes.c_uint8),
        ("chroma_resampling_explicit_filter", ctypes.c_uint8),
        ("coef_data_type", ctypes.c_uint8),
        ("coef_log2_denom", ctypes.c_uint8),
        ("vdr_rpu_normalized_idc", ctypes.c_uint8),
        ("bl_video_full_range", ctypes.c_uint8),
        ("bl_bit_depth", ctypes.c_uint8),
    )


class _Curve(ctypes.Structure):
    _fields_ = (
        ("num_pivots", ctypes.c_uint8),
        ("pivots", ctypes.c_uint16 * (MAX_PIECES + 1)),
        ("method", ctypes.c_int * MAX_PIECES),
        ("poly_order", ctypes.c_uint8 * MAX_PIECES),
        ("poly_coef", ctypes.c_int64 * 3 * MAX_PIECES),
        ("mmr_order", ctypes.c_uint8 * MAX_PIECES),
        ("mmr_constant", ctypes.c_int64 * MAX_PIECES),
        ("mmr_coef", ctypes.c_int64 * 7 * MAX_ORDER * MAX_PIECES),
    )


class _Mapping(ctypes.Structure):
    _fields_ = (
        ("vdr_rpu_id", ctypes.c_uint8),
        ("mapping_color_space", ctypes.c_uint8),
        ("mapping_chroma_format_idc", ctypes.c_uint8),
        ("curves", _Curve * 3),
    )


class _Rational(ctypes.Structure):
    _fields_ = (("num", ctypes.c_int), ("den", ctypes.c_int))


class _Color(ctypes.Structure):
    _fields_ = (
        ("dm_metadata_id", ctypes.c_uint8),
        ("scene_refresh_flag", ctypes.c_uint8),
        ("ycc_to_rgb_matrix", _Rational * 9),
        ("ycc_to_rgb_offset", _Rational * 3),
        ("rgb_to_lms_matrix", _Rational * 9),
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch of a reshaping curve, from `start` (0 to 1) to the next piece's.

    `mixing` is empty for a polynomial of the channel alone, with `terms` from the constant upwards. Otherwise `terms` is
    the constant, and each row of `mixing` the seven weights of one power of: y, u, v, yu, yv, uv, yuv.
    """

    start: float
    terms: tuple[float, ...]
    mixing: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """How one channel is reshaped; results are clipped to `low` and `high`."""

    pieces: tuple[Piece, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rpu:
    """One frame's RPU, as far as it says how to show it; matrices by rows.

    `self_standing` says that the base layer is a picture of its own for whoever ignores all this.
    """

    self_standing: bool
    curves: tuple[Curve, ...]
    to_lms_signal: tuple[float, ...]
    neutral: tuple[float, ...]
    to_lms_light: tuple[float, ...]


def rpu_of(said: Mapping[str, Any]) -> Rpu | None:
    """The RPU among a frame's side data; None when there is none, or a block too short to hold one."""
    if DOVI_METADATA not in said:
        return None
    block = bytes(said[DOVI_METADATA])
    offsets = _part(_Offsets, block, 0)
    if offsets is None:
        return None
    header = _part(_Header, block, offsets.header)
    mapping = _part(_Mapping, block, offsets.mapping)
    color = _part(_Color, block, offsets.color)
    if header is None or mapping is None or color is None:
        return None
    return Rpu(
        # As libavcodec tells profile 5 from the others when the container says nothing.
        self_standing=bool(header.vdr_rpu_profile) or not header.bl_video_full_range,
        curves=tuple(_curve(curve, header) for curve in mapping.curves),
        to_lms_signal=_numbers(color.ycc_to_rgb_matrix),
        neutral=_numbers(color.ycc_to_rgb_offset),
        to_lms_light=_numbers(color.rgb_to_lms_matrix),
    )


def _part(kind: type[PartT], block: bytes, offset: int) -> PartT | None:
    if offset + ctypes.sizeof(kind) > len(block):
        return None
    return kind.from_buffer_copy(block, offset)


def _curve(curve: _Curve, header: _Header) -> Curve:
    top = (1 << header.bl_bit_depth) - 1
    unit = 1 << header.coef_log2_denom
    count = min(max(2, curve.num_pivots), MAX_PIECES + 1)
    pivots = [pivot / top for pivot in curve.pivots[:count]]
    pieces = tuple(_piece(curve, number, pivots[number], unit) for number in range(count - 1))
    return Curve(pieces, low=pivots[0], high=pivots[-1])


def _piece(curve: _Curve, number: int, start: float, unit: int) -> Piece:
    if not curve.method[number]:
        terms = curve.poly_coef[number][: min(curve.poly_order[number], 2) + 1]
        return Piece(start, tuple(term / unit for term in terms))
    rows = curve.mmr_coef[number][: min(curve.mmr_order[number], MAX_ORDER)]
    mixing = tuple(tuple(weight / unit for weight in row) for row in rows)
    return Piece(start, (curve.mmr_constant[number] / unit,), mixing)


def _numbers(fractions: "ctypes.Array[_Rational]") -> tuple[float, ...]:
    return tuple(one.num / one.den if one.den else 0.0 for one in fractions)
