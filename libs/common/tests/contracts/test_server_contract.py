"""A server as it comes from the REST API, from a settings file and from the store."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framewright.contracts.catalogue import PUBLISH, matches, server_consumer
from framewright.contracts.server import Server, ServerAuth, keep_secrets, parse_server, redacted, server_paths
from framewright.contracts.settings import REDACTED
from framewright.domain.errors import Reject
from framewright.domain.ownership import PathMapping

PLAIN: dict[str, Any] = {"id": "s1", "type": "plex", "url": "http://plex:32400"}
SECRET = "s3cr3t-t0ken"


def refusal(**changes: Any) -> str:
    with pytest.raises(Reject) as refused:
        parse_server({**PLAIN, **changes})
    assert refused.value.code == "VALIDATION_ERROR"
    return refused.value.reason


@given(st.text(max_size=80))
def test_an_id_is_a_legal_token_of_a_subject_or_refused(text: str) -> None:
    try:
        server = parse_server({**PLAIN, "id": text})
    except Reject:
        return

    consumer = server_consumer(server.type, server.id)
    assert matches(f"publish.v1.plex.{text}.{'a' * 32}", consumer.filters[0])
    assert not any(mark in consumer.name for mark in ".*> /\\\t\n")
    assert PUBLISH.subjects[0] == "publish.v1.>"


@pytest.mark.parametrize("name", ["", "a.b", "a b", "*", ">", "a/b", "ä", "a\n", "x" * 65, "$JS"])
def test_an_id_with_odd_characters_is_refused(name: str) -> None:
    assert refusal(id=name) == "id must be 1 to 64 letters, digits, '-' or '_'"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("type ", {"type": "kodi"}),
        ("timeout ", {"timeout": 0}),
        ("timeout ", {"timeout": 601}),
        ("timeout ", {"timeout": "soon"}),
        ("url ", {"url": ""}),
        ("url ", {"url": "plex:32400"}),
        ("url ", {"url": "ftp://plex"}),
        ("url ", {"url": "http://[::1"}),
        ("url ", {"url": "http://plex:99999"}),
        ("url ", {"url": "http://user:pw@plex"}),
        ("url ", {"url": "http://plex/?X-Plex-Token=x"}),
        ("url ", {"url": "http://pl\nex"}),
        ("url ", {"url": "http://pl ex"}),
        ("path_mappings[0].remote_prefix ", {"path_mappings": [{"local_prefix": "/x"}]}),
        ("path_mappings[0].local_prefix ", {"path_mappings": [{"remote_prefix": "/x", "local_prefix": "C:\\x"}]}),
        ("path_mappings[0].local_prefix ", {"path_mappings": [{"remote_prefix": "/x", "local_prefix": ""}]}),
        (
            "path_mappings[1].webhook_prefixes[0] ",
            {
                "path_mappings": [
                    {"remote_prefix": "/x", "local_prefix": "/y"},
                    {"remote_prefix": "/x", "local_prefix": "/y", "webhook_prefixes": ["../x"]},
                ]
            },
        ),
        ("libraries[0].remote_paths[0] ", {"libraries": [{"id": "1", "remote_paths": ["x"]}]}),
        ("libraries[0]", {"libraries": [{"name": "no id"}]}),
        ("exclude_paths[0].value ", {"exclude_paths": [{"value": "(", "type": "regex"}]}),
        ("exclude_paths[0].value ", {"exclude_paths": [{"value": "", "type": "regex"}]}),
        ("exclude_paths[0].type ", {"exclude_paths": [{"value": "x", "type": "glob"}]}),
        ("output.width ", {"output": {"width": 321}}),
        ("output.width ", {"output": {"width": 32}}),
        ("output.frame_interval ", {"output": {"frame_interval": 0}}),
        ("output.adapter ", {"output": {"adapter": "emby_sidecar"}}),
        ("output.plex_config_folder ", {"output": {"plex_config_folder": "config"}}),
        ("output.formats[0] ", {"output": {"formats": ["gif"]}}),
        ("auth.token ", {"auth": {"token": 5}}),
        ("enabled ", {"enabled": "maybe"}),
    ],
)
def test_a_refusal_begins_with_the_field(field: str, changes: dict[str, Any]) -> None:
    assert refusal(**changes).startswith(field)


@pytest.mark.parametrize("data", [None, [], "server", 5])
def test_a_server_is_an_object(data: object) -> None:
    with pytest.raises(Reject, match="server must be a JSON object"):
        parse_server(data)


def test_a_refusal_never_repeats_a_secret() -> None:
    assert SECRET not in refusal(url=f"http://user:{SECRET}@plex")
    assert SECRET not in refusal(auth={"token": [SECRET]})


def test_unknown_fields_and_nulls_are_ignored() -> None:
    server = parse_server({**PLAIN, "colour": "red", "name": None, "output": {"width": None, "depth": 3}})

    assert (server.name, server.output.width) == ("", 320)


def test_an_address_loses_its_last_slash() -> None:
    assert parse_server({**PLAIN, "url": " https://media.example/plex/ "}).url == "https://media.example/plex"


def test_the_older_name_of_a_mappings_prefix_is_read() -> None:
    rows = [{"plex_prefix": "/media", "local_prefix": "/data"}]

    assert parse_server({**PLAIN, "path_mappings": rows}).path_mappings == (PathMapping("/media", "/data"),)


def test_the_newer_name_of_a_mappings_prefix_wins() -> None:
    rows = [{"plex_prefix": "/old", "remote_prefix": "/new", "local_prefix": "/data"}]

    assert parse_server({**PLAIN, "path_mappings": rows}).path_mappings[0].remote_prefix == "/new"


def test_a_shown_mapping_carries_both_names() -> None:
    server = Server(id="s", type="plex", path_mappings=(PathMapping("/media", "/data"),))

    row = redacted(server)["path_mappings"][0]

    assert (row["plex_prefix"], row["remote_prefix"]) == ("/media", "/media")


def test_what_is_shown_can_be_sent_back() -> None:
    server = parse_server(
        {**PLAIN, "auth": {"token": SECRET}, "path_mappings": [{"plex_prefix": "/m", "local_prefix": "/d"}]}
    )

    back = keep_secrets(parse_server(redacted(server)), server)

    assert back == server


@pytest.mark.parametrize("name", ["token", "api_key", "access_token"])
def test_a_shown_server_holds_no_secret(name: str) -> None:
    server = Server(id="s", type="plex", auth=ServerAuth(**{name: SECRET}, user_id="u1"))

    shown = redacted(server)

    assert SECRET not in msgspec.json.encode(shown).decode()
    assert (shown["auth"][name], shown["auth"]["user_id"]) == (REDACTED, "u1")
    assert server.auth.secret == SECRET


def test_an_empty_secret_is_shown_empty() -> None:
    assert redacted(Server(id="s", type="plex"))["auth"]["token"] == ""


def test_a_new_secret_replaces_the_old_one_and_a_masked_one_keeps_it() -> None:
    old = Server(id="s", type="plex", auth=ServerAuth(token="old", api_key="key"))
    new = msgspec.structs.replace(old, auth=ServerAuth(token="new", api_key=REDACTED))

    assert keep_secrets(new, old).auth == ServerAuth(token="new", api_key="key")


def test_the_part_that_decides_ownership_is_whole() -> None:
    server = parse_server({**PLAIN, "name": "n", "libraries": [{"id": "1", "remote_paths": ["/data"]}]})

    paths = server_paths(server)

    assert (paths.id, paths.name, paths.type, paths.enabled) == ("s1", "n", "plex", True)
    assert (paths.libraries, paths.path_mappings, paths.exclude_paths) == (server.libraries, (), ())
