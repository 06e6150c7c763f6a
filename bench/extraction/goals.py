"""The project's goals for extraction, each beside the figure that was measured. Pure."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bench.extraction.cases import Method
from bench.extraction.figures import Ratio
from bench.extraction.results import CaseResult

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """One goal on one case; `met` is None when the case was not run."""

    goal: str
    limit: str
    on: str
    shown: str
    met: bool | None

    @property
    def word(self) -> str:
        """The verdict in a word."""
        return "not run" if self.met is None else "met" if self.met else "MISSED"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure and whether it can be trusted; `decimals` are shown."""

    value: float
    noisy: bool = False
    decimals: int = 2


Measure = Callable[[CaseResult], Measured | None]


@dataclass(frozen=True, slots=True)
class Goal:
    """At most (or, with `at_least`, at least) `limit` on every case whose name is in `cases` (empty: every one it fits)."""

    text: str
    limit: float
    measure: Measure
    cases: tuple[str, ...] = ()
    at_least: bool = False

    def verdicts(self, results: Iterable[CaseResult]) -> Iterator[Verdict]:
        """One per case that was run; a goal whose case was not run says so."""
        limit = f"{'>=' if self.at_least else '<='} {self.limit:.4g}"
        found = False
        for result in results:
            measured = self.measure(result) if not self.cases or result.case.name in self.cases else None
            if measured is None:
                continue
            found = True
            met = measured.value >= self.limit if self.at_least else measured.value <= self.limit
            shown = f"{measured.value:.{measured.decimals}f}{'~' if measured.noisy else ''}"
            yield Verdict(self.text, limit, result.case.name, shown, met)
        if not found:
            yield Verdict(self.text, limit, ", ".join(self.cases) or "any", "-", None)


def cpu(above: Method, below: Method) -> Measure:
    """Processor time of one method as a share of another's."""
    return lambda result: _as_measured(result.cpu_ratio(above, below))


def wall(above: Method, below: Method) -> Measure:
    """Wall time of one method as a share of another's."""
    return lambda result: _as_measured(result.wall_ratio(above, below))


def keyframe_method(result: CaseResult, threads: int) -> Method:
    """The method of ours that fetches keyframes only, which is what the bare command and the bound do."""
    wanted = (Method.FAST2, Method.WINDOW2) if threads > 1 else (Method.FAST, Method.WINDOW)
    found = result.get(*(wanted if not result.own_keys else reversed(wanted)))
    return found.method if found else wanted[0]


def _film_bytes(result: CaseResult) -> Measured | None:
    one = result.get(Method.FAST, Method.WINDOW)
    if one is None or result.container not in {"mkv", "mp4"} or one.samples[-1].media is None:
        return None
    return Measured(one.samples[-1].media / result.bound_bytes)


def _disk_bytes(result: CaseResult) -> Measured | None:
    one = result.get(Method.FAST, Method.WINDOW)
    if one is None or result.container not in {"mkv", "mp4"}:
        return None
    disk = one.of(lambda sample: sample.disk)
    return Measured(disk.median / result.bound_bytes, disk.noisy)


def _against_bound(result: CaseResult) -> Measured | None:
    return _as_measured(result.cpu_ratio(keyframe_method(result, 1), Method.BOUND))


def _against_bare_wall(result: CaseResult) -> Measured | None:
    return _as_measured(result.wall_ratio(keyframe_method(result, 2), Method.BARE))


def _against_bare_cpu(result: CaseResult) -> Measured | None:
    return _as_measured(result.cpu_ratio(keyframe_method(result, 1), Method.BARE))


def _memory(result: CaseResult) -> Measured | None:
    ours = [one for one in result.results.values() if one.method.ours and one.samples]
    values = [one.of(lambda sample: sample.peak).median for one in ours]
    return Measured(max(values) / MEGABYTE, decimals=0) if values else None


def _one_worker_memory(result: CaseResult) -> Measured | None:
    one = result.get(Method.WINDOW)
    if one is None or "2160p" in result.case.name:
        return None
    return Measured(one.of(lambda sample: sample.peak).median / MEGABYTE, decimals=0)


def _inside(result: CaseResult) -> Measured | None:
    shares = [
        one.truth.inside
        for one in map(result.get, (Method.WINDOW, Method.WINDOW2))
        if one is not None and one.truth is not None
    ]
    return Measured(min(shares), decimals=4) if shares else None


def _rgb(result: CaseResult) -> Measured | None:
    one = result.get(Method.WINDOW)
    return Measured(one.likeness.rgb) if one and one.likeness and result.hdr else None


def _ssim(result: CaseResult) -> Measured | None:
    one = result.get(Method.WINDOW)
    return Measured(one.likeness.ssim, decimals=4) if one and one.likeness and result.hdr else None


def _as_measured(value: Ratio | None) -> Measured | None:
    return None if value is None else Measured(value.times, value.noisy, decimals=3)


HDR10 = ("hdr10-2160p-n10",)
GOALS = (
    Goal("film bytes asked for / needed keyframes, MKV and MP4", 1.10, _film_bytes),
    Goal("bytes from disk / needed keyframes, MKV and MP4", 1.10, _disk_bytes),
    Goal("GOP 1 s, N=10: cpu of window / tool", 1 / 6, cpu(Method.WINDOW, Method.TOOL), ("gop1-n10",)),
    Goal("keyint 250, N=10: cpu of window / tool", 1 / 2.2, cpu(Method.WINDOW, Method.TOOL), ("keyint250-n10",)),
    Goal("keyint 250, N=10: wall, 2 workers / tool", 1 / 3.5, wall(Method.WINDOW2, Method.TOOL), ("keyint250-n10",)),
    Goal("keyint 250, N=5: cpu of window / tool", 1 / 4, cpu(Method.WINDOW, Method.TOOL), ("keyint250-n5",)),
    Goal("HDR10 2160p: cpu of window / tool", 1 / 4, cpu(Method.WINDOW, Method.TOOL), HDR10),
    Goal("HDR10 2160p: wall, 2 workers / tool", 1 / 5, wall(Method.WINDOW2, Method.TOOL), HDR10),
    Goal("HDR10 2160p: memory of the largest process, MB", 300, _memory, HDR10),
    Goal("1080p: memory of the largest process, one worker, MB", 120, _one_worker_memory),
    Goal("MPEG-TS: cpu of window / bare command", 1 / 3, cpu(Method.WINDOW, Method.BARE), ("mpeg2-ts-n5",)),
    Goal("cpu of keyframe extraction / bound", 1.3, _against_bound),
    Goal("wall, 2 workers / bare command on both cores", 1.0, _against_bare_wall),
    Goal("cpu of keyframe extraction / bare command", 1.0, _against_bare_cpu),
    Goal("window: share of pictures inside their slots", 0.99, _inside, at_least=True),
    Goal("HDR: RGB PSNR to the tool's chain, dB", 28, _rgb, at_least=True),
    Goal("HDR: luma SSIM to the tool's chain", 0.95, _ssim, at_least=True),
)
"""In the order of the table."""


def verdicts(results: Iterable[CaseResult]) -> list[Verdict]:
    """Every goal against what was measured."""
    listed = list(results)
    return [verdict for goal in GOALS for verdict in goal.verdicts(listed)]
