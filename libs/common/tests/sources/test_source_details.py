"""What the table of recorded payloads does not show: deliveries, titles, what stands beside a path."""

import pytest

from framewright.domain.outcome import ChangeKind
from framewright.vendors import source
from framewright.vendors.source import UPGRADE, Change, NamedItem, Status, Watching

from .recorded.family import E1, E2, EPISODE_FILE, REPLACED, movie, series
from .recorded.relatives import SPORTARR
from .recorded.servers import emby, jellyfin, plex

UNICODE = "\N{REPLACEMENT CHARACTER}"


def _understood(name, payload):
    return source(name).understand(payload)


def test_a_pack_and_its_single_files_are_one_delivery_of_each_path():
    single = series("Download", episodeFile={"path": E1}, downloadId="ABC")
    batch = series("Download", episodeFiles=[{"path": E1}, {"path": E2}], downloadId="ABC")

    (one,), (first, second) = (_understood("sonarr", payload).changes for payload in (single, batch))

    assert (one.path, one.delivery) == (first.path, first.delivery) == (E1, "Sonarr-HD|ABC")
    assert second.delivery == one.delivery


def test_another_download_of_one_path_is_another_delivery():
    payloads = [movie("Download", movieFile={"path": "/a.mkv"}, downloadId=download) for download in ("X", "Y", None)]

    deliveries = [_understood("radarr", payload).changes[0].delivery for payload in payloads]

    assert deliveries == ["Radarr|X", "Radarr|Y", ""]


def test_what_an_upgrade_took_the_place_of_stands_beside_it_and_the_recycle_bin_nowhere():
    payload = series("Download", episodeFile=EPISODE_FILE, isUpgrade=True, deletedFiles=[REPLACED, {"path": E2}])

    (change,) = _understood("sonarr", payload).changes

    assert change == Change(ChangeKind.UPGRADED, E2, replaces=(REPLACED["path"],))


def test_the_deletion_before_an_upgrade_says_so_in_one_word():
    payload = series("EpisodeFileDelete", episodeFile={"path": E1}, deleteReason="upgrade")

    assert _understood("sonarr", payload).changes == (Change(ChangeKind.DELETED, E1, why=UPGRADE),)


@pytest.mark.parametrize(
    ("name", "payload", "title"),
    [
        ("sonarr", series("Grab"), "Demo S01E02"),
        ("sonarr", series("Grab", episodes=[{"episodeNumber": "two"}]), "Demo"),
        ("radarr", movie("Grab"), "Demo"),
        ("sportarr", SPORTARR[0].payload, "Cup Final"),
        ("plex", plex("library.new", ratingKey="9", grandparentTitle="Demo", title="Two"), "Demo: Two"),
        ("plex", plex("library.new", ratingKey="9"), "item 9"),
        ("jellyfin", jellyfin(), "Demo: Two"),
        ("custom", {"file_paths": ["/a.mkv", "/b.mkv"], "title": "Two at once"}, "Two at once"),
    ],
)
def test_an_event_has_a_title_for_people(name, payload, title):
    assert _understood(name, payload).title == title


def test_an_item_is_named_with_the_server_that_knows_it():
    added, deleted = _understood("jellyfin", jellyfin()), _understood("emby", emby("library.deleted"))

    assert added.items == (NamedItem(ChangeKind.ADDED, "9f2c", server_type="jellyfin", server_identity="s2"),)
    assert deleted.items == (NamedItem(ChangeKind.DELETED, "42", server_type="emby", server_identity="s1"),)


def test_a_watcher_is_named_with_the_server_where_somebody_watches():
    meaning = _understood("tautulli", {"action": "stop", "rating_key": "1", "server_id": "abc"})

    assert (meaning.status, meaning.watching) == (Status.PLAYBACK, Watching("plex", "abc"))


def test_the_words_of_a_sender_are_legible_and_bounded():
    meaning = _understood("custom", {"file_path": "/a.mkv", "title": "a\0b\ud800c" + "x" * 5000})

    assert meaning.title.startswith(f"a{UNICODE}b{UNICODE}c")
    assert len(meaning.title.encode()) <= 1200


def test_what_is_unfit_beside_a_path_does_not_cost_the_path():
    payload = series("Rename", renamedEpisodeFiles=[{"path": "/tv/b.mkv", "previousPath": "/tv/../a.mkv"}])

    assert _understood("sonarr", payload).changes == (Change(ChangeKind.RENAMED, "/tv/b.mkv"),)


@pytest.mark.parametrize("wish", [True, "true", "1", 1])
def test_a_template_may_ask_for_new_previews(wish):
    assert _understood("custom", {"path": "/a.mkv", "regenerate": wish}).regenerate


@pytest.mark.parametrize("wish", [False, None, "", "no", [], {"a": 1}])
def test_without_that_wish_fresh_previews_stay(wish):
    assert not _understood("custom", {"path": "/a.mkv", "regenerate": wish}).regenerate
