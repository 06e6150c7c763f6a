"""Nobody ever sees half an output: not while it is replaced, not after the writer was killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from framewright.domain.publishing import Located, OutputKind
from framewright.formats.bif import read_bif
from framewright.formats.framepack import encode_manifest
from framewright.formats.webvtt import read_vtt
from framewright.publisher.adapters.writer import STALE_SECONDS, write

pytestmark = pytest.mark.integration

WRITER = Path(__file__).with_name("a_writing_process.py")
COUNT = 12


def check_bif(path):
    assert len(read_bif(path.read_bytes()).frames) == COUNT


def check_sheet(path):
    with Image.open(BytesIO(path.read_bytes())) as sheet:
        sheet.load()
        assert sheet.size == (64, 36)


def check_tiles(path):
    for number in range(COUNT // 4):
        check_sheet(path / f"{number}.jpg")
    assert {sheet.name for sheet in path.iterdir()} <= {"0.jpg", "1.jpg", "2.jpg"}


def check_web(path):
    assert len(read_vtt((path / "thumbnails.vtt").read_text())) == COUNT
    for number in range(COUNT // 4):
        check_sheet(path / f"sprite-{number}.jpg")


CHECKS = {OutputKind.BIF: check_bif, OutputKind.TRICKPLAY: check_tiles, OutputKind.WEBVTT: check_web}


class Reader(threading.Thread):
    """A player that reads the output over and over; `failure` is the first thing that was wrong with it."""

    def __init__(self, kind, path):
        super().__init__(daemon=True)
        self._check, self._path = CHECKS[kind], Path(path)
        self.done, self.reads, self.failure = threading.Event(), 0, None

    def run(self):
        while not self.done.is_set():
            try:
                self._check(self._path)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shall show it
                self.failure = error
                return
            self.reads += 1


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


STEPS = ("open", "os.mkdir", "os.rename", "os.chmod", "os.chown", "os.remove", "os.rmdir", "shutil.rmtree")
"""What Python tells of before it does it; the exchange of two folders lies between two of these."""


def write_and_die(target, film, step):
    """A process that writes the output and is killed just before its n-th step on the disk; whether it came to the end."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0
    left = [step]

    def count(event, arguments):
        if event in STEPS and target.root in os.fsdecode(str(arguments[0])):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(count)
        write(Located((target,)), film)
    finally:
        os._exit(0 if left[0] > 0 else 1)


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_writer_killed_at_any_step_leaves_the_old_output_or_the_new_one(tmp_path, film, output, kind):
    media = tmp_path / "media"
    media.mkdir()
    target = output(kind, media)
    old, new = film(COUNT, shade=10), film(COUNT, shade=200)
    write(Located((target,)), old)

    step, done = 0, False
    while not done:
        step += 1
        done = write_and_die(target, new, step)
        CHECKS[kind](Path(target.path))

    write(Located((target,)), old)
    CHECKS[kind](Path(target.path))
    assert step > 5
    assert step < 200


@pytest.mark.parametrize("kind", list(OutputKind))
def test_a_first_writer_killed_at_any_step_leaves_nothing_or_a_whole_output(tmp_path, film, output, kind):
    step, done = 0, False
    while not done:
        step += 1
        media = tmp_path / f"media{step}"
        media.mkdir()
        target = output(kind, media)

        done = write_and_die(target, film(COUNT), step)

        if Path(target.path).exists():
            CHECKS[kind](Path(target.path))
    assert Path(target.path).exists()
    assert step > 5
