"""Promise 3: kill any service at any time; after its restart the work goes on, nothing is lost, nothing is half written."""

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from framewright.chassis.testing.media import MediaSpec, make_video, read_timecode
from framewright.contracts.facts import FramesExtractedV1
from framewright.domain.errors import Reject
from framewright.formats.trickplay import thumbnail_at
from framewright.formats.webvtt import read_vtt

pytestmark = [pytest.mark.e2e, pytest.mark.integration, pytest.mark.timeout(300)]

FILES = 20
IN_FLIGHT_AT_A_KILL = 1  # the one extraction slot; only a kill of the extractor can cost a second decode


def test_twenty_files_in_flight_survive_a_kill_of_each_service_in_turn(make_system: Any) -> None:
    system = make_system(WEBHOOK_RETRY_DELAY="10")
    films = [_film(system.media, number) for number in range(FILES)]
    system.start()
    watcher = Watcher(system.home / "previews")
    watcher.start()

    for film in films:
        system.download(str(film), film.stem)
    for service in ("ingest", "router", "extractor", "publisher", "ui"):
        time.sleep(0.7)
        system.kill(service)

    for film in films:
        system.until(lambda film=film: _whole(system.home, film), 150)
    done = system.until(lambda: _all_completed(system, films), 120)
    assert len(done) == FILES
    assert watcher.finish() == []
    decoded = Counter(fact.path for fact in system.facts(FramesExtractedV1) if not (fact.reused or fact.shares_decode))
    assert set(decoded) == {str(film) for film in films}
    assert sum(decoded.values()) <= FILES + IN_FLIGHT_AT_A_KILL, decoded


def test_the_broker_may_be_killed_too(make_system: Any) -> None:
    system = make_system()
    films = [_film(system.media, number) for number in range(6)]
    system.start()

    for film in films:
        system.download(str(film), film.stem)
    time.sleep(0.5)
    _kill_broker(system)

    system.until(lambda: _all_completed(system, films), 120)
    assert all(_whole(system.home, film) for film in films)


def test_a_second_start_continues_where_the_first_stopped(make_system: Any) -> None:
    system = make_system()
    films = [_film(system.media, number) for number in range(8)]
    system.start()
    for film in films:
        system.download(str(film), film.stem)

    assert system.stop() == 0
    system.start()

    system.until(lambda: _all_completed(system, films), 120)
    assert all(_whole(system.home, film) for film in films)


class Watcher(threading.Thread):
    """Reads whatever stands under a final name, as a media server would; remembers everything that was not whole."""

    def __init__(self, root: Path) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._over = threading.Event()
        self._broken: list[str] = []

    def run(self) -> None:
        while not self._over.is_set():
            for vtt in self._root.glob("**/*.previews/thumbnails.vtt"):
                self._look(vtt)
            time.sleep(0.05)

    def finish(self) -> list[str]:
        self._over.set()
        self.join(10)
        return self._broken

    def _look(self, vtt: Path) -> None:
        try:
            cues = read_vtt(vtt.read_text())
            thumbnail_at((vtt.parent / cues[0].sheet).read_bytes(), len(cues) - 1, 10, 10)
        except FileNotFoundError:
            return  # replaced between two reads
        except Reject as error:
            self._broken.append(f"{vtt}: {error}")


def _film(media: Path, number: int) -> Path:
    name = f"Film {number:02d} (2024)"
    film = media / "Movies" / name / f"{name}.mkv"
    film.parent.mkdir(parents=True)
    return make_video(film, MediaSpec(seconds=30, width=320, height=180, gop=48))


def _whole(home: Path, film: Path) -> bool:
    """Whether the folder server's preview is there and its last picture comes from inside the last slot."""
    preview = home / "previews" / "Movies" / film.parent.name / f"{film.stem}.previews"
    if not (preview / "thumbnails.vtt").exists():
        return False
    cues = read_vtt((preview / "thumbnails.vtt").read_text())
    last = thumbnail_at((preview / "sprite-0.jpg").read_bytes(), len(cues) - 1, 10, 10)
    return 25_000 - 42 <= read_timecode(last) * 1000 / 24 < 30_000


def _all_completed(system: Any, films: list[Path]) -> list[dict[str, Any]]:
    by_title = {job["library_name"]: job for job in system.jobs() if job["kind"] == "webhook"}
    mine = [by_title[film.stem] for film in films if film.stem in by_title]
    settled = [job for job in mine if job["status"] == "completed"]
    return settled if len(settled) == len(films) else []


def _kill_broker(system: Any) -> None:
    pid = int((system.home / "nats" / "nats-server.pid").read_text())
    os.kill(pid, signal.SIGKILL)
