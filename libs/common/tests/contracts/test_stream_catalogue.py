"""The catalogue is free of contradictions, and every message has exactly one home in it."""

import itertools
import re
from collections import Counter

import pytest

from framewright.contracts.base import Lane, Message
from framewright.contracts.catalogue import (
    BUCKETS,
    DEVICES,
    JOB_STATE,
    JOBS,
    LOCKS,
    PRESENCE,
    PUBLISH,
    STREAMS,
    Consumer,
    Retention,
    Stream,
    matches,
    server_consumer,
    stream_of,
)
from framewright.contracts.devices import RescanDevicesV1
from framewright.contracts.media import MediaChangedV1
from framewright.contracts.progress import ProgressV1
from framewright.contracts.server import ADAPTERS

TOKEN = re.compile(r"[A-Za-z0-9_-]+")
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
QUEUES = [stream for stream in STREAMS if stream.retention is Retention.WORK_QUEUE]


def homes(subject: str) -> list[str]:
    return [stream.name for stream in STREAMS if any(matches(subject, pattern) for pattern in stream.subjects)]


def overlap(one: str, other: str) -> bool:
    """Whether some subject fits both patterns."""
    for a, b in zip(one.split("."), other.split("."), strict=False):
        if ">" in {a, b}:
            return True
        if a != b and "*" not in {a, b}:
            return False
    return one.count(".") == other.count(".")


@pytest.mark.parametrize(
    ("subject", "pattern", "fits"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.*", True),
        ("a.b.c", "a.*", False),
        ("a.b.c", "a.>", True),
        ("a", "a.>", False),
        ("b.x", "a.>", False),
        ("a", ">", True),
        ("ingest.v2.x", "ingest.v1.>", False),
    ],
)
def test_patterns_match_as_the_broker_does(subject: str, pattern: str, fits: bool) -> None:
    assert matches(subject, pattern) is fits


def test_a_message_is_stored_by_exactly_one_stream(stored_message: Message) -> None:
    home = stream_of(stored_message.subject())

    assert home is not None
    assert homes(stored_message.subject()) == [home.name]


@pytest.mark.parametrize("subject", [f"{ProgressV1.HEAD}.x", RescanDevicesV1.HEAD])
def test_what_is_said_live_is_stored_by_no_stream(subject: str) -> None:
    assert homes(subject) == []
    assert stream_of(subject) is None


def test_a_message_waits_in_the_stream_it_will_be_due_in(waiting_message: Message) -> None:
    home = stream_of(waiting_message.subject())

    assert home is not None
    assert home.schedules
    assert homes(waiting_message.waiting_subject()) == [home.name]


def test_only_messages_that_may_wait_live_where_schedules_are_allowed(stored_message: Message) -> None:
    home = stream_of(stored_message.subject())

    assert home is not None
    assert home.schedules is (len(homes(stored_message.waiting_subject())) == 1)


def test_no_consumer_takes_a_message_that_still_waits(message: Message) -> None:
    filters = [pattern for stream in STREAMS for consumer in stream.consumers for pattern in consumer.filters]

    assert not any(matches(message.waiting_subject(), pattern) for pattern in filters)


def test_subjects_hold_legal_tokens_only(message: Message) -> None:
    for subject in (message.subject(), message.waiting_subject()):
        assert all(TOKEN.fullmatch(token) for token in subject.split("."))
        assert len(subject) < 255


def test_a_message_published_again_has_the_same_id(stored_message: Message) -> None:
    copy = type(stored_message)(**as_fields(stored_message))

    assert stored_message.dedupe_key()
    assert copy.dedupe_key() == stored_message.dedupe_key()


def test_two_different_facts_have_two_ids(all_messages: list[Message]) -> None:
    keys = Counter(message.dedupe_key() for message in all_messages if message.dedupe_key())

    assert [key for key, times in keys.items() if times > 1] == []


