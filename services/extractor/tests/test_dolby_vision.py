import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from framewright.extractor.adapters.dolby import APPROXIMATE, USUAL
from framewright.extractor.adapters.dolby_light import ipt_light
from framewright.extractor.adapters.dolby_metadata import DOVI_METADATA, Curve, Piece, rpu_of

WIDTH, HEIGHT, FRAMES = 320, 192, 3
PQ, HLG, BT709, BT2020_10, BT2020, UNSPECIFIED, FULL, LIMITED = 16, 18, 1, 14, 9, 2, 2, 1

# Forward matrices, each from its own source, so that they check the inverse ones of the program:
# BT.2020 to XYZ (ITU-R BT.2020), XYZ to Hunt-Pointer-Estevez LMS normalised to D65, L'M'S' to IPT (Ebner and Fairchild).
TO_XYZ = np.array([[0.636958, 0.144617, 0.168881], [0.2627, 0.677998, 0.059302], [0, 0.028073, 1.060985]])
TO_LMS = np.array([[0.40024, 0.7076, -0.08081], [-0.2263, 1.16532, 0.0457], [0, 0, 0.91822]])
CROSSTALK = np.array([[0.96, 0.02, 0.02], [0.02, 0.96, 0.02], [0.02, 0.02, 0.96]])
TO_IPT = np.array([[0.4, 0.4, 0.2], [4.455, -4.851, 0.396], [0.8056, 0.3572, -1.1628]])
TO_YCC = np.array([[0.2627, 0.678, 0.0593], [-0.13963, -0.36037, 0.5], [0.5, -0.459786, -0.040214]])

CHROMA_OFFSET, CHROMA_SLOPE = -0.399, 1.856
LUMA_BEND = ((0.0, 0.5, 1.0), (0.0, 0.4, 1.0))
"""How the made streams reshape: chroma stretched as real ones do, luma in two straight pieces (x, y)."""


@dataclass(frozen=True)
class Stream:
    """How pictures of `planes` (three of 0 to 1, full size) are written; `units` are NAL units added to those before `bare_from`."""

    planes: np.ndarray
    transfer: int = UNSPECIFIED
    color_range: int = FULL
    units: tuple[bytes, ...] = ()
    tag: str = ""
    params: str = ""
    bare_from: int = FRAMES


@pytest.fixture
def light() -> np.ndarray:
    """A scene in units of 100 nits: a ramp up to 1000 nits under patches of moderate colours."""
    ramp = np.linspace(0, 1, WIDTH) ** 3 * 10
    scene = np.repeat(np.repeat(ramp[None, :, None], HEIGHT, axis=0), 3, axis=2)
    colours = [
        (1, 0.3, 0.2),
        (0.3, 1, 0.3),
        (0.2, 0.3, 1),
        (1, 1, 0.3),
        (0.3, 1, 1),
        (1, 0.3, 1),
        (1, 0.8, 0.6),
        (1, 1, 1),
    ]
    for number, colour in enumerate(colours):
        scene[48:144, number * 40 + 4 : number * 40 + 36] = np.array(colour) * (0.4 + number % 4)
    return scene


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    def go(stream: Stream, name: str = "dolby.mp4") -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            video = container.add_stream("libx265", rate=24)
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
            video.options = {"preset": "ultrafast", "crf": "4", "x265-params": f"log-level=none{stream.params}"}
            video.color_range, video.color_trc = stream.color_range, stream.transfer
            video.color_primaries = video.colorspace = BT2020 if stream.transfer != UNSPECIFIED else UNSPECIFIED
            if stream.tag:
                video.codec_context.codec_tag = stream.tag
            packets = [packet for frame in [*frames(stream), None] for packet in video.encode(frame)]
            for number, packet in enumerate(packets):
                container.mux(with_units(packet, stream.units if number < stream.bare_from else ()))
        return path

    return go


