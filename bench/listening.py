"""What it is worth to listen to servers: `make bench-listening`.

The whole system with its simulated servers, which show a file a second after they were told of it; on Emby and Jellyfin somebody
is signed in, since an API key hears of no items. Films arrive one after the other: first while the servers' events are heard, then
while every line is cut and refused, so that only the clocks look. Printed per server: median seconds from the webhook to the proof
that the film is shown, and the ratio. Exits 1 when a film is not shown.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import structlog

# Run as a file, Python looks for modules beside it: here they are found from the checkout's root.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.chaos import films, report, storm  # noqa: E402
from bench.chaos.box import Box  # noqa: E402
from bench.chaos.films import Film  # noqa: E402

LINES = {"plex": "/:/eventsource/notifications", "emby": "/embywebsocket", "jellyfin": "/socket"}
LONGEST_S = 300
PAUSE_S = 6.0
"""Between two films: scans of one section follow each other, so films that come together wait for each other."""

BEGAN = time.monotonic()


def main() -> int:
    """Run both halves and print them side by side."""
    parser = argparse.ArgumentParser(prog="bench-listening", description=__doc__)
    parser.add_argument("--films", type=int, default=8, help="films in each half, default 8")
    count: int = parser.parse_args().films
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="framewright-listening-") as folder:
        return _run(Path(folder), count)


def _run(root: Path, count: int) -> int:
    for section in ("Movies", "TV"):
        (root / "media" / section).mkdir(parents=True)
    (root / "hidden").mkdir()
    hidden = films.make(root / "material", root / "hidden", {"heard": count, "deaf": count})
    made = {half: [_arrived(root, film) for film in share] for half, share in hidden.items()}
    with Box(root) as box:
        box.configure({"refresh": {"quiet_seconds": 0, "longest_wait_seconds": 0}})
        for vendor in ("emby", "jellyfin"):
            box.change_server(f"demo-{vendor}", {"auth": _signed_in(box.simulators[vendor])})
        time.sleep(PAUSE_S)
        missing = _half(box, hidden["heard"], made["heard"])
        for vendor, url in box.simulators.items():
            storm.inject(url, {"kind": "status", "status": 404, "path": LINES[vendor]})
            httpx.delete(f"{url}/_simulator/streams").raise_for_status()
        missing += _half(box, hidden["deaf"], made["deaf"])
        print(report.table(made, box.endings(), box.sent, time.monotonic() - BEGAN))
        print(report.ratios(made, box.endings(), box.sent, ("deaf", "heard")))
    for line in missing:
        print(f"  WRONG {line}")
    return 1 if missing else 0


def _signed_in(url: str) -> dict[str, str]:
    """The credentials of a person on a simulated Emby or Jellyfin."""
    who = {"Authorization": 'MediaBrowser Client="bench", Device="bench", DeviceId="bench", Version="1"'}
    answer = httpx.post(f"{url}/Users/AuthenticateByName", json={"Username": "admin", "Pw": "admin"}, headers=who)
    return {"method": "password", "access_token": answer.raise_for_status().json()["AccessToken"]}


def _arrived(root: Path, film: Film) -> Film:
    """The film where it will lie once it has arrived."""
    return Film(root / "media" / film.path.relative_to(root / "hidden"), film.seconds)


def _half(box: Box, hidden: Sequence[Film], share: Sequence[Film]) -> list[str]:
    """Put the films into the library one after the other, and wait until they are shown."""
    for before, film in zip(hidden, share, strict=True):
        film.path.parent.mkdir(parents=True)
        before.path.rename(film.path)
        box.send([film], pause=PAUSE_S)
    return box.until_shown(share, LONGEST_S)


if __name__ == "__main__":
    sys.exit(main())
