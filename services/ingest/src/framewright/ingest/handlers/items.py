"""Things that a sender names by an id: the servers that know them are asked for the paths."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from framewright.chassis.clock import now
from framewright.chassis.delivery import Context, Failure
from framewright.chassis.outgoing import Answer
from framewright.contracts.base import Message
from framewright.contracts.facts import FileSettledV1, JobCreatedV1
from framewright.contracts.media import ItemChangedV1, MediaChangedV1
from framewright.contracts.server import Server
from framewright.domain.errors import FramewrightError, Retry
from framewright.domain.media import media_id
from framewright.domain.outcome import Outcome
from framewright.ingest.domain.meaning import asked_servers, debounce_key
from framewright.ingest.domain.merging import Waits
from framewright.ingest.handlers.joining import Moment, Room, join
from framewright.vendors.source import NamedItem


@dataclass(frozen=True, slots=True)
class Asking:
    """What is configured, the two questions to a server, and where the answers wait."""

    servers: Callable[[], Sequence[Server]]
    item_files: Callable[[Server, str], Awaitable[list[str]]]
    provider_files: Callable[[Server, Mapping[str, str]], Awaitable[list[str]]]
    waits: Callable[[], Waits]
    room: Room


async def on_item_changed(item: ItemChangedV1, _context: Context, *, asking: Asking) -> Sequence[Answer]:
    """Ask every server that may know the thing; each path that is named becomes a change like any other.

    One server's answer is enough: it names the files, and each file goes to all its owners.

    Raises:
        Retry: code ITEM_UNKNOWN, no server names a path yet; the reason says what each of them answered.
    """
    servers = asked_servers(_named(item), item.server_id, asking.servers())
    answers = await asyncio.gather(*(_paths(item, server, asking) for server in servers))
    paths = dict.fromkeys(path for found, _ in answers for path in found)
    if not paths:
        told = "; ".join(reason for _, reason in answers) or "no configured server can be asked for it"
        raise Retry(f"nobody names a file of {_title(item)}: {told}", code="ITEM_UNKNOWN")
    moment = Moment(now(), asking.waits())
    for path in paths:
        await join(_change(item, path), asking.room, moment)
    return ()


def on_item_failure(item: ItemChangedV1, context: Context, failure: Failure) -> Sequence[Message]:
    """When nobody named a path to the end there is a failed job that says so; before that the item is among what waits."""
    if failure.next_try is not None:
        return ()
    job_id = hashlib.blake2b(f"{item.event_id}.{item.key}".encode(), digest_size=16).hexdigest()
    name = _title(item)
    job = JobCreatedV1(
        job_id=job_id, at=now(), kind="webhook", title=name, source=item.source, total=1, event_id=item.event_id
    )
    settled = FileSettledV1(
        job_ids=(job_id,),
        path_id=media_id(f"/{name}"),
        path=name,
        at=now(),
        outcome=Outcome.FAILED,
        reason=failure.error.reason,
        code=failure.error.code,
        attempt=context.attempt,
    )
    return [job, settled]


async def _paths(item: ItemChangedV1, server: Server, asking: Asking) -> tuple[list[str], str]:
    """The files that the server names, and in words why there are none.

    A refusal is no end either: an operator mends the server's credentials, and the next try succeeds.
    """
    try:
        found = await (
            asking.item_files(server, item.item_id)
            if item.item_id
            else asking.provider_files(server, item.provider_ids)
        )
    except FramewrightError as error:
        return [], f"{server.name or server.id}: {error.reason}"
    return found, f"{server.name or server.id} does not know it"


def _named(item: ItemChangedV1) -> NamedItem:
    return NamedItem(item.kind, item.item_id, tuple(item.provider_ids.items()), item.server_type, item.server_identity)


def _title(item: ItemChangedV1) -> str:
    ids = item.item_id or ", ".join(f"{name} {value}" for name, value in item.provider_ids.items())
    return f"{item.title or 'item'} ({ids})"


def _change(item: ItemChangedV1, path: str) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=item.event_id,
        key=debounce_key(path, item.server_id),
        source=item.source,
        kind=item.kind,
        path=path,
        observed_at=item.observed_at,
        title=item.title,
        server_id=item.server_id,
        lane=item.lane,
        regenerate=item.regenerate,
    )
