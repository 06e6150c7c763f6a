"""Makes the server agree with the catalogue; safe to run any number of times, from any number of processes.

`add_stream` and `add_consumer` are used, never a subscribe call that creates on the side (it ignores changed settings, G14).
"""

# nats-py leaves some of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from nats.js import api
from nats.js.errors import APIError, BadRequestError, NotFoundError

from framewright.chassis.bus.connection import UNSURE, Bus
from framewright.contracts.catalogue import FRAMES, Bucket, Consumer, Retention, Stream, Topology
from framewright.domain.errors import Reject, Retry

SIZED_BY_A_SETTING = frozenset({FRAMES.name})
"""Streams whose size an operator chooses; to provision them again must not cut off what they hold beyond the default."""


async def provision(bus: Bus, topology: Topology | None = None) -> None:
    """Create or update every stream, consumer and bucket.

    Raises:
        Reject: code TOPOLOGY_CONFLICT, the server holds a stream that cannot become the declared one.
        Retry: the bus is out of reach.
    """
    wanted = topology or Topology()
    for stream in wanted.streams:
        await _put_stream(bus, _stream_config(stream, wanted.replicas))
        for consumer in stream.consumers:
            await ensure_consumer(bus, stream.name, consumer)
    for bucket in wanted.buckets:
        await _put_stream(bus, _bucket_config(bucket, wanted.replicas))


async def limit_stream(bus: Bus, stream: Stream, max_bytes: int) -> bool:
    """Let a stream of the catalogue hold this many bytes, whoever says so how often; True when that was news.

    A smaller size removes the oldest messages at once.

    Raises:
        Reject: code TOPOLOGY_CONFLICT, the server has not that much room.
        Retry: the bus is out of reach.
    """
    try:
        present = (await bus.js.stream_info(stream.name)).config
        if present.max_bytes == max_bytes:
            return False
        await bus.js.update_stream(_stream_config(stream, present.num_replicas or 1).evolve(max_bytes=max_bytes))
    except UNSURE as error:
        raise Retry(f"stream {stream.name} could not be resized", code="BUS_UNAVAILABLE") from error
    except APIError as error:
        raise Reject(f"stream {stream.name}: {error.description}", code="TOPOLOGY_CONFLICT") from error
    return True


async def ensure_consumer(bus: Bus, stream: str, consumer: Consumer) -> None:
    """Create or update one durable consumer."""
    config = api.ConsumerConfig(
        durable_name=consumer.name,
        filter_subjects=list(consumer.filters),
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait,
        max_deliver=consumer.max_deliver,
        max_ack_pending=consumer.max_ack_pending,
        max_waiting=2048,
    )
    try:
        await bus.js.add_consumer(stream, config)
    except UNSURE as error:
        raise Retry(f"consumer {consumer.name} could not be made", code="BUS_UNAVAILABLE") from error
    except APIError as error:
        raise Reject(f"consumer {consumer.name}: {error.description}", code="TOPOLOGY_CONFLICT") from error


async def delete_consumer(bus: Bus, stream: str, name: str) -> None:
    """Remove a durable consumer; one that is gone already is no error."""
    try:
        await bus.js.delete_consumer(stream, name)
    except NotFoundError:
        return
    except UNSURE as error:
        raise Retry(f"consumer {name} could not be removed", code="BUS_UNAVAILABLE") from error


async def consumer_names(bus: Bus, stream: str) -> list[str]:
    """Names of the stream's durable consumers."""
    names: list[str] = []
    try:
        while page := await bus.js.consumers_info(stream, offset=len(names)):
            names += [info.name for info in page]
    except UNSURE as error:
        raise Retry(f"the consumers of {stream} could not be listed", code="BUS_UNAVAILABLE") from error
    return names


async def pending(bus: Bus, stream: str, name: str) -> int:
    """Messages of a consumer that wait or are in work."""
    try:
        info = await bus.js.consumer_info(stream, name)
    except NotFoundError:
        return 0
    except UNSURE as error:
        raise Retry(f"consumer {name} did not answer", code="BUS_UNAVAILABLE") from error
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def _put_stream(bus: Bus, config: api.StreamConfig) -> None:
    try:
        try:
            await bus.js.add_stream(config)
        except BadRequestError:
            if config.name in SIZED_BY_A_SETTING:
                config = config.evolve(max_bytes=(await bus.js.stream_info(str(config.name))).config.max_bytes)
            await bus.js.update_stream(config)
    except UNSURE as error:
        raise Retry(f"stream {config.name} could not be made", code="BUS_UNAVAILABLE") from error
    except APIError as error:
        raise Reject(f"stream {config.name}: {error.description}", code="TOPOLOGY_CONFLICT") from error


def _stream_config(stream: Stream, replicas: int) -> api.StreamConfig:
    work = stream.retention is Retention.WORK_QUEUE
    return api.StreamConfig(
        name=stream.name,
        description=stream.description,
        subjects=list(stream.subjects),
        retention=api.RetentionPolicy.WORK_QUEUE if work else api.RetentionPolicy.LIMITS,
        storage=api.StorageType.FILE,
        discard=api.DiscardPolicy.OLD,
        max_age=stream.max_age,
        max_bytes=stream.max_bytes,
        max_msgs_per_subject=stream.max_msgs_per_subject,
        duplicate_window=stream.duplicate_window,
        allow_direct=True,
        allow_msg_schedules=stream.schedules or None,
        allow_msg_ttl=(stream.schedules or stream.message_ttl) or None,
        allow_rollup_hdrs=stream.schedules,
        num_replicas=replicas,
    )


def _bucket_config(bucket: Bucket, replicas: int) -> api.StreamConfig:
    """The stream behind a key-value bucket, as the KV convention (NATS ADR-8) lays it out."""
    return api.StreamConfig(
        name=f"KV_{bucket.name}",
        description=bucket.description,
        subjects=[f"$KV.{bucket.name}.>"],
        storage=api.StorageType.FILE,
        discard=api.DiscardPolicy.NEW,
        max_bytes=bucket.max_bytes,
        max_msgs_per_subject=bucket.history,
        duplicate_window=120.0,
        allow_direct=True,
        allow_rollup_hdrs=True,
        allow_msg_ttl=bucket.key_ttl or None,
        deny_delete=True,
        num_replicas=replicas,
    )
