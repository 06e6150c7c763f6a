"""What the films of the benchmark hold, and the ffmpeg arguments that make them. Pure: nothing is run here.

Stills (fractals and noise in colour) are panned over in shots of uneven length, so that scene cuts put keyframes off every
regular grid; grain is added; the lower tenth of every picture is the strip with the frame's number that
`framewright.chassis.testing.media` reads back from a thumbnail.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, cycle, islice, pairwise, takewhile

SHOTS = (1.5, 2.8, 6.4, 3.1, 11.9, 2.2, 4.7, 18.6, 3.6, 5.2, 2.4, 8.3, 14.1, 1.9, 3.3, 30.0)
"""Lengths of the shots in seconds, in turn: 120 s in all."""

STILLS = 6
STRIP_SHARE = 10
MARGIN = 5 / 4
"""A still is this much larger than the picture that pans over it."""

LARGEST_STILL = 2400
"""Larger pictures pan over one of this width, enlarged, with fine grain put in once; drawing it would take minutes."""

_STEPS = ",".join(f"lutrgb={channel}=trunc(val/52)*50" for channel in "rgb")
"""Cuts smooth hues into areas with hard edges, as things have them."""

FRACTALS = ((-0.743643, -0.131825, 0.01), (-1.25066, 0.02012, 0.008))

PQ, HLG = "smpte2084", "arib-std-b67"
_X264 = ("-c:v", "libx264", "-preset", "superfast", "-bf", "3", "-refs", "3", "-pix_fmt", "yuv420p")
_RATE = ("-b:v", "8M", "-maxrate", "12M", "-bufsize", "16M")
_SDR_TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
_MASTER = "hdr10=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One original: a few minutes at most, lengthened later without encoding.

    `hdr` is a transfer function's name or empty; `interlaced` halves `fps`, which is then the rate of fields; `start` is
    how many shots the film skips; `encode` are ffmpeg's arguments for the video, `sound` those for the audio.
    """

    name: str
    suffix: str
    seconds: int
    encode: tuple[str, ...]
    width: int = 1920
    height: int = 1080
    fps: int = 24
    start: int = 0
    grain: int = 6
    hdr: str = ""
    interlaced: bool = False
    sound: tuple[str, ...] = ("-c:a", "ac3", "-b:a", "384k")

    @property
    def rate(self) -> int:
        """Pictures per second in the file."""
        return self.fps // 2 if self.interlaced else self.fps

    @property
    def frames(self) -> int:
        """Pictures in the original."""
        return self.seconds * self.rate

    @property
    def matrix(self) -> str:
        """The colour matrix that goes with the size."""
        return "bt709" if self.height >= 720 else "bt601"

    @property
    def pixels(self) -> str:
        """The name of the pixel format."""
        return "yuv420p10le" if self.hdr else "yuv420p"


def h264(name: str, seconds: int, keys: str, start: int = 0) -> Recipe:
    """1080p at 8 Mbit/s with `keys` as x264's own parameters."""
    return Recipe(name, ".mkv", seconds, (*_X264, *_RATE, *_SDR_TAGS, "-x264-params", keys), start=start)


def _hevc(name: str, seconds: int, rate: str, params: str, hdr: str) -> Recipe:
    tags = ("-color_primaries", "bt2020", "-color_trc", hdr, "-colorspace", "bt2020nc", "-color_range", "tv")
    encode = (*_X265, "-b:v", rate, "-x265-params", f"{params}:repeat-headers=1:log-level=error", *tags)
    return Recipe(name, ".mkv", seconds, encode, grain=0, hdr=hdr)


_MPEG2 = ("-c:v", "mpeg2video", "-b:v", "14M", "-maxrate", "18M", "-bufsize", "8M", "-g", "12", "-bf", "2")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "4M", "-g", "240")

