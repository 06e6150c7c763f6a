import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest

from framewright.extractor.adapters.progress_bar import REDRAW_SECONDS, ProgressBar

MODULE = "framewright.extractor.adapters.command"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def on_a_terminal():
    """Run the command in a process of its own whose stderr is a terminal; answer stdout, what was shown, exit code.

    `seen` is called once the bar has moved.
    """

    def nothing(_process: subprocess.Popen) -> None:
        pass

    def go(*arguments: object, columns: int = 0, seen: Callable[[subprocess.Popen], None] = nothing):
        ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, columns))
        code = f"import argparse, sys; import {MODULE} as c; p = argparse.ArgumentParser(); c.add_arguments(p); "
        code += "sys.exit(c.run(p.parse_args()))"
        command = [sys.executable, "-c", code, *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # a terminal that its last writer has left
            while piece := os.read(ours, 4096):
                shown += piece
                if shown.count(b"%") > 1:
                    seen(process)
                    seen = nothing
        os.close(ours)
        return process.communicate(timeout=20)[0].decode(), shown.decode(), process.returncode

    return go


@pytest.fixture
def whole(film) -> Path:
    return film("command.mkv", seconds=22, b_frames=2, audio=True)


def left(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_terminal_shows_a_bar_that_is_gone_in_the_end(on_a_terminal, whole, tmp_path) -> None:
    out, shown, code = on_a_terminal(whole, "--out", tmp_path / "out")

    assert code == 0
    assert shown.startswith("\r\x1b[Kcommand.mkv [....")
    assert shown.endswith("\r\x1b[K")
    assert "pictures" in out


def test_a_name_that_would_steer_the_terminal_does_not(on_a_terminal, whole, tmp_path) -> None:
    steering = tmp_path / "clear\x1b[2J.mkv"
    steering.write_bytes(whole.read_bytes())

    out, shown, code = on_a_terminal(steering, "--out", tmp_path / "out")

    assert code == 0
    assert "clear?[2J.mkv" in out
    assert "clear?[2J.mkv" in shown
    assert "\x1b[2J" not in out + shown


@pytest.mark.parametrize("columns", [50, 0], ids=["narrow", "of unknown width"])
def test_the_bar_keeps_to_the_width_of_the_terminal(columns, on_a_terminal, whole, tmp_path) -> None:
    _, shown, _ = on_a_terminal(whole, "--out", tmp_path / "out", columns=columns)

    assert 30 < max(map(len, shown.split("\r\x1b[K"))) < (columns or 80)


@pytest.mark.parametrize("quiet", [True, False], ids=["quiet", "no film"])
def test_a_terminal_shows_no_bar_when_quiet_and_no_remains_of_one_before_an_error(
    quiet, on_a_terminal, whole, tmp_path
) -> None:
    arguments = [whole, "--quiet"] if quiet else [tmp_path / "missing.mkv"]

    out, shown, _ = on_a_terminal(*arguments, "--out", tmp_path / "out")

    assert out == ""
    assert shown == "" if quiet else "\r\x1b[Kframewright extract: " in shown


def test_an_interrupt_ends_without_a_word_and_leaves_nothing(on_a_terminal, whole, tmp_path) -> None:
    arguments = (whole, "--out", tmp_path / "out", "--interval", 0.1, "--workers", 1)

    _, shown, code = on_a_terminal(*arguments, seen=lambda process: process.send_signal(signal.SIGINT))

    assert code == 130
    assert shown.split("\r\x1b[K")[-1] == ""
    assert left(tmp_path) == []


def test_the_bar_fills_and_is_drawn_seldom() -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal, "A film with a name that is much too long (2024).mkv")

    bar.show(0)
    for step in range(1000):
        bar.show(step / 1000)
    first = terminal.getvalue()
    time.sleep(REDRAW_SECONDS)
    bar.show(0.5)

    drawn = terminal.getvalue().split("\r\x1b[K")
    assert first.count("[") == 2  # the escape's and the bar's
    assert drawn[-1] == f"A film with a name that… [{'#' * 16}{'.' * 17}]  50%  0:00 left"
