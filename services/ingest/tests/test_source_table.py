"""What each recorded payload is answered; the last column of the table in docs/webhooks.md comes from these answers."""

import importlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from framewright.contracts.media import RawEventV1
from framewright.contracts.server import Server
from framewright.ingest.domain.meaning import Ground, reply, standing, understood

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "libs" / "common" / "tests" / "sources"))
ROW: Any = importlib.import_module("recorded.row")
CASES: tuple[Any, ...] = importlib.import_module("recorded.table").CASES

GROUND = Ground(
    enabled=True,
    servers=[
        Server("p", "plex", server_identity="abc"),
        Server("e", "emby", server_identity="s1"),
        Server("j", "jellyfin", server_identity="s2"),
    ],
)

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def _answered(case: Any, route: str) -> tuple[str, str]:
    """Whom the sender was taken for, and what it was told."""
    body, content_type = ROW.packed(case)
    at = datetime(2024, 1, 1, tzinfo=UTC)
    event = RawEventV1(id="e1", route=route, received_at=at, body=body, content_type=content_type)
    meaning = standing(understood(event), event, GROUND)
    return meaning.source, f"{reply(event, meaning).status_code} {meaning.status}"


@each_case
def test_a_recorded_payload_is_answered_as_the_table_says(case):
    assert _answered(case, case.source) == (case.source, case.answer)


@pytest.mark.parametrize("case", [case for case in CASES if not case.taken_for], ids=lambda case: case.name)
def test_the_universal_endpoint_gives_the_same_answer(case):
    assert _answered(case, "incoming") == (case.source, case.answer)


def test_only_what_people_write_themselves_is_refused():
    refused = {case.source for case in CASES if case.answer.startswith("4")}

    assert refused == {"custom", "autoscan"}