RECIPES = {
    recipe.name: recipe
    for recipe in (
        h264("h264-1s", 60, "keyint=24:min-keyint=24:scenecut=0"),
        h264("h264-2s", 60, "keyint=48:min-keyint=48:scenecut=0", start=4),
        h264("h264-250", 120, "keyint=250"),
        h264("h264-20s", 120, "keyint=480:min-keyint=480:scenecut=0", start=2),
        replace(
            _hevc("hevc-2160p-hdr10", 24, "18M", f"keyint=48:min-keyint=48:scenecut=0:{_MASTER}", PQ),
            width=3840,
            height=2160,
        ),
        _hevc("hevc-1080p-hlg", 40, "10M", "keyint=96", HLG),
        Recipe(
            "mpeg2-1080i", ".ts", 40, (*_MPEG2, "-flags", "+ilme+ildct", "-pix_fmt", "yuv420p"), fps=50, interlaced=True
        ),
        Recipe("av1-10s", ".mkv", 60, ("-c:v", "libsvtav1", "-preset", "12", "-b:v", "4M", "-g", "240")),
        Recipe("vp9-10s", ".webm", 60, (*_VP9, *_SDR_TAGS), sound=("-c:a", "libopus", "-b:a", "128k")),
        Recipe(
            "xvid",
            ".avi",
            120,
            ("-c:v", "libxvid", "-b:v", "1500k", "-g", "250", "-bf", "0"),
            width=720,
            height=400,
            fps=25,
            sound=("-c:a", "libmp3lame", "-b:a", "128k"),
        ),
    )
}
"""Every original by its name."""


def digest(recipe: Recipe, encoder: str) -> str:
    """What the file's name must change with: everything about it, and the version line of the encoder."""
    stills = [still_digest(recipe, number) for number in range(STILLS)]
    return _hash([encoder, *original_arguments(recipe, stills)])


def still_digest(recipe: Recipe, number: int) -> str:
    """What a still's name must change with."""
    return _hash(still_arguments(recipe, number))


def _hash(words: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:10]


def canvas_size(recipe: Recipe) -> tuple[int, int]:
    """Width and height of what a film pans over."""
    return int(recipe.width * MARGIN), int(recipe.height * MARGIN)


def still_size(recipe: Recipe) -> tuple[int, int]:
    """Width and height of the stills as they are drawn."""
    width, height = canvas_size(recipe)
    smaller = min(1, LARGEST_STILL / width)
    return round(width * smaller), round(height * smaller)


