"""What people read about a scan."""

import pytest

from framewright.contracts.scans import ScanCount
from framewright.ui.domain.scan_words import scan_words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (ScanCount(), "0 looked at"),
        (ScanCount(checked=1500, queued=12, up_to_date=1488), "1,500 looked at: 12 queued, 1,488 up to date"),
        (ScanCount(checked=3, not_owned=1, missing=2), "3 looked at: 1 in no enabled library, 2 missing"),
    ],
)
def test_a_count_is_told_without_what_is_none(count, words):
    assert scan_words(count) == words
