"""What a Jellyfin server wants, as its options say it: every width, its own interval, and nothing wider than the film."""

import pytest

from framewright.domain.frames import Rendition
from framewright.domain.publishing import PublishTarget
from framewright.vendors.jellyfin.client import TrickplayOptions
from framewright.vendors.jellyfin.wishes import Wishes

WANTED = Rendition(320, 5000)


def wishes(*widths: int, **changes) -> Wishes:
    return Wishes(TrickplayOptions(interval_ms=10_000, widths=widths), (), 0.0, **changes)


def target(video_width: int) -> PublishTarget:
    return PublishTarget("/films/x.mkv", ("/data/x.mkv",), WANTED, video_width=video_width)


@pytest.mark.parametrize(
    ("set_to", "made"),
    [
        ((320, 640, 1280), [320, 640, 1280]),
        ((1280, 320, 640), [320, 640, 1280]),
        ((640,), [640]),
        ((321, 320), [320]),
        ((0, -4, 9, 9999, 480), [480]),
        ((), [320]),
    ],
)
def test_every_width_is_made_once_even_and_the_narrowest_first(set_to, made):
    found = wishes(*set_to).renditions(WANTED)

    assert found == tuple(Rendition(width, 10_000) for width in made)


def test_a_server_that_does_not_tell_gets_what_is_wanted():
    assert Wishes(None, (), 0.0).renditions(WANTED) == (WANTED,)


@pytest.mark.parametrize(
    ("video_width", "made"), [(0, [320, 640, 1280]), (1920, [320, 640, 1280]), (501, [320, 500]), (301, [300])]
)
def test_widths_beyond_the_film_fall_together_at_its_own(video_width, made):
    found = wishes(320, 640, 1280).fitted(target(video_width))

    assert [one.width for one in found] == made


@pytest.mark.parametrize(
    ("major", "bridged", "keeps"),
    [(10, False, True), (10, True, False), (12, False, True), (12, True, False), (0, False, False)],
)
def test_rows_stay_as_they_are_without_the_plugin(major, bridged, keeps):
    assert wishes(320, major=major, bridged=bridged).keeps_rows is keeps
