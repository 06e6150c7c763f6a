"""How good the pictures look beside lossless ones of the same frame and size, made by the same ffmpeg binary.

Against `true` (the tool's scaler, bicubic, with the film's colours right; for HDR its tone-mapping at full size) a picture is
judged as a viewer sees it; against the lossless picture of its own chain (`tool` or `ours`) only what JPEG took from it. The
two differ for the tool: it leaves BT.709 samples in files that every viewer reads as BT.601. References are kept in the
cache folder.
"""

import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bench.extraction.material import cache_folder, original, run_ffmpeg
from bench.extraction.recipes import Recipe
from bench.extraction.tool import HDR_CHAIN
from numpy.typing import NDArray
from PIL import Image

SAMPLE = 12
"""Pictures compared per method, spread over the film."""

Pixels = NDArray[np.uint8]
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Likeness:
    """Means over the compared pictures: luma PSNR in dB against both, RGB PSNR and luma SSIM against `true`.

    `own` is None where a chain cannot be had without loss.
    """

    own: float | None
    true: float
    rgb: float
    ssim: float


def spread_out(pictures: Sequence[tuple[int, Path]]) -> list[tuple[int, Path]]:
    """At most `SAMPLE` of the (frame number, picture), evenly."""
    step = max(1, math.ceil(len(pictures) / SAMPLE))
    return list(pictures[::step])


def compare(recipe: Recipe, pictures: Sequence[tuple[int, Path]], chain: str) -> Likeness:
    """How like the references these (frame number, picture) are, at least one; `chain` is "tool" or "ours"."""
    shown = [(number, _load(path)) for number, path in pictures]
    size = (shown[0][1].shape[1], shown[0][1].shape[0])
    true = _beside(shown, References(recipe, size, "true"))
    own = None if recipe.hdr and chain == "ours" else _beside(shown, References(recipe, size, chain))
    return Likeness(
        own=None if own is None else _luma_psnr(own),
        true=_luma_psnr(true),
        rgb=_mean(psnr(picture, reference) for picture, reference in true),
        ssim=ssim(true),
    )


def _luma_psnr(pairs: Sequence[tuple[Pixels, Pixels]]) -> float:
    return _mean(psnr(luma(picture), luma(reference)) for picture, reference in pairs)


def _beside(shown: Sequence[tuple[int, Pixels]], references: "References") -> list[tuple[Pixels, Pixels]]:
    found = references.of([number for number, _ in shown])
    return [(picture, found[number]) for number, picture in shown]


def psnr(picture: NDArray[np.generic], reference: NDArray[np.generic]) -> float:
    """Peak signal to noise in dB; 99 for equal pictures."""
    error = np.mean((picture.astype(np.float64) - reference.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else float(10 * math.log10(255 * 255 / error))


def luma(picture: Pixels) -> NDArray[np.float64]:
    """Brightness as JPEG has it."""
    return picture.astype(np.float64) @ _LUMA


def ssim(pairs: Sequence[tuple[Pixels, Pixels]]) -> float:
    """Structural similarity of the luma, the mean over all pictures, by ffmpeg's filter."""
    height, width, _ = pairs[0][0].shape
    with tempfile.TemporaryDirectory() as folder:
        inputs: list[str] = []
        for place, name in enumerate(("shown", "reference")):
            path = Path(folder, name)
            path.write_bytes(b"".join(luma(pair[place]).round().astype(np.uint8).tobytes() for pair in pairs))
            inputs += ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-i", str(path)]
        stats = Path(folder, "stats")
        run_ffmpeg(*inputs, "-lavfi", f"[0][1]ssim=f={stats}", "-f", "null", "-")
        lines = stats.read_text().splitlines()
    return _mean(float(line.partition("All:")[2].split()[0]) for line in lines)


@dataclass(frozen=True, slots=True)
class References:
    """Lossless pictures of one original at one size."""

    recipe: Recipe
    size: tuple[int, int]
    kind: str

    def of(self, numbers: Iterable[int]) -> Mapping[int, Pixels]:
        """The references of these frames; those not made before are decoded now, all in one pass."""
        wanted = sorted(set(numbers))
        missing = [number for number in wanted if not self._path(number).exists()]
        if missing:
            self._make(missing)
        width, height = self.size
        return {n: np.frombuffer(self._path(n).read_bytes(), np.uint8).reshape(height, width, 3) for n in wanted}

    def _path(self, number: int) -> Path:
        name = f"{self.kind}-{self.size[0]}x{self.size[1]}"
        return cache_folder() / "references" / original(self.recipe).stem / name / f"{number}.rgb"

    def _make(self, numbers: Sequence[int]) -> None:
        select = "+".join(f"eq(n\\,{number})" for number in numbers)
        chain = f"select='{select}',{self._chain()},format=rgb24"
        source = ("-i", str(original(self.recipe)), "-an", "-fps_mode", "passthrough")
        raw = run_ffmpeg(*source, "-vf", chain, "-frames:v", str(len(numbers)), "-f", "rawvideo", "-")
        size = self.size[0] * self.size[1] * 3
        for place, number in enumerate(numbers):
            path = self._path(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = path.with_name(f".{os.getpid()}.{path.name}")
            scratch.write_bytes(raw[place * size : (place + 1) * size])
            scratch.rename(path)

    def _chain(self) -> str:
        """From the film's frame to RGB as a viewer sees it."""
        size = f"scale={self.size[0]}:{self.size[1]}"
        exact = "accurate_rnd+full_chroma_int+full_chroma_inp"
        light = f"{HDR_CHAIN}," if self.recipe.hdr else ""
        matrix = "bt709" if self.recipe.hdr else self.recipe.matrix
        film = f"in_color_matrix={matrix}:in_range=tv"
        as_jpeg = f"format=yuvj420p,scale=in_color_matrix=bt601:in_range=pc:flags=bicubic+{exact}"
        if self.kind == "true":
            return f"{light}{size}:flags=bicubic+{exact}:{film}"
        if self.kind == "ours":
            return f"{size}:flags=area+{exact}:{film}:out_color_matrix=bt601:out_range=pc,{as_jpeg}"
        return f"{light}{size}:flags=bicubic:{film}:out_color_matrix={matrix}:out_range=pc,{as_jpeg}"


def _load(path: Path) -> Pixels:
    with Image.open(path) as opened:
        return np.asarray(opened.convert("RGB"))


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)
