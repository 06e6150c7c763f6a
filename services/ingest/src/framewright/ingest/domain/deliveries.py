"""The messages that follow from a queued event: one for each path, one for each thing that is named by an id."""

from dataclasses import dataclass

import msgspec

from framewright.contracts.media import ItemChangedV1, MediaChangedV1, RawEventV1
from framewright.domain.outcome import ChangeKind
from framewright.ingest.domain.meaning import debounce_key
from framewright.ingest.domain.merging import REPLACED, folded
from framewright.vendors.source import Change, NamedItem, Understood


@dataclass(frozen=True, slots=True)
class Delivery:
    """One path of a queued event, and what names the delivery that it came with (empty: nothing does)."""

    change: MediaChangedV1
    name: str = ""


def deliveries(event: RawEventV1, meaning: Understood) -> list[Delivery]:
    """One for each path of a queued event, those included whose files the new ones took the place of.

    Several words of one event about one path are one. `observed_at` is when the event came in.
    """
    named = {debounce_key(one.path, event.server_id): one.delivery for one in meaning.changes}
    arrived = [_change(event, meaning, one) for one in meaning.changes]
    said = [_replaced(one, path) for one in arrived for path in one.replaces if not same_path(path, one.path)]
    said += arrived  # behind the deletions: files that swap their names are both there
    of_replaced = {
        debounce_key(path, event.server_id): one.delivery for one in meaning.changes for path in one.replaces
    }
    return [Delivery(one, named.get(one.key, of_replaced.get(one.key, ""))) for one in folded(said)]


def items(event: RawEventV1, meaning: Understood) -> list[ItemChangedV1]:
    """One message for each thing that a queued event names by an id."""
    return [
        ItemChangedV1(
            event_id=event.id,
            key=item_key(item, event.server_id),
            source=meaning.source,
            kind=item.kind,
            observed_at=event.received_at,
            item_id=item.item_id,
            provider_ids=dict(item.provider_ids),
            server_type=item.server_type,
            server_identity=item.server_identity,
            server_id=event.server_id,
            title=meaning.title,
            regenerate=meaning.regenerate,
        )
        for item in meaning.items
    ]


def _change(event: RawEventV1, meaning: Understood, change: Change) -> MediaChangedV1:
    return MediaChangedV1(
        event_id=event.id,
        key=debounce_key(change.path, event.server_id),
        source=meaning.source,
        kind=change.kind,
        path=change.path,
        previous_path=change.previous_path,
        observed_at=event.received_at,
        title=meaning.title,
        server_id=event.server_id,
        regenerate=meaning.regenerate,
        replaces=change.replaces,
        why=change.why,
    )


def _replaced(change: MediaChangedV1, path: str) -> MediaChangedV1:
    """The old file of an upgrade is gone: one with the deletion half, should that come or have come."""
    return msgspec.structs.replace(
        change,
        key=debounce_key(path, change.server_id),
        kind=ChangeKind.DELETED,
        path=path,
        previous_path="",
        replaces=(),
        why=REPLACED,
    )


def same_path(one: str, other: str) -> bool:
    """Whether two spellings have one place to wait in."""
    return debounce_key(one) == debounce_key(other)


def item_key(item: NamedItem, scope: str) -> str:
    """Tells the things apart that events name by ids."""
    ids = [item.item_id, item.server_type, item.server_identity, *(part for pair in item.provider_ids for part in pair)]
    return debounce_key("\x1f".join(ids), scope)
