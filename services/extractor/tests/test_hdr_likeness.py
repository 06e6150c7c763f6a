import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from framewright.extractor.domain.request import Tonemap

WIDTH, HEIGHT = 1280, 720
SMALL = (320, 180)
PQ, HLG, BT709, BT2020, BT2020_10, RGB, SD, UNNAMED = 16, 18, 1, 9, 14, 0, 6, 2
LIMITED, FULL = 1, 2

POPULAR_CHAIN = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap={curve}:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p,scale=320:180"
)
"""What the popular tool does with HDR, at full resolution."""

EXACT = "area+accurate_rnd+full_chroma_int"
OPTIONS = {"libx265": {"preset": "ultrafast", "crf": "8"}, "mjpeg": {"qmin": "2", "qmax": "2"}}
BRIGHTNESS = {"CONTENT_LIGHT_LEVEL", "MASTERING_DISPLAY_METADATA"}


@dataclass(frozen=True)
class Made:
    """How the scene is stored; `transfer` PQ and HLG make it bright, anything else an ordinary film."""

    pixels: str = "yuv420p10le"
    matrix: int = BT2020
    transfer: int = PQ
    color_range: int = LIMITED
    codec: str = "ffv1"
    params: str = ""
    size: tuple[int, int] = (WIDTH, HEIGHT)
    name_matrix: bool = True


@lru_cache(maxsize=2)
def scene(width: int, height: int) -> np.ndarray:
    """Pink noise, less of it in the colours, under shapes with hard edges, 0 to 1 of light: as photographs are."""
    noise = np.random.default_rng(11)
    distance = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]) * height + 1
    layers = [
        np.fft.irfft2(np.fft.rfft2(noise.standard_normal((height, width))) / distance**slope, (height, width))
        for slope in (1.5, 2, 2, 2)
    ]
    grey, *tints = [layer / layer.std() for layer in layers]
    light = np.stack([np.exp(grey + 0.35 * tint) for tint in tints], axis=2) / 10
    x, y = np.meshgrid(np.linspace(0, 4, width), np.linspace(0, 3, height))
    light[(x % 1 - 0.5) ** 2 + (y % 1 - 0.5) ** 2 < 0.03] *= 2.5
    light[(x + y) % 1 < 0.12] *= 0.3
    return np.clip(light, 0, 1)


@lru_cache(maxsize=8)
def signal_of(transfer: int, width: int, height: int) -> np.ndarray:
    """R'G'B' of 16 bits."""
    light = scene(width, height)
    if transfer == PQ:
        power = (light * 0.1) ** (2610 / 16384)  # 1000 nits at most
        signal = ((3424 / 4096 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    elif transfer == HLG:
        signal = np.where(
            light <= 1 / 12,
            np.sqrt(3 * light),
            0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-9)) + 0.55991073,
        )
    else:
        signal = light ** (1 / 2.2)
    return np.rint(signal * 65535).astype(np.uint16)


@pytest.fixture(scope="module")
def make(tmp_path_factory) -> Callable[[Made], Path]:
    done: dict[Made, Path] = {}

    def go(made: Made) -> Path:
        if made not in done:
            done[made] = write(made, tmp_path_factory.mktemp("likeness") / "film.mkv")
        return done[made]

    return go


def write(made: Made, path: Path, unit: bytes = b"") -> Path:
    frame = av.VideoFrame.from_ndarray(signal_of(made.transfer, *made.size), format="rgb48le").reformat(
        format=made.pixels,
        dst_colorspace=made.matrix if made.matrix != RGB else None,
        dst_color_range=made.color_range,
        interpolation="BICUBIC",
    )
    named = made.matrix if made.name_matrix else UNNAMED
    frame.colorspace, frame.color_trc, frame.color_range = named, made.transfer, made.color_range
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    with av.open(str(path), "w") as container:
        video = container.add_stream(made.codec, rate=24)
        video.width, video.height, video.pix_fmt = *made.size, made.pixels
        video.options = OPTIONS.get(made.codec, {})
        if made.codec == "libx265":
            video.options |= {"x265-params": f"log-level=none{made.params}"}
        video.colorspace, video.color_trc, video.color_range = named, made.transfer, made.color_range
        video.color_primaries = BT2020 if made.matrix == BT2020 else BT709
        container.mux([led_by(packet, unit) for packet in [*video.encode(frame), *video.encode(None)]])
    return path


