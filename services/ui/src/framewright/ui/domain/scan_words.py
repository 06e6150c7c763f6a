"""What a scan has done so far, in the words of the job page."""

from framewright.contracts.scans import ScanCount

_WORDS = (
    ("queued", "queued"),
    ("up_to_date", "up to date"),
    ("excluded", "excluded"),
    ("not_owned", "in no enabled library"),
    ("missing", "missing"),
    ("failed", "not readable"),
)


def scan_words(count: ScanCount) -> str:
    """One sentence, as in "500 looked at: 12 queued, 488 up to date"; groups without a file are left out."""
    looked = f"{count.checked:,} looked at"
    groups = ((getattr(count, name), word) for name, word in _WORDS)
    told = ", ".join(f"{number:,} {word}" for number, word in groups if number)
    return f"{looked}: {told}" if told else looked
