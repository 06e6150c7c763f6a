"""The tables: one per case, one of the goals. Pure; answers text."""

from collections.abc import Sequence

from bench.extraction.cases import Method
from bench.extraction.figures import Figure, Ratio
from bench.extraction.goals import Verdict
from bench.extraction.results import CaseResult, MethodResult

HEAD = (
    "method", "wall s", "(min-max)", "cpu s", "(min-max)", "peak MB", "tree MB", "asked %", "film %", "disk %",
    "pics", "unique", "mean err", "max err", "inside", "kB/pic", "dB own", "dB true",
    "wall:tool", "cpu:tool", "wall:bare", "cpu:bare", "cpu/bound",
)  # fmt: skip

LEGEND = """\
wall, cpu      seconds of the whole tree of processes, start-up and imports included: median (least-most)
peak, tree     memory of the largest process, and the most that all processes held at one moment (sampled)
asked, film    bytes of all read calls (film, programs, pipes) and those of the film alone, where the method says; % of the file
disk           bytes that came from the disk, % of the file; the film's pages are dropped before every run
err            seconds from the start of a picture's slot to when the picture shows, from the number burnt into it
inside         pictures that are on the screen in their own slot, % of the slots
dB own         luma PSNR against lossless pictures of the same frames from the method's own chain: what JPEG took
dB true        luma PSNR, as a viewer shows it, against lossless pictures with the film's colours, scaled as the tool scales
wall:tool …    how many times faster than the tool (than its bare command); cpu/bound: how many times the least possible
~              a spread over 25 % in one of the two: do not trust the ratio"""


def case_table(result: CaseResult) -> str:
    """Heading and rows of one case."""
    name = f"{result.case.name}: {result.container}, {result.file_bytes / 1e6:.0f} MB, a picture every {result.case.interval} s"
    keys = f"{result.keyframes} keyframes at most {result.largest_gap:.2f} s apart"
    bound = f"needed keyframes {result.bound_bytes / 1e6:.1f} MB = {100 * result.bound_bytes / result.file_bytes:.2f} %"
    load = f"load {result.load[0]:.2f} before, {result.load[1]:.2f} after"
    rows = [HEAD, *(_row(result, one) for one in result.results.values() if one.samples)]
    notes = [f"  {one.method}: {_note(result, one)}" for one in result.results.values() if _note(result, one)]
    return "\n".join((f"## {name}", f"{keys}; {bound}; {load}", *aligned(rows), *notes))


def goals_table(verdicts: Sequence[Verdict]) -> str:
    """Every goal with its figure."""
    rows = [("goal", "limit", "on", "figure", "")]
    rows += [(one.goal, one.limit, one.on, one.shown, one.word) for one in verdicts]
    return "\n".join(("## goals", *aligned(rows, left=3)))


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Rows as lines with columns of one width; the first `left` columns begin together, the others end together."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(_cells(row, widths, left)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    return [
        cell.ljust(width) if place < left else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _row(result: CaseResult, one: MethodResult) -> tuple[str, ...]:
    size = result.file_bytes
    media = one.samples[-1].media
    return (
        one.method,
        *_timed(one.wall),
        *_timed(one.cpu),
        f"{one.of(lambda sample: sample.peak).median / 1e6:.0f}",
        f"{one.of(lambda sample: sample.tree).median / 1e6:.0f}",
        f"{100 * one.of(lambda sample: sample.requested).median / size:.2f}",
        "-" if media is None else f"{100 * media / size:.2f}",
        f"{100 * one.of(lambda sample: sample.disk).median / size:.2f}",
        *_truth(one),
        *_looks(one),
        *_ratios(result, one),
    )


def _timed(value: Figure) -> tuple[str, str]:
    return f"{value.median:.2f}", f"({value.low:.2f}-{value.high:.2f})"


def _truth(one: MethodResult) -> tuple[str, ...]:
    truth = one.truth
    if truth is None:
        return ("-",) * 5
    errors = f"{truth.mean_error:.2f}", f"{truth.max_error:.2f}"
    return f"{truth.pictures}", f"{truth.unique}", *errors, f"{100 * truth.inside:.1f}"


def _looks(one: MethodResult) -> tuple[str, ...]:
    size = f"{one.jpeg_bytes / 1000:.1f}"
    if one.likeness is None:
        return size, "-", "-"
    own = one.likeness.own
    return size, "-" if own is None else f"{own:.2f}", f"{one.likeness.true:.2f}"


def _ratios(result: CaseResult, one: MethodResult) -> tuple[str, ...]:
    if one.objections:
        return ("-",) * 5
    tool = [result.wall_ratio(Method.TOOL, one.method), result.cpu_ratio(Method.TOOL, one.method)]
    bare = [result.wall_ratio(Method.BARE, one.method), result.cpu_ratio(Method.BARE, one.method)]
    return tuple(map(_times, (*tool, *bare, result.cpu_ratio(one.method, Method.BOUND))))


def _times(value: Ratio | None) -> str:
    return "-" if value is None else str(value)


def _note(result: CaseResult, one: MethodResult) -> str:
    if one.failure:
        return f"CANNOT BE RUN, {one.failure}"
    wrong = [f"DISQUALIFIED, {'; '.join(one.objections)}"] if one.objections else []
    alike = one.likeness
    hdr = [f"RGB {alike.rgb:.2f} dB, luma SSIM {alike.ssim:.4f} to the tool's chain"] if alike and result.hdr else []
    return "; ".join((*wrong, *([one.note] if one.note else []), *hdr))
