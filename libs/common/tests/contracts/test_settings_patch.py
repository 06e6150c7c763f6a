"""Partial changes of the system's settings."""

import json
from typing import Any

import pytest

from framewright.contracts.settings import REDACTED, FrameReuse, GpuConfig, Settings, patch_settings, shown
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
        ("plex_webhook_enabled", {"plex_webhook_enabled": "yes"}),
        ("plex_webhook_public_url", {"plex_webhook_public_url": "films.example"}),
        ("plex_webhook_public_url", {"plex_webhook_public_url": "http://["}),
        ("plex_webhook_public_url", {"plex_webhook_public_url": "http://a b/"}),
        ("plex_webhook_public_url", {"plex_webhook_public_url": "http://me:secret@films.example"}),
        ("plex_webhook_public_url", {"plex_webhook_public_url": "http://films.example/?token=secret"}),
        ("tonemap_algorithm", {"tonemap_algorithm": "prettiest"}),
        ("unknown setting: colour", {"colour": "red"}),
        ("unknown setting: frame_reuse.ttl", {"frame_reuse": {"ttl": 5}}),
        ("settings must be a JSON object", ["thumbnail_interval"]),
        ("gpu_config: must be a list", {"gpu_config": {"device": "cuda:0"}}),
        ("gpu_config: must be a list", {"gpu_config": "cuda:0"}),
        ("gpu_config[0]: must be a JSON object", {"gpu_config": ["cuda:0"]}),
        ("gpu_config[0]: Object missing required field `device`", {"gpu_config": [{"workers": 1}]}),
        ("gpu_config[0].device: ", {"gpu_config": [{"device": ""}]}),
        ("gpu_config[0].device: cpu", {"gpu_config": [{"device": "cpu", "workers": 4}]}),
        ("gpu_config[1].workers: ", {"gpu_config": [{"device": "cuda:0"}, {"device": "cuda:1", "workers": 33}]}),
        ("gpu_config[0].ffmpeg_threads: ", {"gpu_config": [{"device": "cuda:0", "ffmpeg_threads": -1}]}),
        ("gpu_config[0].enabled: ", {"gpu_config": [{"device": "cuda:0", "enabled": "yes"}]}),
        ("gpu_config[0].name: ", {"gpu_config": [{"device": "cuda:0", "name": None}]}),
        ("gpu_config[1].device: cuda:0 stands there twice", {"gpu_config": [{"device": "cuda:0"}] * 2}),
        ("unknown setting: gpu_config[0].threads", {"gpu_config": [{"device": "cuda:0", "threads": 2}]}),
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


def test_a_list_of_gpus_replaces_the_one_before() -> None:
    before = Settings(gpu_config=(GpuConfig("cuda:0", workers=4), GpuConfig("cuda:1", workers=4)))

    after = patch_settings(before, {"gpu_config": [{"device": "cuda:1", "enabled": False}]})

    assert after.gpu_config == (GpuConfig("cuda:1", enabled=False, workers=1, ffmpeg_threads=2),)


def test_a_gpu_keeps_the_name_and_type_it_had() -> None:
    before = Settings(gpu_config=(GpuConfig("cuda:0", name="RTX 3060", type="nvidia", workers=4),))

    after = patch_settings(before, {"gpu_config": [{"device": "cuda:0"}, {"device": "cuda:1"}]})
    renamed = patch_settings(before, {"gpu_config": [{"device": "cuda:0", "name": "the small one", "type": ""}]})

    assert [(gpu.name, gpu.type) for gpu in after.gpu_config] == [("RTX 3060", "nvidia"), ("", "")]
    assert [(gpu.name, gpu.type) for gpu in renamed.gpu_config] == [("the small one", "")]


def test_no_gpu_is_configured_after_an_empty_list() -> None:
    before = Settings(gpu_config=(GpuConfig("cuda:0"),))

    assert patch_settings(before, {"gpu_config": []}).gpu_config == ()
    assert patch_settings(before, {"cpu_threads": 2}).gpu_config == before.gpu_config


def test_configured_gpus_that_are_shown_can_be_sent_back() -> None:
    settings = Settings(gpu_config=(GpuConfig("cuda:0", name="RTX 3060", type="nvidia", workers=0, ffmpeg_threads=0),))

    text = json.dumps(shown(settings))

    assert patch_settings(settings, json.loads(text)) == settings
