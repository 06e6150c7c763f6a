"""What takes the messages of a server's queues, and on which clock they come again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from framewright.chassis.delivery import RetryPolicy, Subscription
from framewright.chassis.outgoing import Answer
from framewright.contracts.catalogue import PUBLISH, Consumer, ServerQueue
from framewright.contracts.publish import PublishRequestedV1, RefreshWantedV1, RemovalRequestedV1
from framewright.contracts.settings import Settings
from framewright.publisher.handlers.given import Publisher
from framewright.publisher.handlers.publishing import on_failure, on_publish_requested
from framewright.publisher.handlers.refreshing import Refresher, on_refresh_wanted
from framewright.publisher.handlers.removal import on_removal_failure, on_removal_requested
from framewright.publisher.handlers.searching import Search, publish_or_search

WAITS = (30.0, 120.0, 300.0, 900.0, 3600.0)
"""Seconds before each further try at a server, at the default `webhook_retry_delay` of 30; then hourly for a day.

Both waits follow them, each from its own beginning: for the server to know the file, and for it to show the outputs.
"""

PATIENCE = 86_400.0


@dataclass(frozen=True, slots=True)
class Desks:
    """Who takes the messages; `slots` is how many requests to publish this process has in work at once for a server."""

    publisher: Publisher
    refresher: Refresher
    send: Callable[[Answer], Awaitable[None]]
    slots: int


def subscription(desks: Desks, queue: ServerQueue, consumer: Consumer) -> Subscription[Any]:
    """The subscription to one of a server's queues."""
    if queue is ServerQueue.REFRESH:
        return _looking(desks, consumer)
    if queue is ServerQueue.REMOVE:
        return _removing(desks, consumer)
    return _publishing(desks, consumer)


def retry_policy(settings: Settings) -> RetryPolicy:
    """The clock of both waits as the settings stretch it."""
    scale = settings.webhook_retry_delay / 30
    return RetryPolicy(tuple(wait * scale for wait in WAITS), patience=PATIENCE)


def _publishing(desks: Desks, consumer: Consumer) -> Subscription[PublishRequestedV1]:
    publisher = desks.publisher
    search = Search(
        publish=partial(on_publish_requested, publisher=publisher),
        send=desks.send,
        settings=lambda: publisher.settings().refresh,
    )
    return Subscription(
        PUBLISH,
        (consumer.name,),
        PublishRequestedV1,
        partial(publish_or_search, search=search),
        slots=desks.slots,
        ack_wait=consumer.ack_wait,
        retry=publisher.patience,
        failed=on_failure,
    )


def _looking(desks: Desks, consumer: Consumer) -> Subscription[RefreshWantedV1]:
    return Subscription(
        PUBLISH,
        (consumer.name,),
        RefreshWantedV1,
        partial(on_refresh_wanted, refresher=desks.refresher),
        ack_wait=consumer.ack_wait,
    )


def _removing(desks: Desks, consumer: Consumer) -> Subscription[RemovalRequestedV1]:
    return Subscription(
        PUBLISH,
        (consumer.name,),
        RemovalRequestedV1,
        partial(on_removal_requested, publisher=desks.publisher),
        slots=consumer.max_ack_pending,
        ack_wait=consumer.ack_wait,
        retry=desks.publisher.patience,
        failed=on_removal_failure,
    )
