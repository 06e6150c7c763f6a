"""Spellings of paths: what is equal, what is under what, what is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.domain.errors import BadPath
from framewright.domain.media import (
    MAX_PATH_BYTES,
    Flavour,
    canonical,
    flavour_of,
    folder,
    is_under,
    is_video,
    media_id,
    rebase,
    reject_hostile,
    segments,
    shorten,
    stem,
    suffix,
)

NAME = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="/\\"), min_size=1, max_size=12
).filter(lambda name: name not in {".", ".."})
TAIL = st.lists(NAME, min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("path", "flavour"),
    [
        ("/data/Films", Flavour.POSIX),
        ("data", Flavour.POSIX),
        ("//nas/share", Flavour.POSIX),
        ("C:\\Films", Flavour.WINDOWS),
        ("d:/Films", Flavour.WINDOWS),
        ("C:", Flavour.WINDOWS),
        ("C:Films", Flavour.POSIX),
        ("\\\\nas\\share", Flavour.WINDOWS),
    ],
)
def test_the_flavour_is_seen_from_the_beginning(path: str, flavour: Flavour) -> None:
    assert flavour_of(path) is flavour


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/data/Films", "/data//Films/"),
        ("/data/Films", "/data/./Films"),
        ("C:\\TV\\Show", "c:/tv/SHOW/"),
        ("\\\\NAS\\Share\\x", "\\\\nas\\share/x"),
        ("/data/Amélie", unicodedata.normalize("NFD", "/data/Amélie")),
        ("C:\\Straße", "c:\\STRASSE"),
        ("\\\\?\\C:\\TV\\x", "c:\\tv\\x"),
        ("\\\\?\\UNC\\nas\\tv", "\\\\NAS\\tv"),
    ],
)
def test_two_spellings_of_one_folder_are_equal(one: str, other: str) -> None:
    assert segments(one) == segments(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("/data/Films", "/data/films"), ("\\\\nas\\share", "nas/share"), ("C:\\x", "D:\\x"), ("/nas/x", "\\\\nas\\x")],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert segments(one) != segments(other)


@given(TAIL)
def test_composed_and_decomposed_spellings_are_one_path(tail: list[str]) -> None:
    path = "/data/" + "/".join(tail)

    composed, decomposed = unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)

    assert segments(composed) == segments(decomposed)
    assert media_id(composed) == media_id(decomposed)


@pytest.mark.parametrize(
    ("path", "prefix", "under"),
    [
        ("/data/x", "/data", True),
        ("/data", "/data", True),
        ("/data_16tb2/x", "/data", False),
        ("/data", "/data/x", False),
        ("/anything", "/", True),
        ("C:\\TV\\x", "c:/tv", True),
        ("C:\\TV2\\x", "c:/tv", False),
        ("\\\\nas\\tv\\x", "\\\\NAS\\tv", True),
        ("/C:/tv", "C:/tv", False),
    ],
)
def test_a_prefix_covers_whole_segments_only(path: str, prefix: str, under: bool) -> None:
    assert is_under(path, prefix) is under


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("/data/Films/A.mkv", "/data", "/mnt/media/", "/mnt/media/Films/A.mkv"),
        ("/data/Films/A.mkv", "/data/", "D:\\Media", "D:\\Media\\Films\\A.mkv"),
        ("d:\\media\\FILMS\\ä.mkv", "D:\\Media", "/data", "/data/FILMS/ä.mkv"),
        ("D:/Media/x", "D:\\Media", "E:/New", "E:/New/x"),
        ("\\\\nas\\share\\Show\\x", "\\\\NAS\\Share", "/tv", "/tv/Show/x"),
        ("/tv/Show/x", "/tv", "\\\\nas\\share", "\\\\nas\\share\\Show\\x"),
        ("/data/x", "/data", "/", "/x"),
        ("/x/y", "/", "/data", "/data/x/y"),
        ("/data", "/data", "/", "/"),
        ("/data", "/data", "/mnt/", "/mnt"),
        ("/data", "/data", "C:\\", "C:\\"),
        ("/data", "/data", "C:/", "C:/"),
        ("/data/x", "/data", "C:", "C:\\x"),
        ("\\\\?\\D:\\tv\\Show\\x", "D:\\TV", "/tv", "/tv/Show/x"),
        ("/data/AC\\DC", "/data", "D:\\Media", None),
        ("/data/AC\\DC", "/data", "/mnt\\", "/mnt\\/AC\\DC"),
        ("/data_16tb2/x", "/data", "/mnt", None),
    ],
)
def test_the_beginning_of_a_path_is_replaced(path: str, old: str, new: str, expected: str | None) -> None:
    assert rebase(path, old, new) == expected


@given(TAIL)
def test_the_tail_of_a_replaced_path_keeps_its_spelling(tail: list[str]) -> None:
    below = "/".join(tail)

    assert rebase(f"/data/{below}", "/data", "/mnt/media") == f"/mnt/media/{below}"


@given(TAIL)
def test_a_decomposed_prefix_matches_a_composed_one(tail: list[str]) -> None:
    below = "/".join(tail)
    decomposed = unicodedata.normalize("NFD", "/données")

    assert rebase(f"{decomposed}/{below}", "/données", "/mnt") == f"/mnt/{below}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "data/x",
        "./x",
        "/data/../etc/passwd",
        "/data/..",
        "/data/a\\..\\b",
        "/data/\0x",
        "/data/a\nb",
        "/data/\x1b[31m",
        "/data/\x9b",
        "/data/\ud800x",
        "/" + "x" * 5000,
        "/" + "ä" * 2100,
        "C:\\Films\\x.mkv",
        "\\\\nas\\share\\x.mkv",
    ],
)
def test_a_path_that_may_not_be_looked_up_is_refused(path: str) -> None:
    with pytest.raises(BadPath) as refusal:
        canonical(path)

    assert refusal.value.code == "BAD_PATH"
    assert len(refusal.value.reason) < 200


@pytest.mark.parametrize("path", ["C:\\Films\\x.mkv", "\\\\nas\\share\\x.mkv", "/data/x", "x"])
def test_what_a_mapping_may_still_translate_is_let_through(path: str) -> None:
    reject_hostile(path)


@pytest.mark.parametrize("path", ["C:\\a\\..\\b", "C:/a/../b", "..", "C:\\\0", "C:\\" + "x" * 5000])
def test_windows_spelling_hides_nothing_hostile(path: str) -> None:
    with pytest.raises(BadPath):
        reject_hostile(path)


@given(st.text(max_size=60))
def test_any_text_becomes_a_safe_path_or_is_refused(text: str) -> None:
    try:
        path = canonical(text)
    except BadPath:
        return

    assert path.startswith("/")
    assert not {"..", "."} & set(path.split("/"))
    assert "\0" not in path
    assert canonical(path) == path


@given(TAIL)
def test_a_canonical_path_is_spelled_as_given(tail: list[str]) -> None:
    path = "/data/" + "/".join(tail)

    assert canonical(f"//data/./{'//'.join(tail)}/") == path


def test_the_longest_path_that_linux_opens_is_accepted() -> None:
    longest = "/" + "x" * (MAX_PATH_BYTES - 1)

    assert canonical(longest) == longest


@pytest.mark.parametrize(
    ("path", "identity"),
    [
        ("/data/Films/A (2001)/A.mkv", "2e37a6fb296cc2c4923803e2dce77ecc"),
        ("/data/Amélie.mkv", "cb155aae342096252391fd23b4d97c1d"),
    ],
)
def test_identities_never_change(path: str, identity: str) -> None:
    assert media_id(path) == identity


def test_identities_differ_by_case_on_linux() -> None:
    assert media_id("/data/a.mkv") != media_id("/data/A.mkv")


@pytest.mark.parametrize(
    ("path", "end", "name", "parent"),
    [
        ("/data/A.B.MKV", ".mkv", "A.B", "/data"),
        ("C:\\Films\\A.mp4", ".mp4", "A", "C:\\Films"),
        ("/data/.hidden", "", ".hidden", "/data"),
        ("/A.mkv", ".mkv", "A", "/"),
        ("/data.d/plain", "", "plain", "/data.d"),
        ("/data/AC\\DC.mkv", ".mkv", "AC\\DC", "/data"),
        ("C:\\A.mkv", ".mkv", "A", "C:\\"),
        ("\\\\nas\\tv\\A.mkv", ".mkv", "A", "\\\\nas\\tv"),
        ("A.mkv", ".mkv", "A", ""),
    ],
)
def test_the_parts_of_a_name(path: str, end: str, name: str, parent: str) -> None:
    assert (suffix(path), stem(path), folder(path)) == (end, name, parent)


@pytest.mark.parametrize(
    ("path", "video"),
    [("/a/B.MkV", True), ("/a/b.ts", True), ("/a/b.srt", False), ("/a/mkv", False), ("/a.mkv/b", False)],
)
def test_a_video_is_known_by_its_last_extension(path: str, video: bool) -> None:
    assert is_video(path) is video


def test_a_long_path_is_shortened_in_the_middle() -> None:
    short = shorten("/start/" + "x" * 500 + "/end.mkv")

    assert len(short) <= 121
    assert short.startswith("/start/")
    assert short.endswith("/end.mkv")
