"""What was once stored decodes for ever: examples are added, never changed."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.base import Message, decode, encode
from framewright.contracts.extract import ExtractRequestedV1
from framewright.contracts.facts import FACTS, fact_type
from framewright.contracts.media import RawEventV1
from framewright.contracts.record import decode_record, record_key
from framewright.domain.errors import Reject


def missing_from(old: Any, new: Any) -> list[str]:
    """Names of what stands in `old` and not, or differently, in `new`."""
    if isinstance(old, dict) and isinstance(new, dict):
        lost = [name for name in old if name not in new]
        return lost + [f"{name}.{what}" for name in old if name in new for what in missing_from(old[name], new[name])]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [what for one, other in zip(old, new, strict=True) for what in missing_from(one, other)]
    return [] if old == new else [f"{old!r} became {new!r}"]


def all_subclasses(kind: type) -> set[type]:
    return {sub for child in kind.__subclasses__() for sub in {child, *all_subclasses(child)}}


def test_an_example_decodes_and_keeps_every_field(stored: tuple[type[msgspec.Struct], Any]) -> None:
    kind, file = stored

    decoded = msgspec.json.decode(file.read_bytes(), type=kind)
    again = msgspec.json.encode(decoded)

    assert msgspec.json.decode(again, type=kind) == decoded
    assert missing_from(json.loads(file.read_bytes()), json.loads(again)) == []


def test_fields_of_a_newer_release_are_ignored(stored: tuple[type[msgspec.Struct], Any]) -> None:
    kind, file = stored
    newer = {**json.loads(file.read_bytes()), "invented_later": {"by": ["somebody"]}}

    assert msgspec.convert(newer, kind) == msgspec.json.decode(file.read_bytes(), type=kind)


def test_every_stored_kind_has_two_examples(stored_kinds: tuple[type, ...], example_count: Any) -> None:
    assert [kind.__name__ for kind in stored_kinds if example_count(kind) < 2] == []


def test_every_message_class_of_the_contracts_has_examples(stored_kinds: tuple[type, ...]) -> None:
    declared = {kind for kind in all_subclasses(Message) if kind.__module__.startswith("framewright.contracts.")}

    assert {kind.__name__ for kind in declared - set(stored_kinds)} == set()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_rejected(data: bytes) -> None:
    with pytest.raises(Reject) as refusal:
        decode(ExtractRequestedV1, data)

    assert refusal.value.code == "UNDECODABLE"


@pytest.mark.parametrize(
    "data",
    [b"[" * 100_000, b'{"path":' * 50_000, b'{"unknown":' + b"[" * 100_000, b"\xff", b'{"path": "\\ud800"}', b""],
)
def test_hostile_bytes_are_rejected(data: bytes) -> None:
    with pytest.raises(Reject) as refusal:
        decode(ExtractRequestedV1, data)

    assert refusal.value.code == "UNDECODABLE"
    assert len(refusal.value.reason) < 300


def test_a_missing_field_is_named() -> None:
    with pytest.raises(Reject, match="received_at"):
        decode(RawEventV1, b'{"id": "1", "route": "x", "body": ""}')


def test_a_broken_record_is_rejected() -> None:
    with pytest.raises(Reject) as refusal:
        decode_record(b'{"fingerprint": 1}')

    assert refusal.value.code == "UNDECODABLE"


def test_a_record_is_keyed_by_path_and_server() -> None:
    assert record_key("a" * 32, "plex-1") == f"{'a' * 32}.plex-1"


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_is_found_by_its_subject(fact: type[Message]) -> None:
    assert fact_type(f"{fact.HEAD}.x.y") is fact


def test_a_fact_of_a_newer_release_is_nobodys() -> None:
    assert fact_type("events.v1.extracted-twice.x") is None
    assert fact_type("events.v2.extracted.x") is None


def test_the_bytes_of_a_message_are_json_without_the_class(message: Message) -> None:
    assert set(json.loads(encode(message))) == set(type(message).__struct_fields__)
