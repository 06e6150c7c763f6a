"""Frame packs in a folder: what crashes, full disks, other writers and foreign files do to them."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from framewright.chassis.frame_store import FolderFrameStore, Keeping
from framewright.domain.errors import Retry

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
HALF_FULL = Keeping(max_bytes=250_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "frames"
    folder.mkdir()
    return folder


def aged(path: Path, seconds: float) -> None:
    inside = path.iterdir() if path.is_dir() else ()
    for one in (*inside, path):
        os.utime(one, (one.stat().st_mtime - seconds,) * 2)


def aside(root: Path) -> list[str]:
    return [path.name for path in root.glob(".*-*")]


def files(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")}


def packs(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.is_dir()]


async def filled(store: FolderFrameStore, root: Path, *keys: str) -> None:
    """Packs of 100 kB, each a minute and more older than the next."""
    for number, key in enumerate(reversed(keys), start=1):
        await store.put(key, [bytes(100_000)], b"manifest")
        aged(root / key, number * 100)


async def there(store: FolderFrameStore, *keys: str) -> list[str]:
    return [key for key in keys if await store.whole(key, 1)]


async def test_a_pack_too_many_makes_the_oldest_leave_at_once(root: Path) -> None:
    store = FolderFrameStore(root, lambda: HALF_FULL)
    await filled(store, root, "one", "two")
    await store.tend()

    await store.put("new", [bytes(100_000)], b"manifest")
    await store.tend()

    assert await there(store, "one", "two", "new") == ["two", "new"]


async def test_a_pack_that_is_being_read_is_passed_over(root: Path) -> None:
    store = FolderFrameStore(root, lambda: HALF_FULL)
    await filled(FolderFrameStore(root), root, "one", "two", "three")

    await FolderFrameStore(root).manifest("one")
    await store.tend()

    assert await there(store, "one", "two", "three") == ["one", "three"]


async def test_what_writers_know_of_each_others_packs_is_on_the_disk(root: Path) -> None:
    writers = [FolderFrameStore(root, lambda: HALF_FULL) for _ in range(4)]

    for number, writer in enumerate(writers):
        await writer.put(f"pack{number}", [bytes(100_000)], b"manifest")
        aged(root / f"pack{number}", 400 - number * 100)
    await asyncio.gather(*(writer.tend() for writer in writers))

    assert await there(writers[0], *(f"pack{number}" for number in range(4))) == ["pack2", "pack3"]


async def test_foreign_files_and_folders_stay_whatever_the_size_says(root: Path) -> None:
    (root / "Films").mkdir()
    (root / "Films" / "film.mkv").write_bytes(bytes(900_000))
    (root / "notes.txt").write_bytes(bytes(900_000))
    await filled(FolderFrameStore(root), root, "pack")
    (root / "pack" / "mine.txt").write_text("kept")

    await FolderFrameStore(root, lambda: Keeping(seconds=1)).tend()

    assert files(root) == {"film.mkv", "notes.txt", "mine.txt"}


async def test_what_crashed_writers_left_is_removed_after_an_hour(root: Path) -> None:
    for name, age in ((".writing-old", 3700), (".leaving-old", 3700), (".writing-new", 60)):
        (root / name).mkdir()
        (root / name / "p0").write_bytes(b"half")
        aged(root / name, age)

    await FolderFrameStore(root).tend()

    assert aside(root) == [".writing-new"]


def test_a_killed_writer_leaves_only_whole_packs(root: Path) -> None:
    for turn in range(4):
        shelf = root / str(turn)
        shelf.mkdir()
        writer = subprocess.Popen([sys.executable, str(HERE / "a_frame_writer.py"), str(shelf)])
        while len(list(shelf.glob("pack*"))) < 5:
            time.sleep(0.01)
        time.sleep(0.007 * turn)
        writer.kill()
        writer.wait()

        for pack in shelf.glob("pack*"):
            body = (pack / "framepack.json").read_bytes()
            assert [part.read_bytes() for part in sorted(pack.glob("p?"))] == [body * 200_000] * 3


def test_a_full_disk_makes_room_once_and_then_says_so(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1"'
    command = ["unshare", "-Urm", "sh", "-c", script, "sh", str(tmp_path), sys.executable, str(HERE / "a_full_disk.py")]
    if subprocess.run([*command[:4], 'mount -t tmpfs none "$1"', *command[5:7]], check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert json.loads(done.stdout or done.stderr) == {"whole": ["fits"], "refusal": "FRAMES_FULL", "aside": []}


def test_a_file_size_limit_is_a_full_disk_too_and_leaves_no_half_pack(root: Path) -> None:
    script = f'ulimit -f 100 && exec "{sys.executable}" "{HERE / "a_frame_writer.py"}" "{root}"'

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=30)

    assert "the disk of FRAMES_DIR is full" in done.stderr
    assert packs(root) == []


async def test_a_folder_that_is_gone_is_tried_again_later(root: Path) -> None:
    store = FolderFrameStore(root / "unmounted")

    for work in (store.put("pack", [b"one"], b"manifest"), store.tend()):
        with pytest.raises(Retry) as caught:
            await work
        assert caught.value.code == "FRAMES_UNAVAILABLE"
    assert await store.manifest("pack") is None