def frames(stream: Stream) -> Iterator[av.VideoFrame]:
    low, span, chroma = (0, 1023, 1023) if stream.color_range == FULL else (64, 876, 896)
    luma = low + stream.planes[..., 0] * span
    codes = [luma, *(512 + (stream.planes[..., place] - 0.5) * chroma for place in (1, 2))]
    halves = [plane.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3)) for plane in codes[1:]]
    for number in range(FRAMES):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")
        for plane, values in zip(frame.planes, [codes[0], *halves], strict=True):
            rows = np.frombuffer(plane, np.uint16).reshape(-1, plane.line_size // 2)
            rows[: plane.height, : plane.width] = np.clip(np.rint(values), 0, 1023)
        frame.pts, frame.time_base, frame.color_range = number, Fraction(1, 24), stream.color_range
        frame.color_trc = stream.transfer
        yield frame


def with_units(packet: av.Packet, units: Sequence[bytes]) -> av.Packet:
    longer = av.Packet(bytes(packet) + b"".join(b"\0\0\0\1" + escaped(unit) for unit in units))
    longer.pts, longer.dts, longer.time_base = packet.pts, packet.dts, packet.time_base
    longer.stream, longer.is_keyframe, longer.duration = packet.stream, packet.is_keyframe, packet.duration
    return longer


def escaped(unit: bytes) -> bytes:
    out = bytearray()
    for byte in unit:
        if byte <= 3 and out[-2:] == b"\0\0":
            out.append(3)
        out.append(byte)
    return bytes(out)


def pq(light: np.ndarray) -> np.ndarray:
    power = (np.clip(light, 0, 100) / 100) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)


def ipt(light: np.ndarray) -> np.ndarray:
    """Intensity and two differences, in PQ."""
    return pq(light @ (CROSSTALK @ TO_LMS @ TO_XYZ).T) @ TO_IPT.T


def ipt_planes(light: np.ndarray) -> np.ndarray:
    """The base layer of profile 5: luma and chroma reshaped."""
    luma = np.interp(ipt(light)[..., 0], LUMA_BEND[1], LUMA_BEND[0])
    chroma = (ipt(light)[..., 1:] + 0.5 - CHROMA_OFFSET) / CHROMA_SLOPE
    return np.concatenate([luma[..., None], chroma], axis=2)


def hdr10_planes(light: np.ndarray) -> np.ndarray:
    """The same scene as HDR10 stores it."""
    return pq(light) @ TO_YCC.T + [0, 0.5, 0.5]


