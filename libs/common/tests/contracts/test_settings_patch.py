"""Partial changes of the system's settings."""

from typing import Any

import pytest

from framewright.contracts.settings import REDACTED, FrameReuse, Settings, patch_settings, shown
from framewright.domain.errors import Reject


def refusal(changes: object) -> str:
    with pytest.raises(Reject) as refused:
        patch_settings(Settings(), changes)
    assert refused.value.code == "VALIDATION_ERROR"
    return refused.value.reason


def test_only_the_given_fields_change() -> None:
    before = Settings(thumbnail_interval=10, webhook_secret="secret")

    after = patch_settings(before, {"thumbnail_quality": 2})

    assert (after.thumbnail_interval, after.thumbnail_quality, after.webhook_secret) == (10, 2, "secret")


def test_a_group_changes_field_by_field() -> None:
    before = Settings(frame_reuse=FrameReuse(enabled=True, ttl_minutes=90, max_cache_disk_mb=4096))

    after = patch_settings(before, {"frame_reuse": {"enabled": False}})

    assert after.frame_reuse == FrameReuse(enabled=False, ttl_minutes=90, max_cache_disk_mb=4096)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("thumbnail_interval", {"thumbnail_interval": 0}),
        ("thumbnail_interval", {"thumbnail_interval": "5"}),
        ("thumbnail_quality", {"thumbnail_quality": 11}),
        ("webhook_delay", {"webhook_delay": 9}),
        ("frame_reuse.ttl_minutes", {"frame_reuse": {"ttl_minutes": 0}}),
        ("frame_reuse", {"frame_reuse": "always"}),
        ("webhook_secret", {"webhook_secret": None}),
        ("tonemap_algorithm", {"tonemap_algorithm": "prettiest"}),
        ("unknown setting: colour", {"colour": "red"}),
        ("unknown setting: frame_reuse.ttl", {"frame_reuse": {"ttl": 5}}),
        ("settings must be a JSON object", ["thumbnail_interval"]),
    ],
)
def test_a_refusal_names_the_field(field: str, changes: Any) -> None:
    assert refusal(changes).startswith(field)


def test_a_masked_secret_keeps_the_old_one() -> None:
    before = Settings(webhook_secret="secret")

    assert patch_settings(before, {"webhook_secret": REDACTED}) == before
    assert patch_settings(before, {"webhook_secret": ""}).webhook_secret == ""


def test_shown_settings_hold_no_secret() -> None:
    assert shown(Settings(webhook_secret="secret"))["webhook_secret"] == REDACTED
    assert shown(Settings())["webhook_secret"] == ""


def test_what_is_shown_can_be_sent_back() -> None:
    settings = Settings(webhook_secret="secret", cpu_threads=3)

    assert patch_settings(settings, shown(settings)) == settings
