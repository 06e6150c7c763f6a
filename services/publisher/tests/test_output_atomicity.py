"""Nobody ever sees half an output: not while it is replaced, not after the writer was killed."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from framewright.domain.publishing import Located, OutputKind
from framewright.formats.framepack import encode_manifest
from framewright.publisher.adapters.writer import STALE_SECONDS, write

from .dying import survives
from .whole import CHECKS, COUNT, Reader

pytestmark = pytest.mark.integration

WRITER = Path(__file__).with_name("a_writing_process.py")


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_reader_sees_only_whole_outputs_while_they_are_replaced(tmp_path, film, output, kind):
    located = Located((output(kind, tmp_path),))
    films = [film(COUNT, shade=10), film(COUNT, shade=200)]
    write(located, films[0])
    reader = Reader(kind, located.outputs[0].path)
    reader.start()

    for number in range(50):
        write(located, films[number % 2])
    reader.done.set()
    reader.join(5)

    assert reader.failure is None
    assert reader.reads > 10


def drafts(folder):
    return set(folder.glob(".framewright-*"))


def killed_in_the_middle(folder, *arguments):
    """Start a writing process, stop it at a moment when its draft exists, and kill it; answers the draft."""
    before = drafts(folder)
    process = subprocess.Popen([sys.executable, WRITER, *arguments])
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if drafts(folder) - before:
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            if left := drafts(folder) - before:
                process.kill()
                process.wait()
                return left.pop()
            process.send_signal(signal.SIGCONT)
    process.kill()
    raise AssertionError("the process wrote nothing")


@pytest.fixture
def stored(tmp_path, pack):
    """A pack as files, for another process."""
    parts, manifest = pack(COUNT, shade=200)
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "manifest").write_bytes(encode_manifest(manifest))
    for number, part in enumerate(parts):
        (folder / str(number)).write_bytes(part)
    return folder


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_killed_writer_leaves_a_whole_output_and_its_draft_is_swept_later(tmp_path, film, output, stored, kind):
    media = tmp_path / "media"
    media.mkdir()
    target = output(kind, media)
    write(Located((target,)), film(COUNT, shade=10))

    left = []
    for _ in range(4):
        left.append(killed_in_the_middle(media, kind, target.path, media, stored))
        CHECKS[kind](Path(target.path))

    *old, young = left
    for draft in old:
        os.utime(draft, (0, time.time() - STALE_SECONDS - 10))
    write(Located((target,)), film(COUNT, shade=10))
    assert drafts(media) == {young}
    CHECKS[kind](Path(target.path))


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_writer_killed_at_any_step_leaves_the_old_output_or_the_new_one(tmp_path, film, output, kind):
    media = tmp_path / "media"
    media.mkdir()
    target = output(kind, media)
    old, new = film(COUNT, shade=10), film(COUNT, shade=200)
    write(Located((target,)), old)

    for step in count(1):
        alive = survives(step, partial(write, Located((target,)), new), media)
        CHECKS[kind](Path(target.path))
        if alive:
            break

    write(Located((target,)), old)
    CHECKS[kind](Path(target.path))
    assert step > 5


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_first_writer_killed_at_any_step_leaves_nothing_or_a_whole_output(tmp_path, film, output, kind):
    for step in count(1):
        media = tmp_path / f"media{step}"
        media.mkdir()
        target = output(kind, media)

        alive = survives(step, partial(write, Located((target,)), film(COUNT)), media)

        if Path(target.path).exists():
            CHECKS[kind](Path(target.path))
        if alive:
            break
    assert Path(target.path).exists()
    assert step > 5
