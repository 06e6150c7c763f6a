"""Every stream, consumer and bucket of the system, declared once; `framewright provision` makes the server agree.

Services only bind to what stands here. Names and limits follow the measurements in docs/adr/0004. Retention in days
is for people to look back; work queues keep a message until it is acked.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from framewright.contracts.base import Lane

MIB = 1024 * 1024
DAY = 86_400.0


class Retention(StrEnum):
    """How long a stream keeps a message: until limits are hit, or until its one consumer acked it."""

    LIMITS = "limits"
    WORK_QUEUE = "workqueue"


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable pull consumer; never a `backoff` list (it would override ack_wait for long work, G3)."""

    name: str
    filters: tuple[str, ...]
    ack_wait: float = 30.0
    max_deliver: int = 5
    max_ack_pending: int = 64


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream and its fixed consumers; `schedules` allows `Nats-Schedule` messages (so `discard: new` is out, G8)."""

    name: str
    subjects: tuple[str, ...]
    retention: Retention
    consumers: tuple[Consumer, ...] = ()
    max_age: float = 0.0
    max_bytes: int = -1
    max_msgs_per_subject: int = -1
    duplicate_window: float = 120.0
    schedules: bool = False
    message_ttl: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A key-value bucket; leases need `ttl` per key and no marker, so history stays 1 there (G12)."""

    name: str
    history: int = 1
    max_bytes: int = -1
    key_ttl: bool = False
    description: str = ""


DEVICES = ("any", "gpu", "cpu")

INGEST = Stream(
    name="INGEST",
    subjects=("ingest.v1.>",),
    retention=Retention.LIMITS,
    max_age=7 * DAY,
    max_bytes=1024 * MIB,
    duplicate_window=600.0,
    consumers=(Consumer("ingest", ("ingest.v1.>",)),),
    description="Webhooks as they came, before anything is made of them; replayable.",
)

# No consumer filter may cover the schedule subjects: an ack would delete the schedule. No max_age either (bus facts 4).
DUE = Stream(
    name="DUE",
    subjects=(
        "due.v1.>",
        "wait.due.>",
        "nudge.v1.>",
        "wait.nudge.>",
        "item.v1.>",
        "wait.item.>",
        "order.v1.>",
        "wait.order.>",
    ),
    retention=Retention.WORK_QUEUE,
    schedules=True,
    duplicate_window=600.0,
    consumers=(
        Consumer("router", ("due.v1.>",), max_ack_pending=256, max_deliver=-1),
        Consumer("nudges", ("nudge.v1.>",), max_ack_pending=256),
        Consumer("orders", ("order.v1.>",), max_ack_pending=1, max_deliver=-1),
        Consumer("items", ("item.v1.>",), max_ack_pending=256, max_deliver=-1),
    ),
    description="Changes whose quiet time is over (due.*) or still runs (wait.due.*), what leads to them, and orders.",
)

SCANS = Stream(
    name="SCANS",
    subjects=("tick.v1.>", "wait.tick.>", "scan.v1.>", "wait.scan.>"),
    retention=Retention.WORK_QUEUE,
    schedules=True,
    consumers=(
        Consumer("ticks", ("tick.v1.>",), max_ack_pending=16, max_deliver=-1),
        Consumer("scans", ("scan.v1.>",), max_ack_pending=64, max_deliver=-1),
    ),
    description="Schedules as the server keeps them (wait.tick.*), their ticks, and the scans that are under way.",
)

JOBS = Stream(
    name="JOBS",
    subjects=("jobs.v1.>", "wait.jobs.>"),
    retention=Retention.WORK_QUEUE,
    schedules=True,
    consumers=tuple(
        Consumer(f"extract-{lane}-{device}", (f"jobs.v1.{lane}.{device}.*",), ack_wait=30.0, max_ack_pending=1000)
        for lane in Lane
        for device in DEVICES
    ),
    description="Extraction work: lanes hi, mid, low by class any, gpu, cpu; one message per path over all of them.",
)

