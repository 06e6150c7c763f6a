"""Who owns a path, in both directions and with every kind of mapping."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from framewright.domain.media import is_under, rebase, segments
from framewright.domain.ownership import (
    ExcludeRule,
    ExcludeType,
    Library,
    PathMapping,
    ServerPaths,
    Verdict,
    judge,
    local_candidates,
    to_local,
    to_remote,
)

WORD = st.text("abAB éü'&-_.0", min_size=1, max_size=6).map(lambda text: f"x{text}x")
LOCAL = st.lists(WORD, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
REMOTE = st.one_of(
    LOCAL,
    st.lists(WORD, max_size=2).map(lambda parts: "\\".join(["D:", *parts])),
    st.lists(WORD, min_size=2, max_size=3).map(lambda parts: "\\\\" + "\\".join(parts)),
)
ROWS = st.lists(st.builds(PathMapping, remote_prefix=REMOTE, local_prefix=LOCAL), min_size=1, max_size=4)
TAIL = st.lists(WORD, min_size=1, max_size=3)


def a_server(*rows: tuple[str, str], roots: tuple[str, ...] = (), **changes: object) -> ServerPaths:
    library = Library("1", "Films", "movie", roots)
    plain = ServerPaths("s1", "One", "plex", libraries=(library,), path_mappings=tuple(PathMapping(*r) for r in rows))
    return replace(plain, **changes)


def is_hidden(rows: list[PathMapping], path: str, prefix: str, of: str) -> bool:
    """Whether a longer row than `prefix` covers the path on the side `of`."""
    return any(
        is_under(path, row_prefix) and len(segments(row_prefix)) > len(segments(prefix))
        for row_prefix in (getattr(row, of) for row in rows)
    )


def leads(path: str, old: str, new: str, to: str) -> bool:
    """Whether this row alone makes the one path of the other."""
    rebased = rebase(path, old, new)
    return rebased is not None and segments(rebased) == segments(to)


@given(ROWS, TAIL)
@example([PathMapping("D:", "/x"), PathMapping("D:\\x", "/x")], ["x"])
def test_a_path_below_a_mapped_folder_maps_there_and_back(rows: list[PathMapping], tail: list[str]) -> None:
    server = a_server(roots=(), path_mappings=tuple(rows))
    local = "/".join([rows[0].local_prefix, *tail])

    remotes = to_remote(server, local)

    for remote in remotes:
        backs = [segments(back) for back in to_local(server, remote)]
        hidden = not any(
            leads(local, row.local_prefix, row.remote_prefix, remote)
            and not is_hidden(rows, remote, row.remote_prefix, "remote_prefix")
            for row in rows
        )
        assert segments(local) in backs or hidden


@given(ROWS, TAIL)
def test_a_servers_path_maps_here_and_back(rows: list[PathMapping], tail: list[str]) -> None:
    server = a_server(roots=(), path_mappings=tuple(rows))
    separator = "/" if rows[0].remote_prefix.startswith("/") else "\\"
    remote = separator.join([rows[0].remote_prefix, *tail])

    for local in to_local(server, remote):
        backs = [segments(back) for back in to_remote(server, local)]
        hidden = not any(
            leads(remote, row.remote_prefix, row.local_prefix, local)
            and not is_hidden(rows, local, row.local_prefix, "local_prefix")
            for row in rows
        )
        assert segments(remote) in backs or hidden


def test_a_path_without_a_mapping_is_its_own() -> None:
    server = a_server(("/data", "/mnt"))

    assert to_local(server, "/other/x") == ["/other/x"]
    assert to_remote(server, "/other/x") == ["/other/x"]


def test_the_longest_prefix_wins() -> None:
    server = a_server(("/data", "/mnt"), ("/data/tv", "/shows"))

    assert to_local(server, "/data/tv/x.mkv") == ["/shows/x.mkv"]
    assert to_local(server, "/data/films/x.mkv") == ["/mnt/films/x.mkv"]


def test_one_server_folder_may_be_spread_over_several_here() -> None:
    server = a_server(("/data", "/mnt/disk1"), ("/data", "/mnt/disk2"), roots=("/data",))

    assert to_local(server, "/data/x") == ["/mnt/disk1/x", "/mnt/disk2/x"]
    assert judge(server, "/mnt/disk2/x").remote_paths == ("/data/x",)


def test_several_server_folders_may_be_one_here() -> None:
    server = a_server(("/old", "/data"), ("/new", "/data"), roots=("/new",))

    verdict = judge(server, "/data/x")

    assert to_remote(server, "/data/x") == ["/old/x", "/new/x"]
    assert verdict.remote_paths == ("/new/x", "/old/x")


def test_a_folder_does_not_own_its_namesake_with_a_suffix() -> None:
    server = a_server(roots=("/data",))

    assert judge(server, "/data/x").verdict is Verdict.OWNED
    assert judge(server, "/data_16tb2/x").verdict is Verdict.NOT_OWNED


@pytest.mark.parametrize("root", ["D:\\Media", "d:/media", "\\\\NAS\\Media"])
def test_a_windows_server_owns_what_its_mapping_brings_here(root: str) -> None:
    server = a_server((root, "/data"), roots=(f"{root}\\Films",))

    verdict = judge(server, "/data/Films/A.mkv")

    assert verdict.verdict is Verdict.OWNED
    assert segments(verdict.remote_paths[0]) == segments(f"{root}\\Films\\A.mkv")


def test_a_share_mounted_inside_a_library_belongs_to_it() -> None:
    server = a_server(("/media/new", "/mnt/new"), roots=("/media",))

    verdict = judge(server, "/mnt/new/A.mkv")

    assert verdict.verdict is Verdict.OWNED
    assert verdict.remote_paths == ("/media/new/A.mkv",)
    assert "/mnt/new" in verdict.steps[0]


def test_what_another_mount_hides_is_not_owned() -> None:
    server = a_server(("/media", "/mnt"), ("/media/tv", "/shows"), roots=("/media/tv",))

    assert judge(server, "/mnt/tv/x").verdict is Verdict.NOT_OWNED
    assert judge(server, "/shows/x").verdict is Verdict.OWNED


def test_the_closest_library_owns_the_path() -> None:
    outer, inner = Library("1", "All", "movie", ("/data",)), Library("2", "Kids", "movie", ("/data/kids",))
    server = a_server(libraries=(outer, inner))

    assert judge(server, "/data/kids/x").library == inner
    assert judge(server, "/data/x").library == outer


def test_a_disabled_library_owns_nothing_and_says_so() -> None:
    server = a_server(libraries=(Library("1", "Films", "movie", ("/data",), enabled=False),))

    verdict = judge(server, "/data/x")

    assert verdict.verdict is Verdict.NOT_OWNED
    assert any("disabled" in step for step in verdict.steps)


def test_a_disabled_server_owns_nothing() -> None:
    server = a_server(roots=("/data",), enabled=False)

    assert judge(server, "/data/x").verdict is Verdict.DISABLED


def test_a_library_with_an_empty_root_owns_nothing() -> None:
    assert judge(a_server(roots=("",)), "/data/x").verdict is Verdict.NOT_OWNED


@pytest.mark.parametrize(
    ("rule", "path", "excluded"),
    [
        (ExcludeRule("/data/trailers"), "/data/trailers/x.mkv", True),
        (ExcludeRule("/data/trailers"), "/data/trailers2/x.mkv", False),
        (ExcludeRule(r"(?i)sample", ExcludeType.REGEX), "/data/A/SAMPLE.mkv", True),
        (ExcludeRule(r"\.ts$", ExcludeType.REGEX), "/data/A.ts", True),
        (ExcludeRule(r"\.ts$", ExcludeType.REGEX), "/data/A.ts.mkv", False),
    ],
)
def test_exclude_rules_keep_paths_out(rule: ExcludeRule, path: str, excluded: bool) -> None:
    server = a_server(roots=("/data",), exclude_paths=(rule,))

    verdict = judge(server, path)

    assert (verdict.verdict is Verdict.EXCLUDED) is excluded
    assert verdict.library is not None


def test_a_webhook_path_is_tried_by_the_most_specific_prefix_first() -> None:
    rows = (PathMapping("/plex", "/mnt", ("/media", "/media/4k")),)

    assert local_candidates([a_server(path_mappings=rows)], "/media/4k/x.mkv") == [
        "/mnt/x.mkv",
        "/mnt/4k/x.mkv",
        "/media/4k/x.mkv",
    ]


def test_a_webhook_may_use_the_servers_own_spelling() -> None:
    servers = [a_server(("D:\\TV", "/tv")), a_server(("/plex/tv", "/tv"))]

    assert local_candidates(servers, "d:/tv/Show/x.mkv")[0] == "/tv/Show/x.mkv"
    assert local_candidates(servers, "/plex/tv/x.mkv")[0] == "/tv/x.mkv"
    assert local_candidates(servers, "/unknown/x.mkv") == ["/unknown/x.mkv"]