class Bits:
    """Writes an RPU; syntax of ETSI GS CCM 001 as libavcodec reads it."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, *fields: tuple[int, int]) -> None:
        self.text += "".join(format(value % (1 << width), f"0{width}b") for value, width in fields)

    def golomb(self, *values: int) -> None:
        for value in values:
            digits = format(value + 1, "b")
            self.text += "0" * (len(digits) - 1) + digits

    def coefficient(self, value: float, denominator: int = 23) -> None:
        whole, rest = divmod(round(value * (1 << denominator)), 1 << denominator)
        self.golomb(2 * whole - 1 if whole > 0 else -2 * whole)
        self.put((rest, denominator))

    def sealed(self) -> bytes:
        self.text += "0" * (-len(self.text) % 8)
        body = int(self.text, 2).to_bytes(len(self.text) // 8, "big")
        return body + crc(body).to_bytes(4, "big") + b"\x80"


def crc(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value


def rpu_unit(*, profile: int, full_range: bool, mixing: bool = False) -> bytes:
    """A NAL unit of type 62 for every frame: `profile` as the RPU counts (0: profile 5, 1: profiles 7 and 8)."""
    bits = Bits()
    bits.put((2, 6), (18, 11), (profile, 4), (0, 4), (1, 1), (0, 1), (0, 2))
    bits.golomb(23)
    bits.put((1, 2), (full_range, 1))
    bits.golomb(2, 2, 4)
    bits.put((0, 1), (0, 3), (0, 1), (1, 1), (1, 1), (0, 1))
    bits.golomb(0, 0, 0)
    curves(bits, mixing=mixing)
    display(bits)
    bits.golomb(0)
    return b"\x7c\x01\x19" + bits.sealed()


def curves(bits: Bits, *, mixing: bool) -> None:
    bits.golomb(1)
    bits.put((0, 10), (512, 10), (511, 10))
    for _ in range(2):
        bits.golomb(0)
        bits.put((0, 10), (1023, 10))
    bits.golomb(0, 0)
    for terms in ((0.0, 0.8), (-0.2, 1.2), (CHROMA_OFFSET, CHROMA_SLOPE)):
        line(bits, terms)
    if not mixing:
        line(bits, (CHROMA_OFFSET, CHROMA_SLOPE))
        return
    bits.golomb(1)
    bits.put((1, 2))
    for term in (CHROMA_OFFSET, 0, 0, CHROMA_SLOPE, *[0] * 11):
        bits.coefficient(term)


def line(bits: Bits, terms: tuple[float, float]) -> None:
    bits.golomb(0, 0)
    bits.put((0, 1))
    for term in terms:
        bits.coefficient(term)


def display(bits: Bits) -> None:
    bits.golomb(0, 0, 1)
    bits.put(*((part, 16) for part in (8192, 799, 1681, 8192, -933, 1091, 8192, 267, -5545)))
    bits.put(*((part, 32) for part in (0, 1 << 27, 1 << 27)))
    bits.put(*((part, 16) for part in (17081, -349, -349, -349, 17081, -349, -349, -349, 17081)))
    bits.put((65535, 16), (0, 16), (0, 16), (0, 32), (12, 5), (2, 2), (0, 2), (1, 2), (7, 12), (3079, 12), (42, 10))


def shown(extraction) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(extraction.strips[0].frames[0][1])).convert("RGB"), float)


def patches(picture: np.ndarray) -> np.ndarray:
    """The mean colour of each patch."""
    return np.array([picture[60:132, number * 40 + 10 : number * 40 + 30].mean(axis=(0, 1)) for number in range(8)])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, ((one - other) ** 2).mean())))


@pytest.mark.parametrize("name", ["dolby.mp4", "dolby.mkv", "dolby.ts"])
@pytest.mark.parametrize("mixing", [False, True], ids=["polynomial", "regression"])
def test_profile_5_shows_what_its_hdr10_twin_shows(name, mixing, light, write, pull) -> None:
    five = write(Stream(ipt_planes(light), units=(rpu_unit(profile=0, full_range=True, mixing=mixing),)), name)
    twin = write(Stream(hdr10_planes(light), transfer=PQ, color_range=LIMITED), "twin.mkv")

    extraction = pull(five)

    assert likeness(shown(extraction), shown(pull(twin))) >= 38
    assert np.abs(patches(shown(extraction)) - patches(shown(pull(twin)))).max() < 3
    assert APPROXIMATE not in extraction.report.warnings


@pytest.mark.parametrize(
    ("transfer", "params"),
    [(PQ, ""), (HLG, ""), (BT2020_10, ":atc-sei=18"), (BT709, "")],
    ids=["8.1 HDR10", "8.4 HLG", "8.4 HLG by SEI", "8.2 SDR"],
)
def test_profile_8_is_shown_through_its_base_layer_alone(transfer, params, light, write, pull) -> None:
    base = Stream(hdr10_planes(light), transfer, LIMITED, params=params)
    plain = write(base, "plain.mkv")

    dolby = write(replace(base, units=(rpu_unit(profile=1, full_range=False),)), "dolby.mkv")

    assert pull(dolby).strips == pull(plain).strips


def test_hlg_that_only_an_sei_names_is_brought_down_as_hlg(light, write, pull) -> None:
    named = write(Stream(hdr10_planes(light), HLG, LIMITED), "named.mkv")

    hinted = write(Stream(hdr10_planes(light), BT2020_10, LIMITED, params=":atc-sei=18"), "hinted.mkv")

    assert pull(hinted).strips == pull(named).strips


def test_profile_7_ignores_the_enhancement_layer_beside_its_base_layer(light, write, pull) -> None:
    base = Stream(hdr10_planes(light), PQ, LIMITED)
    enhancement = b"\x7e\x01" + np.random.default_rng(7).bytes(4000)
    plain = write(base, "plain.mkv")

    dolby = write(replace(base, units=(enhancement, rpu_unit(profile=1, full_range=False))), "dolby.mkv")

    assert pull(dolby).strips == pull(plain).strips


def test_profile_5_without_its_metadata_is_shown_by_its_tag_and_says_so(light, write, pull) -> None:
    bare = write(Stream(np.add(ipt(light), [0, 0.5, 0.5]), tag="dvh1"))
    twin = write(Stream(hdr10_planes(light), PQ, LIMITED), "twin.mkv")

    extraction = pull(bare, 5000, widths=(160, 320))

    wide = replace(extraction, strips=extraction.strips[1:])
    assert extraction.report.warnings.count(APPROXIMATE) == 1
    assert likeness(shown(wide), shown(pull(twin))) >= 38


def test_a_frame_whose_metadata_is_lost_is_shown_with_that_of_an_earlier_one(light, write, pull) -> None:
    unit = rpu_unit(profile=0, full_range=True)

    extraction = pull(write(Stream(ipt_planes(light), units=(unit,), params=":keyint=1", bare_from=1)), 100)

    first, last = (
        shown(replace(extraction, strips=(replace(extraction.strips[0], frames=(frame,)),)))
        for frame in extraction.strips[0].frames
    )
    assert likeness(first, last) >= 38
    assert APPROXIMATE in extraction.report.warnings


def test_the_tag_of_a_stream_that_names_its_transfer_changes_nothing(light, write, pull) -> None:
    base = Stream(hdr10_planes(light), PQ, LIMITED)

    tagged, plain = pull(write(replace(base, tag="dvh1"))), pull(write(base, "plain.mp4"))

    assert tagged.strips == plain.strips
    assert APPROXIMATE not in tagged.report.warnings


def test_the_metadata_is_read_as_it_was_written(light, write) -> None:
    path = write(Stream(ipt_planes(light), units=(rpu_unit(profile=0, full_range=True, mixing=True),)))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))

    rpu = rpu_of(frame.side_data)

    assert (rpu.self_standing, rpu.to_lms_signal, rpu.neutral) == (False, USUAL.to_lms_signal, USUAL.neutral)
    assert rpu.to_lms_light == USUAL.to_lms_light
    assert [piece.start for piece in rpu.curves[0].pieces] == [0, 512 / 1023]
    assert rpu.curves[0].pieces[1].terms == pytest.approx((-0.2, 1.2), abs=1e-6)
    assert rpu.curves[2].pieces[0].mixing == (pytest.approx((0, 0, 1.856, 0, 0, 0, 0), abs=1e-6), (0,) * 7)


def test_a_block_of_any_other_length_or_content_is_no_metadata_or_still_a_picture(light, write) -> None:
    path = write(Stream(ipt_planes(light), units=(rpu_unit(profile=0, full_range=True),)))
    with av.open(str(path)) as container:
        block = bytes(next(container.decode(video=0)).side_data[DOVI_METADATA])
    noise = np.random.default_rng(5)
    signal = noise.random((4, 4, 3), np.float32)

    for _ in range(200):
        mutated = bytearray(block[: noise.integers(0, len(block) + 1)])
        for place in noise.integers(0, max(1, len(mutated)), 40):
            mutated[place : place + 1] = noise.bytes(1)
        rpu = rpu_of({DOVI_METADATA: bytes(mutated)})
        assert rpu is None or ipt_light(signal, rpu).shape == (4, 4, 3)


def test_regression_weighs_the_channels_and_their_products_by_powers() -> None:
    y, u, v = 0.25, 0.5, 0.75
    rows = ((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7), (0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1))
    terms = (y, u, v, y * u, y * v, u * v, y * u * v)
    expected = 0.05 + sum(
        weight * term**power for power, row in enumerate(rows, 1) for weight, term in zip(row, terms, strict=True)
    )
    identity = (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)
    mixed, constant = (Curve((Piece(0, (start,), mixing),), 0, 9) for start, mixing in ((0.05, rows), (expected, ())))

    two = [
        replace(USUAL, curves=(curve,) * 3, to_lms_signal=identity, neutral=(1.0, 1.0, 1.0))
        for curve in (mixed, constant)
    ]

    signal = np.array([[[y, u, v]]], np.float32)
    assert ipt_light(signal, two[0]) == pytest.approx(ipt_light(signal, two[1]), rel=1e-3)
