"""The only room that speaks NATS; everything else says publish, pull, put and watch."""

from framewright.chassis.bus.buckets import Bucket, Entry
from framewright.chassis.bus.connection import Bus, Occupied, connect
from framewright.chassis.bus.delivered import Delivered
from framewright.chassis.bus.following import follow
from framewright.chassis.bus.provisioning import (
    consumer_names,
    delete_consumer,
    ensure_consumer,
    limit_stream,
    pending,
    provision,
)
from framewright.chassis.bus.pulling import Lanes, Puller
from framewright.chassis.bus.reading import stored_since
from framewright.chassis.bus.sweeping import Stored, sweep, sweep_bucket
from framewright.chassis.bus.waiting import Held, held, rewrite, take_out

__all__ = [
    "Bucket",
    "Bus",
    "Delivered",
    "Entry",
    "Held",
    "Lanes",
    "Occupied",
    "Puller",
    "Stored",
    "connect",
    "consumer_names",
    "delete_consumer",
    "ensure_consumer",
    "follow",
    "held",
    "limit_stream",
    "pending",
    "provision",
    "rewrite",
    "stored_since",
    "sweep",
    "sweep_bucket",
    "take_out",
]
