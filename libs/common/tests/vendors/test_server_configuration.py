"""A server's configuration: what is taken, what is refused and why, what a browser gets to see."""

import msgspec
import pytest

from framewright.contracts.server import keep_secrets, parse_server, redacted, server_paths, with_identity
from framewright.domain.errors import Reject
from framewright.domain.ownership import ExcludeRule, ExcludeType, Library, PathMapping

STORED = {
    "id": "7d1f3c0e",
    "type": "plex",
    "name": "Attic",
    "enabled": True,
    "url": "http://attic:32400/",
    "auth": {"method": "token", "token": "t0k"},
    "verify_ssl": False,
    "timeout": 30,
    "libraries": [{"id": "1", "name": "Films", "remote_paths": ["D:\\Films"], "enabled": True, "kind": "movie"}],
    "path_mappings": [{"plex_prefix": "D:\\Films", "local_prefix": "/media/films", "webhook_prefixes": None}],
    "exclude_paths": [{"value": "/media/films/extras", "type": "path"}, {"value": "sample", "type": "regex"}],
    "output": {"adapter": "plex_bundle", "width": 320, "frame_interval": 10, "plex_config_folder": "/plex"},
    "server_identity": "abc",
    "health_dismissals": ["x"],
}


def without(field: str) -> dict:
    return {name: value for name, value in STORED.items() if name != field}


def test_a_stored_server_of_an_older_tool_is_understood():
    server = parse_server(STORED)

    assert server.url == "http://attic:32400"
    assert server.libraries == (Library("1", "Films", "movie", ("D:\\Films",)),)
    assert server.path_mappings == (PathMapping("D:\\Films", "/media/films"),)
    assert server.exclude_paths == (
        ExcludeRule("/media/films/extras"),
        ExcludeRule("sample", ExcludeType.REGEX),
    )
    assert (server.output.frame_interval, server.auth.secret, server.timeout) == (10, "t0k", 30.0)


def test_the_least_that_is_needed_gives_the_defaults():
    server = parse_server({"id": "f", "type": "folder", "output": None})

    assert (server.enabled, server.timeout, server.output.width) == (True, 30.0, 320)
    assert server.output.frame_interval is None
    assert server.output.save_with_media


def test_a_server_survives_storage_and_reading():
    server = parse_server(STORED)

    assert parse_server(msgspec.json.decode(msgspec.json.encode(server))) == server


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id must be 1 to 64 letters"),
        ({"id": "a.b"}, "id must be 1 to 64 letters"),
        ({"type": "kodi"}, "type must be one of plex, emby, jellyfin, folder"),
        ({"type": 5}, "type is wrong: Expected `str`"),
        ({"url": "attic:32400"}, "url must start with http://"),
        ({"url": ""}, "url must start with http://"),
        ({"url": "ftp://attic"}, "url must start with http://"),
        ({"url": "http://me:secret@attic"}, "url must not hold a user name or password"),
        ({"url": "http://attic/?X-Plex-Token=1"}, "url must not hold a query"),
        ({"url": "http://attic:port"}, "url is not a URL"),
        ({"timeout": 0}, "timeout must be above 0"),
        ({"enabled": "yes"}, "enabled is wrong: Expected `bool`"),
        ({"auth": {"token": 5}}, "auth.token is wrong"),
        ({"path_mappings": [{"remote_prefix": "/a"}]}, "path_mappings[0]"),
        (
            {"path_mappings": [{"remote_prefix": "/a", "local_prefix": ""}]},
            "path_mappings[0].local_prefix must be a non-empty absolute path",
        ),
        ({"path_mappings": [{"remote_prefix": "/a", "local_prefix": "b"}]}, "path_mappings[0].local_prefix must be"),
        ({"path_mappings": [{"local_prefix": "/b"}]}, "path_mappings[0].remote_prefix must be"),
        ({"path_mappings": ["x"]}, "path_mappings[0] is wrong"),
        (
            {"path_mappings": [{"remote_prefix": "/a", "local_prefix": "/b", "webhook_prefixes": ["c"]}]},
            "path_mappings[0].webhook_prefixes[0] must be",
        ),
        ({"libraries": [{"id": "1", "remote_paths": ["x"]}]}, "libraries[0].remote_paths[0] must be"),
        ({"exclude_paths": [{"value": "(", "type": "regex"}]}, "exclude_paths[0].value is not a regular expression"),
        ({"exclude_paths": [{"value": "", "type": "regex"}]}, "exclude_paths[0].value must not be empty"),
        ({"exclude_paths": [{"value": "x"}]}, "exclude_paths[0].value must be a non-empty absolute path"),
        ({"exclude_paths": [{"value": "/x", "type": "glob"}]}, "exclude_paths[0].type is wrong"),
        ({"output": {"width": 63}}, "output.width must be an even number"),
        ({"output": {"width": 321}}, "output.width must be an even number"),
        ({"output": {"width": 1282}}, "output.width must be an even number"),
        ({"output": {"frame_interval": 0}}, "output.frame_interval must be from 1 to 60"),
        ({"output": {"frame_interval": 61}}, "output.frame_interval must be from 1 to 60"),
        ({"output": {"plex_config_folder": "plex/../x"}}, "output.plex_config_folder must be"),
        ({"output": {"adapter": "emby_sidecar"}}, "output.adapter must be empty or plex_bundle"),
        ({"output": {"formats": ["gif"]}}, "output.formats[0] must be one of bif, trickplay"),
    ],
)
def test_a_refusal_names_the_field(changes, reason):
    with pytest.raises(Reject) as refused:
        parse_server({**STORED, **changes})

    assert refused.value.code == "VALIDATION_ERROR"
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("data", "reason"), [([], "server must be"), (without("id"), "server is wrong"), (None, "server must be")]
)
def test_what_is_no_server_at_all_is_refused(data, reason):
    with pytest.raises(Reject, match=reason):
        parse_server(data)