def led_by(packet: av.Packet, unit: bytes) -> av.Packet:
    """The packet with a NAL unit before its own."""
    if not unit:
        return packet
    longer = av.Packet(b"\0\0\0\1" + unit + bytes(packet))
    longer.pts, longer.dts, longer.time_base = packet.pts, packet.dts, packet.time_base
    longer.stream, longer.is_keyframe = packet.stream, True
    return longer


def hdr10_plus_unit() -> bytes:
    """An SEI message of SMPTE ST 2094-40: one window, 400 nits aimed at, one percentile."""
    fields = [(0xB5, 8), (0x3C, 16), (1, 16), (4, 8), (1, 8), (1, 2), (400, 27), (0, 1)]
    fields += [(40000, 17), (50000, 17), (60000, 17), (20000, 17), (1, 4), (99, 7), (50000, 17), (7, 10), (0, 3)]
    text = "".join(format(value, f"0{width}b") for value, width in fields)
    body = int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")
    return b"\x4e\x01\x04" + bytes([len(body)]) + body.replace(b"\0\0\1", b"\0\0\3\1") + b"\x80"


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def reference(path: Path, chain: str, size: tuple[int, int] = SMALL) -> np.ndarray:
    """The first picture as ffmpeg shows it."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path), "-frames:v", "1"]
    raw = subprocess.run(
        [*command, "-vf", f"{chain},format=rgb24", "-f", "rawvideo", "-"], check=True, capture_output=True
    ).stdout
    return np.frombuffer(raw, np.uint8).reshape(size[1], size[0], 3).astype(float)


def ours(extraction) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(extraction.strips[0].frames[0][1])).convert("RGB"), float)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / ((one - other) ** 2).mean()))


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity of the luma, in windows of 8x8 (Wang et al. 2004)."""
    first, second = (picture @ [0.299, 0.587, 0.114] for picture in (one, other))

    def mean(plane: np.ndarray) -> np.ndarray:
        total = np.pad(plane, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        return (total[8:, 8:] - total[:-8, 8:] - total[8:, :-8] + total[:-8, :-8]) / 64

    a, b = mean(first), mean(second)
    spread = mean(first**2) - a**2 + mean(second**2) - b**2
    shared = mean(first * second) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * a * b + c1) * (2 * shared + c2) / ((a**2 + b**2 + c1) * (spread + c2))).mean())


SIDE_DATA = ":hdr10-opt=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(40000000,50)"
LEVEL = ":max-cll=600,200"


@pytest.mark.parametrize("curve", Tonemap)
@pytest.mark.parametrize("transfer", [PQ, HLG], ids=["PQ", "HLG"])
def test_every_curve_looks_like_the_popular_chain_at_full_resolution(transfer, curve, make, pull) -> None:
    film = make(Made(transfer=transfer))

    picture, wanted = ours(pull(film, tonemap=curve)), reference(film, POPULAR_CHAIN.format(curve=curve.value))

    assert psnr(picture, wanted) >= 30
    assert ssim(picture, wanted) >= 0.95


