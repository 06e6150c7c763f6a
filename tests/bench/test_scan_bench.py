"""The benchmark of scans in its small form: two thousand films, a process that is killed, and counts that are exact."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The benchmark is a folder of the checkout, not a distribution.
sys.path.append(str(ROOT))

from bench.scans import measured  # noqa: E402

pytestmark = pytest.mark.integration

FILMS = 2000


async def test_counts_stay_exact_over_a_first_a_fresh_and_a_killed_scan(tmp_path: Path) -> None:
    first, fresh, killed = await measured(tmp_path, FILMS, hurried=True)

    assert [*first.wrong, *fresh.wrong, *killed.wrong] == []
    assert first.last.count.queued == killed.last.count.queued == FILMS
    assert fresh.last.count.up_to_date == FILMS
    assert max(one.memory_mb for one in (first, fresh, killed)) < 150