PUBLISH = Stream(
    name="PUBLISH",
    subjects=("publish.v1.>", "wait.publish.>", "remove.v1.>", "wait.remove.>", "refresh.v1.>", "wait.refresh.>"),
    retention=Retention.WORK_QUEUE,
    schedules=True,
    description="What each server is owed: publish.v1.<type>.<server>.<path id>, removals, folders to look at; see ServerQueue.",
)

FRAMES = Stream(
    name="FRAMES",
    subjects=("frames.v1.>",),
    retention=Retention.LIMITS,
    max_bytes=2048 * MIB,
    max_age=7 * DAY,
    max_msgs_per_subject=1,
    message_ttl=True,
    description="Frame packs, oldest out first; a missing part is a miss. Read by direct get, never consumed.",
)

EVENTS = Stream(
    name="EVENTS",
    subjects=("events.v1.>",),
    retention=Retention.LIMITS,
    max_age=30 * DAY,
    max_bytes=2048 * MIB,
    description="Facts for the ui and for operators.",
)

DEAD = Stream(
    name="DEAD",
    subjects=("dead.>",),
    retention=Retention.LIMITS,
    max_age=30 * DAY,
    max_bytes=512 * MIB,
    description="Messages set aside for good: dead.<stream>.<consumer>, body as it was, reason in the headers.",
)

ADVISORIES = Stream(
    name="ADVISORIES",
    subjects=("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",),
    retention=Retention.WORK_QUEUE,
    max_age=30 * DAY,
    consumers=(Consumer("dead-letters", ("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>",), max_deliver=-1),),
    description="The server's word that a message ran out of deliveries; it still occupies its queue until it is moved (G4).",
)

STREAMS = (INGEST, DUE, SCANS, JOBS, PUBLISH, FRAMES, EVENTS, DEAD, ADVISORIES)

CONFIG = Bucket("config", history=10, description="Settings and servers: the source of truth. Secrets are sealed.")
FILES = Bucket("files", description="Per path and server: the fingerprint last published and where.")
LOCKS = Bucket("locks", key_ttl=True, description="Leases, each with its own time to live.")
PRESENCE = Bucket("presence", key_ttl=True, description="Extractors that are alive, and their devices.")

JOB_STATE = Bucket(
    "jobs", key_ttl=True, description="Per job: what an operator decided, and how far its scan has come."
)

BUCKETS = (CONFIG, FILES, LOCKS, PRESENCE, JOB_STATE)


class ServerQueue(StrEnum):
    """What a server's own queues hold, one queue for each: the first word of their subjects and consumers."""

    PUBLISH = "publish"
    REMOVE = "remove"
    REFRESH = "refresh"


def server_consumer(
    server_type: str, server_id: str, *, queue: ServerQueue = ServerQueue.PUBLISH, concurrency: int = 2
) -> Consumer:
    """The consumer of one of a server's queues; made when the server is added, removed with it.

    `concurrency` caps the requests in work at once, over every replica of the publisher; refreshes go one at a time.
    """
    return Consumer(
        f"{queue}-{server_type}-{server_id}",
        (f"{queue}.v1.{server_type}.{server_id}.*",),
        ack_wait=60.0,
        max_deliver=-1,
        max_ack_pending=1 if queue is ServerQueue.REFRESH else concurrency,
    )


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole catalogue as one value, so that tests can provision a part of it."""

    streams: tuple[Stream, ...] = STREAMS
    buckets: tuple[Bucket, ...] = BUCKETS
    replicas: int = field(default=1)


def stream_of(subject: str) -> Stream | None:
    """The stream that stores the subject, None when none does."""
    return next((stream for stream in STREAMS if any(matches(subject, p) for p in stream.subjects)), None)


def matches(subject: str, pattern: str) -> bool:
    """Whether a literal subject fits a pattern: `*` stands for one token, `>` for one or more at the end."""
    tokens, wanted = subject.split("."), pattern.split(".")
    if wanted[-1] == ">":
        tokens, wanted = tokens[: len(wanted) - 1] if len(tokens) >= len(wanted) else [], wanted[:-1]
    return len(tokens) == len(wanted) and all(w in {t, "*"} for t, w in zip(tokens, wanted, strict=True))
