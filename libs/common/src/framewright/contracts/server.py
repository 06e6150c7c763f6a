"""A configured media server as the REST API takes it, the config bucket keeps it and `settings.json` files carry it.

The stored shape is the one that users of Media Preview Generator know (`media_servers[]`), so their file imports as it is.
Every refusal names the field that is wrong.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec

from framewright.contracts.settings import REDACTED
from framewright.domain.errors import BadPath, Reject
from framewright.domain.frames import Rendition
from framewright.domain.media import canonical, flavour_of, reject_hostile
from framewright.domain.ownership import ExcludeRule, ExcludeType, Library, PathMapping, ServerPaths
from framewright.domain.patterns import BadPattern

ADAPTERS = {
    "plex": "plex_bundle",
    "emby": "emby_sidecar",
    "jellyfin": "jellyfin_trickplay",
    "folder": "webvtt_folder",
}
"""The server types there are, each with the name of the output adapter that is its own."""

FORMATS = ("bif", "trickplay")
"""Formats that the folder server can write besides WebVTT."""

SECRETS = ("token", "api_key", "access_token")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NARROWEST, _WIDEST = 64, 1280
_LONGEST_INTERVAL = 60
_LONGEST_TIMEOUT = 600


class ServerAuth(msgspec.Struct, frozen=True):
    """Credentials as the vendor names them; `method` says how they were obtained and is only informative."""

    method: str = ""
    token: str = ""
    api_key: str = ""
    access_token: str = ""
    user_id: str = ""

    @property
    def secret(self) -> str:
        """The credential to send: the first that is set."""
        return self.token or self.access_token or self.api_key


class ServerOutput(msgspec.Struct, frozen=True):
    """What is written for the server: width in pixels, interval in seconds (None: the system's), and where.

    An empty `adapter` means the vendor's own. `folder` is the folder server's root for outputs that do not lie beside
    the video; `formats` are its extra formats.
    """

    adapter: str = ""
    width: int = 320
    frame_interval: int | None = None
    plex_config_folder: str = ""
    save_with_media: bool = True
    jellyfin_config_folder: str = ""
    folder: str = ""
    formats: tuple[str, ...] = ()


class Server(msgspec.Struct, frozen=True):
    """One media server: who it is, how it is reached, which paths it owns and what it wants.

    `device_id` is the name of this installation, under which the server is to know us. It is the same for all servers and is
    kept elsewhere; whoever reads the configuration puts it in.
    """

    id: str
    type: str
    name: str = ""
    enabled: bool = True
    url: str = ""
    auth: ServerAuth = ServerAuth()
    verify_ssl: bool = True
    timeout: float = 30.0
    libraries: tuple[Library, ...] = ()
    path_mappings: tuple[PathMapping, ...] = ()
    exclude_paths: tuple[ExcludeRule, ...] = ()
    output: ServerOutput = ServerOutput()
    server_identity: str = ""
    device_id: str = ""


def parse_server(data: object) -> Server:
    """The server in a decoded JSON object; unknown fields are ignored, nulls mean "not given".

    A mapping row may say `plex_prefix` where `remote_prefix` is meant: older tools write it so.

    Raises:
        Reject: code VALIDATION_ERROR; the reason begins with the field that is wrong.
    """
    if not isinstance(data, dict):
        raise _invalid("server", "must be a JSON object")
    plain = cast("dict[str, Any]", _without_nulls(data))  # pyright: ignore[reportUnknownArgumentType]
    rows = plain.get("path_mappings")
    if isinstance(rows, list):
        plain["path_mappings"] = [_with_remote_prefix(row) for row in cast("list[object]", rows)]
    try:
        server = msgspec.convert(plain, Server)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise _invalid(where.rstrip("`").lstrip(".") or "server", f"is wrong: {what}") from error
    for field, problem in _problems(server):
        raise _invalid(field, problem)
    return msgspec.structs.replace(server, url=server.url.strip().rstrip("/"), device_id="")


def redacted(server: Server) -> dict[str, Any]:
    """The server for a browser: set secrets are masked, mapping rows also carry the older name `plex_prefix`."""
    shown = cast("dict[str, Any]", msgspec.to_builtins(server))
    del shown["device_id"]
    shown["auth"] = {
        name: REDACTED if name in SECRETS and value else value
        for name, value in cast("dict[str, str]", shown["auth"]).items()
    }
    shown["path_mappings"] = [
        {**row, "plex_prefix": row["remote_prefix"]} for row in cast("list[dict[str, Any]]", shown["path_mappings"])
    ]
    return shown


def keep_secrets(new: Server, old: Server) -> Server:
    """`new` with every masked secret replaced by the one that `old` holds."""
    kept = {name: getattr(old.auth, name) for name in SECRETS if getattr(new.auth, name) == REDACTED}
    return msgspec.structs.replace(new, auth=msgspec.structs.replace(new.auth, **kept))


def with_identity(server: Server, met: Server, identity: str) -> Server:
    """The server with the identity of who answered at the address of `met`; one that it has already always stays.

    Nothing is learnt from an address that was changed meanwhile.
    """
    if server.server_identity or (server.type, server.url) != (met.type, met.url):
        return server
    return msgspec.structs.replace(server, server_identity=identity)


def server_paths(server: Server) -> ServerPaths:
    """The part that decides ownership."""
    return ServerPaths(
        id=server.id,
        name=server.name,
        type=server.type,
        enabled=server.enabled,
        libraries=server.libraries,
        path_mappings=server.path_mappings,
        exclude_paths=server.exclude_paths,
    )


def with_selected(server: Server, selected: Collection[str]) -> Server:
    """The server with only the selected libraries enabled; all that are enabled already when none is selected."""
    if not selected:
        return server
    libraries = tuple(replace(one, enabled=one.enabled and one.id in selected) for one in server.libraries)
    return msgspec.structs.replace(server, libraries=libraries)


def wanted_rendition(server: Server, interval_s: int) -> Rendition:
    """What the configuration asks for: the server's own interval in seconds before the system's."""
    return Rendition(width=server.output.width, interval_ms=(server.output.frame_interval or interval_s) * 1000)


def _invalid(field: str, problem: str) -> Reject:
    return Reject(f"{field} {problem}", code="VALIDATION_ERROR")


def _without_nulls(value: object) -> object:
    """Imported settings write null where a field was never set."""
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {name: _without_nulls(item) for name, item in pairs if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in cast("list[object]", value)]
    return value


def _with_remote_prefix(row: object) -> object:
    if not isinstance(row, dict):
        return row
    fields = cast("dict[str, object]", row)
    return {**fields, "remote_prefix": fields.get("remote_prefix") or fields.get("plex_prefix") or ""}


def _problems(server: Server) -> Iterator[tuple[str, str]]:
    """Every field that is wrong beyond its type, with what is wrong about it."""
    if not _NAME.fullmatch(server.id):
        yield "id", "must be 1 to 64 letters, digits, '-' or '_'"
    if server.type not in ADAPTERS:
        yield "type", f"must be one of {', '.join(ADAPTERS)}"
    if not 0 < server.timeout <= _LONGEST_TIMEOUT:
        yield "timeout", f"must be above 0 and at most {_LONGEST_TIMEOUT} seconds"
    if server.type != "folder":
        yield from _url_problems(server.url.strip())
    yield from _path_problems(server)
    yield from _output_problems(server)


def _url_problems(url: str) -> Iterator[tuple[str, str]]:
    if re.search(r"[\x00-\x20\x7f]", url):  # urlsplit drops some of these silently, an HTTP client does not
        yield "url", "must not hold spaces or control characters"
        return
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        yield "url", "is not a URL"
        return
    if parts.scheme not in {"http", "https"} or not host:
        yield "url", "must start with http:// or https:// and name a host"
    if parts.username or parts.password:
        yield "url", "must not hold a user name or password"
    if parts.query or parts.fragment:
        yield "url", "must not hold a query or fragment"


def _path_problems(server: Server) -> Iterator[tuple[str, str]]:
    for number, row in enumerate(server.path_mappings):
        yield from _absolute(f"path_mappings[{number}].remote_prefix", row.remote_prefix, local=False)
        yield from _absolute(f"path_mappings[{number}].local_prefix", row.local_prefix)
        for place, prefix in enumerate(row.webhook_prefixes):
            yield from _absolute(f"path_mappings[{number}].webhook_prefixes[{place}]", prefix, local=False)
    for number, library in enumerate(server.libraries):
        for place, path in enumerate(library.remote_paths):
            yield from _absolute(f"libraries[{number}].remote_paths[{place}]", path, local=False)
    for number, rule in enumerate(server.exclude_paths):
        field = f"exclude_paths[{number}].value"
        yield from _regex(field, rule.value) if rule.type is ExcludeType.REGEX else _absolute(field, rule.value)


def _output_problems(server: Server) -> Iterator[tuple[str, str]]:
    output = server.output
    own = ADAPTERS.get(server.type, "")
    if output.adapter not in {"", own}:
        yield "output.adapter", f"must be empty or {own} for a server of type {server.type}"
    if not _NARROWEST <= output.width <= _WIDEST or output.width % 2:
        yield "output.width", f"must be an even number from {_NARROWEST} to {_WIDEST}"
    if output.frame_interval is not None and not 1 <= output.frame_interval <= _LONGEST_INTERVAL:
        yield "output.frame_interval", f"must be from 1 to {_LONGEST_INTERVAL} seconds"
    for field in ("plex_config_folder", "jellyfin_config_folder", "folder"):
        if value := getattr(output, field):
            yield from _absolute(f"output.{field}", value)
    for number, name in enumerate(output.formats):
        if name not in FORMATS:
            yield f"output.formats[{number}]", f"must be one of {', '.join(FORMATS)}"


def _absolute(field: str, path: str, *, local: bool = True) -> Iterator[tuple[str, str]]:
    """A local path is POSIX; a server or a sender may also be a Windows machine."""
    try:
        if local or flavour_of(path) == flavour_of("/"):
            canonical(path)
        else:
            reject_hostile(path)
    except BadPath:
        yield field, "must be a non-empty absolute path"


def _regex(field: str, pattern: str) -> Iterator[tuple[str, str]]:
    """Only what matches in linear time: the paths come from others, and one that hangs would stop every file."""
    if not pattern:
        yield field, "must not be empty: it would exclude everything"
        return
    try:
        ExcludeRule(pattern, ExcludeType.REGEX).covers("/")
    except BadPattern as error:
        yield field, f"is not a regular expression that can be used: {error}"
