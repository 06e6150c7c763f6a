"""One request at the extractor: what is decoded, what is reused, and what follows. Real broker, real films, real decoder."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from framewright.chassis.bus import Bucket, Bus
from framewright.chassis.clock import after, now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.leases import lease
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import ExtractionStartedV1, FramesExtractedV1
from framewright.contracts.progress import ProgressV1
from framewright.contracts.publish import PublishRequestedV1
from framewright.contracts.record import PublishRecord, Stage, record_key
from framewright.domain.errors import BadPath, Busy, Reject, Retry
from framewright.domain.frames import Rendition, fingerprint
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.extractor.adapters.media_file import version_of
from framewright.extractor.handlers import on_failure
from framewright.formats.framepack import decode_manifest

pytestmark = pytest.mark.integration


def kinds(answers: list[Any]) -> list[type]:
    return [type(answer) for answer in answers]


async def test_every_owner_gets_a_request_from_one_decode(bench: Any, asked: Any, film: Any) -> None:
    answers = await bench.handle(asked(film(seconds=12), 5, 10, 2))

    assert kinds(answers) == [FramesExtractedV1, PublishRequestedV1, PublishRequestedV1, PublishRequestedV1]
    assert bench.decodes == [{(320, 2000), (320, 5000)}]
    assert isinstance(bench.told[0], ExtractionStartedV1)


async def test_progress_names_the_worker_and_its_device(bench: Any, asked: Any, film: Any) -> None:
    bench.device = "cuda:0"

    await bench.handle(asked(film(seconds=12)))

    shown = [fact for fact in bench.told if isinstance(fact, ProgressV1)]
    assert {(fact.worker, fact.device) for fact in shown} == {("bench", "cuda:0")}


async def test_a_pack_that_is_there_is_not_decoded_again(bench: Any, asked: Any, film: Any) -> None:
    await bench.handle(asked(film(seconds=12), 5))

    answers = await bench.handle(asked(film(seconds=12), 10))

    assert answers[0].reused
    assert len(bench.decodes) == 1


async def test_with_reuse_switched_off_every_request_is_decoded(bench: Any, asked: Any, film: Any) -> None:
    bench.reuse = False
    await bench.handle(asked(film(seconds=12), 5))

    [extracted, _] = await bench.handle(asked(film(seconds=12), 5))

    assert not extracted.reused
    assert len(bench.decodes) == 2


async def test_an_interval_that_the_pack_cannot_serve_joins_the_ones_it_serves(
    bench: Any, asked: Any, film: Any
) -> None:
    await bench.handle(asked(film(seconds=12), 5))

    [extracted, wish] = await bench.handle(asked(film(seconds=12), 2))

    assert not extracted.reused
    assert bench.decodes[-1] == {(320, 2000), (320, 5000)}
    manifest = decode_manifest(await bench.store.manifest(wish.pack) or b"")
    assert set(manifest.intervals_ms) == {2000, 5000}


async def test_what_every_server_has_already_is_not_decoded(bench: Any, asked: Any, film: Any) -> None:
    request = asked(film(seconds=12))
    [_, wish] = await bench.handle(request)
    bench.records["s5"] = PublishRecord(
        fingerprint=wish.fingerprint, requested_at=now(), outputs=("/x",), stage=Stage.TOLD, at=now()
    )
    empty = msgspec.structs.replace(request, picture=request.picture, path_id=media_id("elsewhere"))

    answers = await bench.handle(empty)

    assert kinds(answers) == [PublishRequestedV1]
    assert len(bench.decodes) == 1


async def test_every_width_of_a_server_comes_from_one_decode_and_is_published_as_one(
    bench: Any, asked: Any, film: Any
) -> None:
    wide = several(asked(film(seconds=12), 5, 10), 640)

    [narrow, extracted, one, other] = await bench.handle(wide)

    assert bench.decodes == [{(320, 5000), (640, 5000)}]
    assert [narrow.shares_decode, extracted.shares_decode] == [False, True]
    assert (one.packs, other.packs) == ({320: narrow.pack, 640: extracted.pack}, {320: narrow.pack})
    assert one.fingerprint not in {other.fingerprint, fingerprint(narrow.version, one.target.rendition, one.picture)}


async def test_only_a_width_that_was_added_is_decoded(bench: Any, asked: Any, film: Any) -> None:
    bench.reuse = False
    path = film(seconds=12)
    [_, wish] = await bench.handle(asked(path, 5))
    bench.records["s5"] = published(wish.fingerprint)

    [extracted, request] = await bench.handle(several(asked(path, 5), 640))

    assert bench.decodes[1:] == [{(640, 5000)}]
    assert request.packs == {320: wish.pack, 640: extracted.pack}


async def test_only_the_frames_that_went_missing_are_decoded_again(bench: Any, asked: Any, film: Any) -> None:
    wide = several(asked(film(seconds=12), 5), 640)
    await bench.handle(wide)

    [kept, made, request] = await bench.handle(msgspec.structs.replace(wide, anew=(640,), attempt=2))

    assert bench.decodes[1:] == [{(640, 5000)}]
    assert (kept.reused, made.reused) == (True, False)
    assert (request.regenerate, request.reextracted) == (False, 1)


async def test_frames_that_went_missing_are_decoded_although_the_server_has_its_outputs(
    bench: Any, asked: Any, film: Any
) -> None:
    path = film(seconds=12)
    [_, wish] = await bench.handle(asked(path, 5))
    bench.records["s5"] = published(wish.fingerprint)

    [made, _] = await bench.handle(asked(path, 5, anew=(320,)))

    assert (made.reused, len(bench.decodes)) == (False, 2)


async def test_regenerate_decodes_whatever_is_there(bench: Any, asked: Any, film: Any) -> None:
    await bench.handle(asked(film(seconds=12)))

    [extracted, wish] = await bench.handle(asked(film(seconds=12), regenerate=True))

    assert not extracted.reused
    assert wish.regenerate
    assert len(bench.decodes) == 2


async def test_a_path_in_work_elsewhere_is_busy(bench: Any, bus: Bus, asked: Any, film: Any) -> None:
    request = asked(film(seconds=12))

    async with lease(Bucket(bus, "locks"), f"extract.{request.path_id}"):
        with pytest.raises(Busy):
            await bench.handle(request)

    assert bench.decodes == []


async def test_a_missing_file_waits_and_says_so_for_every_server(bench: Any, asked: Any, tmp_path: Path) -> None:
    request = asked(tmp_path / "gone.mkv", 5, 10)

    with pytest.raises(Retry) as missing:
        await bench.handle(request)
    context = Context(2, now(), 1, bench.told.append, bench.told.append, AsyncExitStack())
    waiting = on_failure(request, context, Failure(missing.value, after(60)))
    given_up = on_failure(request, context, Failure(missing.value, None))

    assert missing.value.code == "FILE_MISSING"
    assert {(fact.server_id, fact.outcome, fact.attempt) for fact in waiting} == {
        ("s5", Outcome.WAITING, 2),
        ("s10", Outcome.WAITING, 2),
    }
    assert {fact.outcome for fact in given_up} == {Outcome.FILE_MISSING}


def test_links_inside_the_media_root_are_followed_and_those_leading_out_are_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "media", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    for folder in (inside, outside):
        (folder / "film.mkv").write_bytes(b"film")
    (inside / "linked.mkv").symlink_to(inside / "film.mkv")
    (inside / "escape.mkv").symlink_to(outside / "film.mkv")

    assert version_of(str(inside / "linked.mkv"), str(inside)).size == 4
    with pytest.raises(BadPath):
        version_of(str(inside / "escape.mkv"), str(inside))
    with pytest.raises(Reject, match="not a regular file"):
        version_of(str(inside), str(inside))


async def test_a_renamed_file_whose_outputs_are_fresh_is_not_decoded(
    bench: Any, asked: Any, film: Any, tmp_path: Path
) -> None:
    bench.reuse = False
    before, path = str(tmp_path / "old.mkv"), film(seconds=12)
    [_, wish] = await bench.handle(asked(path, 5))
    bench.records[record_key(media_id(before), "s5")] = published(wish.fingerprint)

    [moved] = await bench.handle(asked(path, 5, previous_path=before))

    assert (moved.previous_path, moved.fingerprint, len(bench.decodes)) == (before, wish.fingerprint, 1)


@pytest.mark.parametrize("which", ["new", "old"])
async def test_a_renamed_file_with_other_outputs_is_decoded(
    bench: Any, asked: Any, film: Any, tmp_path: Path, which: str
) -> None:
    bench.reuse = False
    before, path = str(tmp_path / "old.mkv"), film(seconds=12)
    [_, wish] = await bench.handle(asked(path, 5))
    bench.records[record_key(media_id(before), "s5")] = published(wish.fingerprint if which == "new" else "stale")
    if which == "new":
        bench.records[record_key(media_id(str(path)), "s5")] = published("stale")

    [extracted, moved] = await bench.handle(asked(path, 5, previous_path=before))

    assert (extracted.reused, moved.previous_path, len(bench.decodes)) == (False, before, 2)


async def test_a_request_of_cancelled_jobs_costs_nothing(bench: Any, asked: Any, film: Any) -> None:
    bench.cancelled = {"job"}

    facts = await bench.handle(asked(film(seconds=12), 5, 10))

    assert [(fact.server_id, fact.outcome) for fact in facts] == [
        ("s5", Outcome.CANCELLED),
        ("s10", Outcome.CANCELLED),
    ]
    assert bench.decodes == []


async def test_a_request_that_one_job_still_waits_for_is_done(bench: Any, asked: Any, film: Any) -> None:
    bench.cancelled = {"job"}

    answers = await bench.handle(asked(film(seconds=12), job_ids=("job", "other")))

    assert kinds(answers) == [FramesExtractedV1, PublishRequestedV1]


def several(request: ExtractRequestedV1, *widths: int) -> ExtractRequestedV1:
    """The request with further widths for its first server, at the interval of that one."""
    first, *others = request.targets
    further = tuple(Rendition(width, first.rendition.interval_ms) for width in widths)
    return msgspec.structs.replace(request, targets=(msgspec.structs.replace(first, further=further), *others))


def published(fingerprint: str) -> PublishRecord:
    return PublishRecord(fingerprint=fingerprint, requested_at=now(), outputs=("/x",), stage=Stage.TOLD, at=now())
