"""How glad or worried a word should look: good, wait, warn, bad, or plain."""

_TONES = {
    "good": ("published", "adopted", "up_to_date", "removed", "completed", "queued", "working"),
    "wait": ("waiting", "running", "pending"),
    "warn": ("unverified", "quarantined", "unrecognised", "refused", "paused", "held"),
    "bad": ("failed", "file_missing"),
}

_TONE_OF = {word: tone for tone, words in _TONES.items() for word in words}


def tone(word: str) -> str:
    """The tone of an outcome, of a job's status or of a webhook's."""
    return _TONE_OF.get(word, "plain")
