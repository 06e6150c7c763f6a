"""The small parts of the extraction benchmark: the other tool's rule, what a picture's number says, ratios, the launcher."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The benchmark is a folder of the checkout, not a distribution.
sys.path.append(str(ROOT))

from bench.extraction import tool  # noqa: E402
from bench.extraction.cases import FULL, SMALL, Method  # noqa: E402
from bench.extraction.figures import figure, ratio  # noqa: E402
from bench.extraction.goals import Goal, Measured, Verdict  # noqa: E402
from bench.extraction.measure import run  # noqa: E402
from bench.extraction.recipes import RECIPES, digest, h264, original_arguments, shots  # noqa: E402
from bench.extraction.report import aligned  # noqa: E402
from bench.extraction.results import CaseResult, MethodResult  # noqa: E402
from bench.extraction.slots import judge, needed_keys, objections, own_keys, slot_count, when  # noqa: E402

FRAME = 1 / 24
TIMES = [number / 24 for number in range(24 * 60)]
"""A minute, from a loop of 30 seconds: 720 numbers, each twice."""

LISTING = (
    "#software: x\n#tb 0: 1/1000\n0, -83, 0, 41, 48, 0xe4\n0, 2000, 2083, 41, 99, 0xaa\n0, 11900, 12000, 41, 7, 0xbb\n"
)


def test_the_probe_listing_gives_presentation_times_of_keyframes() -> None:
    times = tool.key_times(LISTING)

    assert times == pytest.approx([0.0, 2.083, 12.0])


@pytest.mark.parametrize(
    ("gap", "interval", "enough"),
    [(10.42, 10, True), (10.64, 10, False), (10.42, 5, False), (5.31, 5, True), (2.0, 2, True), (None, 10, False)],
)
def test_the_tool_trusts_keyframes_up_to_a_sixteenth_over_the_interval(
    gap: float | None, interval: float, enough: bool
) -> None:
    assert tool.keyframes_are_enough(gap, interval) is enough


def test_one_keyframe_alone_has_no_gap() -> None:
    assert tool.largest_gap([0.0]) is None
    assert tool.largest_gap([0.0, 2.0, 9.0, 10.0]) == 7.0


def test_the_tools_command_changes_with_its_flags_only() -> None:
    plain = tool.extract_command("ffmpeg", Path("/f.mkv"), Path("/o"), 10, ())
    fast = tool.extract_command("ffmpeg", Path("/f.mkv"), Path("/o"), 10, ("skip", "hdr"))

    assert plain[-2:] == (
        "fps=fps=0.1:round=up,scale=w=320:h=240:force_original_aspect_ratio=decrease",
        "/o/img-%06d.jpg",
    )
    assert [word for word in fast if word not in plain] == ["-skip_frame:v", "nokey", fast[-2]]
    assert "tonemap=hable:desat=0" in fast[-2]


def test_a_slot_needs_a_picture_that_starts_in_it() -> None:
    assert slot_count(TIMES[-1], 10) == 6
    assert slot_count(60.0 + FRAME, 10) == 7


def test_a_slot_takes_the_first_keyframe_inside_it_or_else_the_nearest() -> None:
    keys = [0.0, 4.0, 11.0, 13.0, 29.0, 42.0]

    places = needed_keys(keys, 5, 10, FRAME)

    assert [keys[place] for place in places] == [0.0, 11.0, 29.0, 42.0]
    assert not own_keys(keys, 5, 10, FRAME)
    assert own_keys(keys, 3, 10, FRAME)


def test_a_keyframe_less_than_a_frame_early_is_on_screen_when_the_slot_begins() -> None:
    keys = [0.0, 9.98, 15.0]

    assert needed_keys(keys, 2, 10, FRAME) == [0, 1]


@pytest.mark.parametrize(
    ("number", "near", "expected"), [(0, 1.0, 0.0), (0, 29.0, 30.0), (240, 12.0, 10.0), (240, 37.0, 40.0)]
)
def test_a_burnt_in_number_is_read_modulo_the_loop(number: int, near: float, expected: float) -> None:
    assert when(number, near, TIMES, 720) == pytest.approx(expected)


def test_a_number_that_no_picture_carries_is_refused() -> None:
    with pytest.raises(ValueError, match="carries the number 720"):
        when(720, 0.0, TIMES, 720)


def test_pictures_of_the_keyframe_before_are_outside_their_slots() -> None:
    # Slot 0 is exact, slot 1 two seconds early, slot 2 is missing, slot 3 two seconds late in the second loop.
    numbers = [0, 8 * 24, None, 2 * 24, 10 * 24, 22 * 24]

    truth = judge(numbers, 6, 10, TIMES, 720)

    assert (truth.pictures, truth.unreadable, truth.unique) == (6, 1, 5)
    assert truth.mean_error == pytest.approx((0 + 2 + 2 + 0 + 2) / 5)
    assert truth.max_error == pytest.approx(2.0)
    assert truth.inside == pytest.approx(4 / 6)


def test_a_repeated_picture_is_not_unique() -> None:
    truth = judge([0, 0, 0], 3, 1, TIMES, 720)

    assert (truth.unique, truth.max_error) == (1, 2.0)


def test_broken_missing_or_misplaced_pictures_put_a_method_out_of_the_race() -> None:
    good = judge([0, 240, 480, 0, 240, 480], 6, 10, TIMES, 720)
    broken = judge([0, None, 0], 6, 10, TIMES, 720)

    assert objections(good, 10, 2.0, promises_slot=True) == []
    assert (
        objections(broken, 10, 2.0, promises_slot=False)
        == ["1 pictures are broken", "3 pictures are missing", "a picture is 10.0 s away from its slot"]
        or len(objections(broken, 10, 2.0, promises_slot=False)) == 2
    )


def test_only_who_promises_the_slot_must_keep_it() -> None:
    early = judge([0, 192, 432, 672, 192, 432], 6, 10, TIMES, 720)

    assert objections(early, 10, 2.0, promises_slot=False) == []
    assert objections(early, 10, 2.0, promises_slot=True) == ["only 16.7% of the pictures are from their own slot"]


def test_a_ratio_with_a_wide_spread_is_marked() -> None:
    calm, wild = figure([2.0, 2.1, 2.2]), figure([1.0, 1.0, 1.4])

    assert str(ratio(calm, calm)) == "1.00"
    assert str(ratio(calm, wild)) == "2.10~"
    assert ratio(calm, figure([0.0])) is None


def test_a_goal_names_its_figure_or_says_that_it_was_not_run() -> None:
    goal = Goal("speed", 0.5, lambda result: Measured(0.625, noisy=True), ("gop1-n10",))
    result = CaseResult(SMALL[0], "mkv", 100, 10, 3, 2.0, own_keys=True)

    assert list(goal.verdicts([result])) == [Verdict("speed", "<= 0.5", "gop1-n10", "0.62~", met=False)]
    assert [verdict.word for verdict in goal.verdicts([])] == ["not run"]


def test_columns_are_aligned() -> None:
    assert aligned([("a", "1"), ("bcd", "22")]) == ["a     1", "bcd  22"]


def test_a_changed_recipe_is_made_anew() -> None:
    one, two = h264("film", 60, "keyint=24"), h264("film", 60, "keyint=48")

    assert digest(one, "ffmpeg 9") == digest(one, "ffmpeg 9")
    assert len({digest(one, "ffmpeg 9"), digest(two, "ffmpeg 9"), digest(one, "ffmpeg 10")}) == 3


@pytest.mark.parametrize("name", RECIPES)
def test_the_shots_of_every_film_fill_it_without_a_regular_grid(name: str) -> None:
    recipe = RECIPES[name]

    lengths = shots(recipe)

    assert sum(lengths) == recipe.seconds * recipe.fps
    assert len(set(lengths)) >= len(lengths) - 1
    assert "random" not in " ".join(original_arguments(recipe, ["still.png"]))


def test_every_case_has_a_recipe_and_its_own_name() -> None:
    for cases in (SMALL, FULL):
        assert len({case.name for case in cases}) == len(cases)
        assert {case.recipe for case in cases} <= RECIPES.keys()
        assert all({Method.TOOL, Method.BARE, Method.BOUND} <= set(case.methods) for case in cases)


def test_the_launcher_counts_grandchildren(tmp_path: Path) -> None:
    payload = tmp_path / "payload"
    payload.write_bytes(b"x" * 3_000_000)
    grandchild = f"data = open({str(payload)!r}, 'rb').read(); waste = bytearray(60_000_000); sum(range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}]); print('done')"

    sample = run((sys.executable, "-c", child))

    assert (sample.code, sample.output) == (0, "done\n")
    assert sample.requested > 3_000_000
    assert 60_000_000 < sample.peak <= sample.tree
    assert sample.cpu > 0.02


def test_a_failing_command_is_reported_with_its_complaint() -> None:
    sample = run((sys.executable, "-c", "import sys; sys.exit('no such film')"))

    assert (sample.code, sample.output) == (1, "no such film\n")


def test_the_peak_of_a_small_command_is_not_that_of_its_starter() -> None:
    ballast = bytearray(200_000_000)

    sample = run((sys.executable, "-I", "-S", "-c", "pass"))

    assert len(ballast) > 2 * sample.peak


def test_the_median_is_over_all_runs_of_a_method() -> None:
    sample = run((sys.executable, "-I", "-S", "-c", "pass"))
    result = MethodResult(Method.TOOL, [sample, sample, sample])

    assert result.wall.median == sample.wall
    assert not result.cpu.noisy


def test_the_command_explains_itself_and_refuses_unknown_cases() -> None:
    command = [sys.executable, str(ROOT / "bench" / "extraction"), "--only", "nothing"]

    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert "gop1-n10" in done.stdout
    assert json.dumps(done.stderr) == '""'