def test_a_browser_sees_no_secret_and_both_names_of_a_prefix():
    server = parse_server({**STORED, "auth": {"token": "t0k", "user_id": "u"}})

    shown = msgspec.json.decode(msgspec.json.encode(redacted(server)))

    assert shown["auth"] == {
        "method": "",
        "token": "***REDACTED***",
        "api_key": "",
        "access_token": "",
        "user_id": "u",
    }
    assert shown["path_mappings"] == [
        {
            "remote_prefix": "D:\\Films",
            "plex_prefix": "D:\\Films",
            "local_prefix": "/media/films",
            "webhook_prefixes": [],
        }
    ]
    assert "t0k" not in str(shown)


def test_the_name_of_the_installation_is_neither_shown_nor_taken():
    server = parse_server({**STORED, "device_id": "somebody's"})

    assert server.device_id == ""
    assert "device_id" not in redacted(msgspec.structs.replace(server, device_id="ours"))


def test_what_a_browser_sends_back_keeps_the_secrets():
    old = parse_server(STORED)

    new = keep_secrets(parse_server({**msgspec.json.decode(msgspec.json.encode(redacted(old))), "name": "Loft"}), old)

    assert (new.name, new.auth.token, new.auth.api_key) == ("Loft", "t0k", "")
    assert new.path_mappings == old.path_mappings


def test_a_new_secret_replaces_the_old_one():
    old = parse_server(STORED)

    new = keep_secrets(parse_server({**STORED, "auth": {"token": "other"}}), old)

    assert new.auth.token == "other"


@pytest.mark.parametrize(
    ("known", "met_at", "identity"),
    [("", "http://attic:32400", "new"), ("abc", "http://attic:32400", "abc"), ("", "http://elsewhere:32400", "")],
)
def test_an_identity_is_learnt_once_and_only_at_the_servers_own_address(known, met_at, identity):
    server = parse_server({**STORED, "server_identity": known})

    learnt = with_identity(server, msgspec.structs.replace(server, url=met_at), "new")

    assert learnt == msgspec.structs.replace(server, server_identity=identity)


def test_ownership_takes_its_part():
    paths = server_paths(parse_server(STORED))

    assert (paths.id, paths.type, len(paths.libraries), len(paths.exclude_paths)) == ("7d1f3c0e", "plex", 1, 2)
