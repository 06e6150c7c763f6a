"""Several widths of one file in messages and records; what was stored when there was one means the same as ever."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from framewright.contracts.base import decode
from framewright.contracts.extract import ExtractRequestedV1, Target
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import decode_record
from framewright.domain.frames import FileVersion, Picture, Rendition, fingerprint

EXAMPLES = Path(__file__).parent / "examples"
NARROW, WIDE = Rendition(320, 5000), Rendition(640, 5000)


def stored(kind: str, number: int) -> bytes:
    return (EXAMPLES / kind / f"{number}.json").read_bytes()


def asked(minute: int = 0, **changes: Any) -> ExtractRequestedV1:
    request = ExtractRequestedV1(
        job_ids=("job",),
        path="/films/x.mkv",
        path_id="x",
        targets=(Target(server_id="s", server_type="jellyfin", rendition=NARROW, further=(WIDE,)),),
        picture=Picture(),
        requested_at=datetime(2026, 11, 20, 12, minute, tzinfo=UTC),
    )
    return msgspec.structs.replace(request, **changes)


def test_requests_from_before_want_the_one_width_that_they_name():
    extraction = decode(ExtractRequestedV1, stored("extract_requested_v1", 2))
    publishing = decode(PublishRequestedV1, stored("publish_requested_v1", 3))

    assert [target.renditions for target in extraction.targets] == [(Rendition(320, 5000),), (Rendition(426, 10_000),)]
    assert all(extraction.remakes(width) for width in (320, 426))
    assert (publishing.target.renditions, publishing.packs) == ((Rendition(426, 10_000),), {426: publishing.pack})


def test_a_record_from_before_holds_what_its_only_fingerprint_says():
    record = decode_record(stored("publish_record", 5))

    assert record.holds(record.fingerprint)
    assert not record.holds("0f" * 16)
    assert record.contents == (record.written,)


def test_a_record_of_several_widths_holds_each_of_them_and_not_all_as_one():
    record = decode_record(stored("publish_record", 6))

    assert [record.holds(part) for part in (*record.parts, record.fingerprint)] == [True, True, True, False]
    assert [one.width for one in record.contents] == [320, 640]


def test_a_request_for_several_widths_names_the_pack_of_each():
    request = decode(PublishRequestedV1, stored("publish_requested_v1", 4))

    assert list(request.packs) == [320, 640, 1280]
    assert all(f".w{width}-" in pack for width, pack in request.packs.items())


@pytest.mark.parametrize(
    ("regenerate", "anew", "remade"),
    [(False, (), []), (True, (), [320, 640]), (False, (640,), [640]), (True, (640,), [640])],
)
def test_frames_that_went_missing_are_made_anew_and_no_others(regenerate, anew, remade):
    request = asked(regenerate=regenerate, anew=anew)

    assert [width for width in (320, 640) if request.remakes(width)] == remade


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"anew": (640,)}, {}, (640,)),
        ({"anew": (640,)}, {"anew": (320,)}, (320, 640)),
        ({"anew": (640,)}, {"regenerate": True}, ()),
        ({"anew": (640,), "regenerate": True}, {"anew": (320,)}, (320, 640)),
    ],
)
def test_two_requests_that_become_one_lose_no_frames_that_are_missing(one, other, together):
    united = [asked(0, **one).united(asked(1, **other)), asked(1, **other).united(asked(0, **one))]

    assert [request.anew for request in united] == [together] * 2
    assert united[0].regenerate is bool({**one, **other}.get("regenerate"))


def test_the_fingerprint_of_several_widths_does_not_depend_on_their_order():
    version, picture = FileVersion(1000, 5), Picture()

    both = fingerprint(version, NARROW, picture, (WIDE,))

    assert both == fingerprint(version, WIDE, picture, (NARROW,))
    assert both not in {fingerprint(version, one, picture) for one in (NARROW, WIDE)}
