"""Ownership in both directions: what one server calls a file leads back to the file, whatever the mappings are."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framewright.domain.media import Flavour, canonical, flavour_of, is_under, rebase, segments
from framewright.domain.ownership import (
    ExcludeRule,
    ExcludeType,
    Library,
    PathMapping,
    ServerPaths,
    Verdict,
    judge,
    to_local,
    to_remote,
)

NAME = st.sampled_from(["a", "A", "b", "tv", "TV2", "é", unicodedata.normalize("NFD", "é"), "Films (2001)", "x+y%&"])
LOCAL = st.lists(NAME, max_size=3).map(lambda names: "/" + "/".join(names))
WINDOWS = st.builds(
    lambda root, names, slash: slash.join([root, *names]) + ("" if names else slash),
    st.sampled_from(["C:", "d:", "\\\\NAS\\share"]),
    st.lists(NAME, max_size=2),
    st.just("\\"),
)
REMOTE = st.one_of(LOCAL, WINDOWS, LOCAL.map(lambda path: path + "/"))
ROWS = st.lists(st.builds(PathMapping, REMOTE, LOCAL), max_size=4)
ROOTS = st.lists(REMOTE, min_size=1, max_size=3)
TAIL = st.lists(NAME, min_size=1, max_size=3)


def a_server(rows: list[PathMapping], roots: list[str], *, one_each: bool = False) -> ServerPaths:
    libraries = (Library("1", "All", "movie", tuple(roots)),)
    if one_each:
        libraries = tuple(Library(str(number), f"L{number}", "movie", (root,)) for number, root in enumerate(roots))
    return ServerPaths("s", "S", "plex", libraries=libraries, path_mappings=tuple(rows))


def below(root: str, tail: list[str]) -> str:
    return rebase("/" + "/".join(tail), "/", root) or ""


def is_among(path: str, paths: tuple[str, ...] | list[str]) -> bool:
    return segments(path) in [segments(one) for one in paths]


@settings(max_examples=400, deadline=None)
@given(ROWS, ROOTS, TAIL)
def test_every_spelling_that_a_server_is_sent_leads_back_to_the_file(rows, roots, tail) -> None:
    server = a_server(rows, roots)
    local = below(rows[0].local_prefix if rows else "/data", tail)

    verdict = judge(server, local)

    for remote in verdict.remote_paths:
        fold = str.casefold if flavour_of(remote) is Flavour.WINDOWS else str
        assert is_among(fold(local), [fold(back) for back in to_local(server, remote)])
    assert verdict.verdict is not Verdict.OWNED or any(is_under(verdict.remote_paths[0], root) for root in roots)


@settings(max_examples=400, deadline=None)
@given(ROWS, ROOTS, TAIL)
def test_a_file_of_a_servers_library_is_owned_wherever_it_lies_here(rows, roots, tail) -> None:
    server = a_server(rows, roots)
    remote = below(roots[0], tail)

    for local in to_local(server, remote):
        if local.startswith("/"):
            verdict = judge(server, local)
            assert verdict.verdict is Verdict.OWNED
            assert is_among(remote, verdict.remote_paths)


@settings(max_examples=300, deadline=None)
@given(ROWS, ROOTS, TAIL)
def test_all_libraries_over_a_path_are_named_the_closest_first(rows, roots, tail) -> None:
    server = a_server(rows, roots, one_each=True)
    local = below(rows[0].local_prefix if rows else roots[0], tail)

    verdict = judge(server, local)

    alone = [one for one in server.libraries if judge(replace(server, libraries=(one,)), local).verdict == "owned"]
    assert {one.id for one in verdict.libraries} == {one.id for one in alone}
    assert verdict.library == (verdict.libraries[0] if verdict.libraries else None)


@settings(max_examples=300, deadline=None)
@given(ROWS, ROOTS, TAIL, st.sampled_from(["NFC", "NFD"]))
def test_composition_and_trailing_slashes_change_no_verdict(rows, roots, tail, form) -> None:
    server = a_server(rows, roots)
    other = a_server(
        [PathMapping(unicodedata.normalize(form, row.remote_prefix), row.local_prefix + "/") for row in rows],
        [unicodedata.normalize(form, root) for root in roots],
    )
    local = below(rows[0].local_prefix if rows else "/data", tail)

    one, two = judge(server, local), judge(other, unicodedata.normalize(form, local))

    assert one.verdict is two.verdict
    assert [segments(path) for path in one.remote_paths] == [segments(path) for path in two.remote_paths]


@settings(deadline=None)
@given(TAIL, st.sampled_from(["C:\\", "d:\\Media", "\\\\NAS\\share", "E:/Films", "/", "/data/"]))
def test_a_whole_disk_may_be_mapped_there_and_back(tail, prefix) -> None:
    server = a_server([PathMapping(prefix, "/mnt/disk")], [prefix])
    local = below("/mnt/disk", tail)

    (remote,) = to_remote(server, local)

    assert is_under(remote, prefix)
    assert to_local(server, remote) == [local]
    assert judge(server, local).remote_paths == (remote,)


@pytest.mark.parametrize("root", ["D:\\Media\\Films", "D:/Media/Films"])
def test_a_windows_server_is_sent_its_own_spelling(root: str) -> None:
    server = a_server([PathMapping("d:\\media", "/data")], [root])

    verdict = judge(server, "/data/films/A.mkv")

    assert verdict.remote_paths == (root + root[2] + "A.mkv",)


def test_letter_case_counts_on_a_posix_server_and_not_on_a_windows_one() -> None:
    posix = a_server([PathMapping("/Media", "/data")], ["/media"])
    windows = a_server([PathMapping("D:\\Media", "/data")], ["d:\\MEDIA"])

    assert judge(posix, "/data/x").verdict is Verdict.NOT_OWNED
    assert judge(windows, "/data/x").verdict is Verdict.OWNED
    assert judge(windows, "/Data/x").verdict is Verdict.NOT_OWNED


def test_a_decomposed_library_is_sent_in_its_own_bytes() -> None:
    root = unicodedata.normalize("NFD", "/média/Séries")
    server = a_server([PathMapping("/média", "/data")], [root])

    (remote,) = judge(server, "/data/Séries/é.mkv").remote_paths

    assert remote == f"{root}/é.mkv"


def test_an_unmapped_library_keeps_its_own_spelling_beside_a_mapping_to_the_same_folder() -> None:
    server = a_server([PathMapping("/data", "/films")], ["/films"])

    assert judge(server, "/films/x").remote_paths == ("/films/x", "/data/x")


def test_what_a_longer_mapping_hides_is_not_owned_and_says_which() -> None:
    rows = [PathMapping("/media", "/mnt"), PathMapping("/media/tv", "/shows")]
    server = a_server(rows, ["/media"])

    verdict = judge(server, "/mnt/tv/x")

    assert verdict.verdict is Verdict.NOT_OWNED
    assert "/media/tv/x is /shows/x here by a longer mapping" in verdict.steps[0]


def test_a_name_that_a_windows_server_cannot_hold_is_not_owned_by_it() -> None:
    server = a_server([PathMapping("D:\\Media", "/data")], ["D:\\Media"])

    assert judge(server, "/data/AC\\DC.mkv").verdict is Verdict.NOT_OWNED


def test_every_root_that_does_not_hold_the_path_says_where_it_is() -> None:
    server = a_server([PathMapping("/data", "/mnt")], ["/data/films", "/other"])

    steps = judge(server, "/mnt/tv/x").steps

    assert steps == (
        "library All: /data/films is /mnt/films here, not above the path",
        "library All: /other is /other here, not above the path",
        "no enabled library holds the path",
    )


def test_two_sections_over_one_folder_both_hold_its_files() -> None:
    films, uhd = Library("1", "Films", "movie", ("/data",)), Library("2", "4K", "movie", ("/data",))
    server = ServerPaths("s", "S", "plex", libraries=(films, replace(films, id="3", enabled=False), uhd))

    verdict = judge(server, "/data/x")

    assert verdict.libraries == (films, uhd)
    assert any("disabled" in step for step in verdict.steps)


def test_a_rule_that_cannot_be_read_keeps_every_path_out_and_says_so() -> None:
    rule = ExcludeRule(r"(?!x)", ExcludeType.REGEX)
    server = replace(a_server([], ["/data"]), exclude_paths=(rule,))

    verdict = judge(server, "/data/x")

    assert verdict.verdict is Verdict.EXCLUDED
    assert "cannot be read" in verdict.steps[-1]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_an_exclude_pattern_sees_through_composition(form: str) -> None:
    rule = ExcludeRule(unicodedata.normalize(form, r"/Séries?/"), ExcludeType.REGEX)

    assert rule.covers(canonical("/data/Séries/x"))
    assert rule.covers(unicodedata.normalize("NFD", "/data/Séries/x"))