@pytest.mark.parametrize(
    ("params", "carried"),
    [
        ("", set()),
        (LEVEL, {"CONTENT_LIGHT_LEVEL"}),
        (SIDE_DATA + LEVEL, {"CONTENT_LIGHT_LEVEL", "MASTERING_DISPLAY_METADATA"}),
    ],
    ids=["nothing", "light level", "light level and mastering display"],
)
def test_what_hdr10_claims_of_its_brightness_leaves_the_likeness_as_it_is(params, carried, make, pull) -> None:
    film = make(Made(codec="libx265", params=params))

    picture, wanted = ours(pull(film)), reference(film, POPULAR_CHAIN.format(curve="hable"))

    assert {name for name in BRIGHTNESS if name in first_frame(film).side_data} == carried
    assert psnr(picture, wanted) >= 30
    assert ssim(picture, wanted) >= 0.95


def test_dynamic_metadata_of_hdr10_plus_disturbs_nothing(make, tmp_path, pull) -> None:
    plain = make(Made(codec="libx265"))
    plus = write(Made(codec="libx265"), tmp_path / "plus.mkv", hdr10_plus_unit())

    strips = pull(plus).strips

    assert "DYNAMIC_HDR_PLUS" in first_frame(plus).side_data
    assert strips == pull(plain).strips


@pytest.mark.parametrize(
    "made",
    [
        Made("yuv420p", BT709, BT709),
        Made("yuv420p", BT709, BT709, FULL),
        Made("yuv420p10le", BT2020, BT2020_10),
        Made("yuv420p", SD, SD, size=(720, 576)),
        Made("yuv420p", UNNAMED, UNNAMED, size=(720, 576)),
        Made("yuv444p", BT709, BT709),
        Made("yuv422p10le", BT709, BT709),
        Made("yuv444p12le", BT709, BT709),
        Made("rgb24", RGB, BT709, FULL, codec="libx264rgb"),
        Made("gbrp10le", RGB, BT709, FULL),
        Made("bgr0", RGB, BT709, FULL),
        Made("gray", BT709, BT709),
        Made("gray", BT709, BT709, FULL),
        Made("gray10le", BT709, BT709),
        Made("yuvj420p", SD, SD, FULL, codec="mjpeg"),
    ],
    ids=lambda made: f"{made.pixels} matrix {made.matrix} range {made.color_range}",
)
def test_every_kind_of_sdr_has_the_colours_that_ffmpeg_shows(made, make, pull) -> None:
    film = make(made)
    size = (320, 320 * made.size[1] // made.size[0])

    picture, wanted = ours(pull(film)), reference(film, f"scale={size[0]}:{size[1]}:flags={EXACT}", size)

    assert psnr(picture, wanted) >= 31
    assert np.abs((picture - wanted).mean(axis=(0, 1))).max() < 1.5


def test_high_definition_that_names_no_matrix_is_shown_as_bt_709(make, pull) -> None:
    film = make(Made("yuv420p", BT709, BT709, name_matrix=False))

    picture, wanted = ours(pull(film)), reference(film, f"scale=320:180:in_color_matrix=bt709:flags={EXACT}")

    assert first_frame(film).colorspace == UNNAMED
    assert psnr(picture, wanted) >= 31
    assert np.abs((picture - wanted).mean(axis=(0, 1))).max() < 1.5


def test_hdr_that_names_no_matrix_is_shown_as_bt_2020(make, pull) -> None:
    unnamed, named = make(Made(name_matrix=False)), make(Made())

    picture = ours(pull(unnamed))

    assert first_frame(unnamed).colorspace == UNNAMED
    assert (picture == ours(pull(named))).all()


@pytest.mark.parametrize("transfer", [PQ, HLG], ids=["PQ", "HLG"])
@pytest.mark.parametrize(
    "kind",
    [{"color_range": FULL}, {"pixels": "yuv444p10le"}, {"pixels": "gbrp10le", "matrix": RGB, "color_range": FULL}],
    ids=["full range", "4:4:4", "RGB"],
)
def test_hdr_of_other_pixel_formats_looks_alike(kind, transfer, make, pull) -> None:
    film = make(Made(transfer=transfer, **kind))

    picture, usual = ours(pull(film)), ours(pull(make(Made(transfer=transfer))))

    assert psnr(picture, usual) >= 36