def still_arguments(recipe: Recipe, number: int) -> tuple[str, ...]:
    """Arguments for ffmpeg, up to the output's name, for one still."""
    width, height = still_size(recipe)
    if number < len(FRACTALS):
        x, y, scale = FRACTALS[number]
        spot = f"start_x={x}:start_y={y}:start_scale={scale}"
        source = f"mandelbrot=s={width}x{height}:{spot}:maxiter=300"
        return ("-f", "lavfi", "-i", source, "-frames:v", "1", "-pix_fmt", "rgb24")
    cells = 3 + number
    detail = _noise(width, height, f"octaves=9:persistence=0.72:xscale={cells}:yscale={cells}", number)
    hues = [_noise(width // 8, height // 8, "octaves=2:xscale=4:yscale=3", 10 * number + hue) for hue in range(3)]
    inputs = chain.from_iterable(("-f", "lavfi", "-i", source) for source in (detail, *hues))
    mixed = (
        "[0]format=gbrp[a];[1][2][3]mergeplanes=0x001020:gbrp,eq=contrast=1.8:saturation=1.6,"
        f"format=gbrp,scale={width}:{height}:flags=bicubic,{_STEPS}[b];[a][b]blend=all_mode=hardlight,eq=contrast=1.2"
    )
    return (*inputs, "-filter_complex", mixed, "-frames:v", "1", "-pix_fmt", "rgb24")


def _noise(width: int, height: int, shape: str, seed: int) -> str:
    """A source of smooth noise, grey; ffmpeg's own source of coloured gradients does not obey its seed."""
    return f"perlin=s={width}x{height}:{shape}:random_mode=seed:seed={seed},format=gray"


def shots(recipe: Recipe) -> list[int]:
    """Lengths of the shots in frames of the source; they add up to the film."""
    whole = recipe.seconds * recipe.fps
    lengths = (round(length * recipe.fps) for length in islice(cycle(SHOTS), recipe.start, None))
    ends = [0, *takewhile(lambda end: end < whole, accumulate(lengths)), whole]
    return [end - begin for begin, end in pairwise(ends)]


def original_arguments(recipe: Recipe, stills: Sequence[str]) -> tuple[str, ...]:
    """Arguments for ffmpeg, up to the output's name; the strip's cells come on standard input, one grey row per picture.

    `stills` are the stills' files, used in turn. The first inputs are the shots, then the strip, then the sound.
    """
    parts = [_shot(recipe, number, length) for number, length in enumerate(shots(recipe))]
    inputs = chain.from_iterable(("-i", stills[n % len(stills)]) for n in range(len(parts)))
    strip = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "26x1", "-r", str(recipe.rate), "-i", "pipe:0")
    sound = f"anoisesrc=a=0.05:c=pink:r=48000:seed=7:d={recipe.seconds},aformat=channel_layouts=stereo"
    # Stacking keeps the matrix and forgets transfer and primaries.
    whole = f"[film][strip]vstack{_tags(recipe)}[v]"
    graph = ";".join((*parts, _film(recipe, len(parts)), _strip(recipe, len(parts)), whole))
    mapped = ("-filter_complex", graph, "-map", "[v]", "-map", f"{len(parts) + 1}:a")
    return (*inputs, *strip, "-f", "lavfi", "-i", sound, *mapped, *recipe.sound, *recipe.encode)


def _shot(recipe: Recipe, number: int, length: int) -> str:
    """One still, brought into the film's light once, then panned over for `length` frames."""
    width, height = recipe.width, recipe.height - strip_height(recipe)
    across, down = canvas_size(recipe)[0] - width, canvas_size(recipe)[1] - height
    speed_x, speed_y = (17 + 31 * (number % 5)) * width / 1920, (9 + 13 * (number % 3)) * width / 1920
    left = f"abs(mod({speed_x:g}*t+{97 * number}\\,{2 * across})-{across})"
    top = f"abs(mod({speed_y:g}*t+{53 * number}\\,{2 * down})-{down})"
    timed = f"loop=-1:1,setpts=N/{recipe.fps}/TB,fps={recipe.fps},trim=end_frame={length},setpts=PTS-STARTPTS"
    return f"[{number}:v]{_light(recipe)},{timed},crop={width}:{height}:x='{left}':y='{top}',setsar=1[s{number}]"


def _light(recipe: Recipe) -> str:
    if not recipe.hdr:
        return f"scale=out_color_matrix={recipe.matrix}:out_range=tv,format=yuv420p"
    width, height = canvas_size(recipe)
    sharp = f"format=gbrp,scale={width}:{height},noise=alls=10:all_seed=5," if width > LARGEST_STILL else ""
    into = f"{sharp}zscale=tin=bt709:pin=bt709:min=gbr:rin=full:t={recipe.hdr}:p=2020:m=2020_ncl:r=tv:npl=450"
    return f"{into},format={recipe.pixels}{_tags(recipe)}"


def _film(recipe: Recipe, count: int) -> str:
    joined = "".join(f"[s{number}]" for number in range(count)) + f"concat=n={count}:v=1:a=0"
    grain = f",noise=alls={recipe.grain}:allf=t:all_seed=11" if recipe.grain else ""
    fields = ",interlace=scan=tff:lowpass=0" if recipe.interlaced else ""
    return f"{joined}{grain}{fields},fps={recipe.rate},settb=1/{recipe.rate}[film]"


def _strip(recipe: Recipe, place: int) -> str:
    size = f"{recipe.width}:{strip_height(recipe)}"
    return f"[{place}:v]format={recipe.pixels},scale={size}:flags=neighbor,setsar=1{_tags(recipe)},settb=1/{recipe.rate}[strip]"


def _tags(recipe: Recipe) -> str:
    tags = f",setparams=color_primaries=bt2020:color_trc={recipe.hdr}:colorspace=bt2020nc:range=tv"
    return tags if recipe.hdr else ""


def strip_height(recipe: Recipe) -> int:
    """Rows of the strip, even."""
    return recipe.height // STRIP_SHARE // 2 * 2