def test_no_two_streams_share_a_subject() -> None:
    patterns = [(stream.name, pattern) for stream in STREAMS for pattern in stream.subjects]

    shared = [(a, b) for a, b in itertools.combinations(patterns, 2) if overlap(a[1], b[1])]

    assert shared == []


@pytest.mark.parametrize("stream", QUEUES, ids=lambda stream: stream.name)
def test_consumers_of_a_queue_share_no_message(stream: Stream) -> None:
    patterns = [pattern for consumer in stream.consumers for pattern in consumer.filters]

    assert [pair for pair in itertools.combinations(patterns, 2) if overlap(*pair)] == []


def test_publish_consumers_of_two_servers_share_no_message() -> None:
    consumers = [server_consumer(kind, name) for kind in ADAPTERS for name in ("a", "b", "a-b")]
    patterns = [pattern for consumer in consumers for pattern in consumer.filters]

    assert [pair for pair in itertools.combinations(patterns, 2) if overlap(*pair)] == []
    assert len({consumer.name for consumer in consumers}) == len(consumers)


@pytest.mark.parametrize("stream", [stream for stream in STREAMS if stream.schedules], ids=lambda stream: stream.name)
def test_nothing_in_a_stream_with_schedules_can_delete_one(stream: Stream) -> None:
    limits = (stream.max_age, stream.max_bytes, stream.max_msgs_per_subject)

    assert limits == (0.0, -1, -1)
    assert not [c for c in stream.consumers for f in c.filters if any(overlap(f, p) for p in ("wait.>",))]


@pytest.mark.parametrize("consumer", [c for s in STREAMS for c in s.consumers], ids=lambda consumer: consumer.name)
def test_fixed_names_are_short_and_legal(consumer: Consumer) -> None:
    assert NAME.fullmatch(consumer.name)


def test_stream_and_bucket_names_are_unique_short_and_legal() -> None:
    names = [place.name for place in (*STREAMS, *BUCKETS)]

    assert len(set(names)) == len(names)
    assert all(NAME.fullmatch(name) for name in names)


def test_every_lane_and_device_has_a_consumer() -> None:
    covered = {pattern for consumer in JOBS.consumers for pattern in consumer.filters}

    assert covered == {f"jobs.v1.{lane}.{device}.*" for lane in Lane for device in DEVICES}


def test_keys_that_end_by_themselves_live_in_buckets_without_history() -> None:
    ending = [bucket for bucket in BUCKETS if bucket.key_ttl]

    assert ending == [LOCKS, PRESENCE, JOB_STATE]
    assert {bucket.history for bucket in ending} == {1}


def test_a_server_takes_no_more_requests_at_once_than_it_is_allowed() -> None:
    assert server_consumer("plex", "p1", concurrency=3).max_ack_pending == 3


def test_a_queue_hands_out_more_than_a_thousand_messages_or_schedules_its_retries() -> None:
    assert all(stream.schedules for stream in QUEUES if stream.name in {"DUE", "JOBS", PUBLISH.name})


def test_of_two_jobs_that_wait_for_one_path_neither_is_lost(job_message: Message) -> None:
    """Either each has a place of its own, or what waits in the one place answers to both."""
    one, other = (type(job_message)(**{**as_fields(job_message), "job_ids": (job,)}) for job in ("a", "b"))

    assert one.subject() == other.subject()
    if one.waiting_subject() == other.waiting_subject():
        assert {"a", "b"} == set(other.united(one).job_ids) == set(one.united(other).job_ids)


def test_a_change_that_comes_again_restarts_its_quiet_time(change: MediaChangedV1) -> None:
    again = MediaChangedV1(**{**as_fields(change), "event_id": "another"})

    assert again.waiting_subject() == change.waiting_subject()
    assert again.dedupe_key() != change.dedupe_key()


def as_fields(message: Message) -> dict[str, object]:
    return {name: getattr(message, name) for name in message.__struct_fields__}
