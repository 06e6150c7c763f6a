"""A file is fresh on a server only when every width that the server shows now was made of it. Pure."""

import pytest

from framewright.chassis.clock import now
from framewright.contracts.record import PublishRecord, Stage
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint
from framewright.domain.ownership import Library, ServerPaths
from framewright.ingest.domain.freshness import Looked, Wanted, candidates, is_fresh

VERSION = FileVersion(1000, 5)
NARROW, WIDE = Rendition(320, 10_000), Rendition(640, 10_000)


@pytest.mark.parametrize(
    ("made", "shown", "fresh"),
    [
        ((NARROW, WIDE), (NARROW, WIDE), True),
        ((NARROW, WIDE), (WIDE, NARROW), True),
        ((NARROW,), (NARROW, WIDE), False),
        ((NARROW, WIDE), (NARROW,), False),
        ((NARROW,), (NARROW,), True),
    ],
)
def test_every_width_counts(made, shown, fresh):
    server = ServerPaths(id="s1", name="S", type="jellyfin", libraries=(Library("1", "Films", "movie", ("/films",)),))
    (candidate,) = candidates(server, [server], "/films/x.mkv")
    mark = fingerprint(VERSION, made[0], Picture(), made[1:])
    record = PublishRecord(fingerprint=mark, requested_at=now(), outputs=(), stage=Stage.SHOWN, at=now())

    found = is_fresh(Looked(candidate, VERSION), Wanted({"s1": shown}, Picture()), {"s1": record})

    assert found is fresh
