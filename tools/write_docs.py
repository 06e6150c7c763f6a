"""Write docs/contracts.md, docs/settings.md, docs/api.md, the tables of docs/extraction.md and of docs/webhooks.md.

`python tools/write_docs.py [--check]`.

With --check nothing is written; exits 1 when a page is stale. Descriptions are the docstrings of classes and the strings
under their fields, so a page can only be changed in the code.
"""

import ast
import importlib
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import api_page
import msgspec

from framewright.chassis.settings import ProcessSettings
from framewright.contracts import (
    catalogue,
    devices,
    extract,
    facts,
    jobs,
    media,
    orphans,
    playback,
    progress,
    publish,
    scans,
)
from framewright.contracts.base import Message
from framewright.contracts.settings import (
    TONEMAPS,
    FrameReuse,
    GpuConfig,
    Playback,
    QuietHours,
    QuietWindow,
    Refresh,
    Settings,
)
from framewright.vendors import SOURCES

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made by tools/write_docs.py (make docs); edit the code, not this page. -->"
TABLES = "<!-- Made by tools/write_docs.py (make docs) from services/extractor/tests/nasty; edit the rows. -->"
COLUMNS = ("case", "made how", "what comes of it", "path", "pictures", "note")
END_OF_TABLES = "<!-- end of what is made -->"
PAYLOADS = "<!-- Made by tools/write_docs.py (make docs) from libs/common/tests/sources/recorded; edit the cases. -->"
PAYLOAD_COLUMNS = ("source", "event", "endpoint", "what happens", "answer")
SERVICES = ("ingest", "router", "extractor", "publisher", "ui", "standalone")
MESSAGE_ROOMS = (media, scans, jobs, extract, publish, facts, progress, playback, devices, orphans)
GROUPS: dict[str, type[msgspec.Struct]] = {
    "frame_reuse": FrameReuse,
    "gpu_config": GpuConfig,
    "quiet_hours": QuietHours,
    "quiet_hours.windows": QuietWindow,
    "playback": Playback,
    "refresh": Refresh,
}
CHOICES: dict[tuple[type, str], tuple[str, ...]] = {
    (Settings, "tonemap_algorithm"): TONEMAPS,
}
MESSAGE_MODULES = frozenset(module.__name__ for module in MESSAGE_ROOMS)

Fields = list[tuple[str, str, str, str]]
"""Name, type, default and description of each field."""


def main(*, check: bool) -> int:
    """Write every page, or say which one is stale."""
    pages = {
        "docs/contracts.md": contracts_page(),
        "docs/settings.md": settings_page(),
        "docs/extraction.md": extraction_page(),
        "docs/webhooks.md": webhooks_page(),
        "docs/api.md": api_page.page(ROOT, MADE),
    }
    stale = [name for name, text in pages.items() if not _is_current(ROOT / name, text)]
    for name in stale:
        if check:
            print(f"{name} is stale: run `make docs`")
        else:
            (ROOT / name).write_text(pages[name], encoding="utf-8")
    return 1 if check and stale else 0


def contracts_page() -> str:
    """Every message, and every stream, consumer and bucket it may live in."""
    kinds = sorted(_all_messages(), key=lambda kind: (kind.HEAD, kind.__name__))
    lines = [MADE, "", "# Messages", ""]
    lines += ["A message is JSON. Unknown fields are ignored; a field without a default is always there.", ""]
    for kind in kinds:
        lines += _message(kind)
    lines += ["# Parts of messages", ""]
    for part in sorted(_parts(kinds), key=lambda part: part.__name__):
        lines += [f"## {part.__name__}", "", _words(part), "", *_content(part), ""]
    return "\n".join([*lines, *_streams(), *_buckets()])


def settings_page() -> str:
    """The environment of every service, and the settings that the REST API changes."""
    lines = [MADE, "", "# Environment variables", "", "Read once, when a process starts.", ""]
    lines += ["## Every service", "", *_table(_variables(ProcessSettings)), ""]
    for service in SERVICES:
        kind = _settings_of(service)
        inherited = set(ProcessSettings.__struct_fields__)
        own = [row for row in _variables(kind) if row[0].strip("`").lower() not in inherited]
        lines += [f"## {service}", "", _words(kind), "", *_table(own), ""]
    lines += ["# Settings", "", "Changed while the system runs: `/api/settings`.", "", _words(Settings), ""]
    lines += _table(_fields(Settings))
    for name, group in GROUPS.items():
        lines += ["", f"## {name}", "", _words(group), "", *_table(_fields(group))]
    return "\n".join([*lines, ""])


def extraction_page() -> str:
    """The page as it is, with its tables of nasty files made anew from the rows that the tests run."""
    sys.path.insert(0, str(ROOT / "services" / "extractor" / "tests"))
    table: dict[str, tuple[Any, ...]] = importlib.import_module("nasty.table").TABLE
    lines: list[str] = []
    for title, rows in table.items():
        lines += [f"### {title}", "", "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
        lines.append("")
    head, mark, rest = (ROOT / "docs" / "extraction.md").read_text(encoding="utf-8").partition(TABLES)
    _, end, tail = rest.partition(END_OF_TABLES)
    return "".join([head, mark, "\n\n", "\n".join(lines), "\n", end, tail])


def webhooks_page() -> str:
    """The page as it is, with its tables made anew from the recorded payloads that the tests run."""
    sys.path.insert(0, str(ROOT / "libs" / "common" / "tests" / "sources"))
    table: dict[str, tuple[Any, ...]] = importlib.import_module("recorded.table").TABLE
    labels = {one.name: one.label for one in SOURCES}
    head_row = ["| " + " | ".join(PAYLOAD_COLUMNS) + " |", "|" + " --- |" * len(PAYLOAD_COLUMNS)]
    lines: list[str] = []
    for title, cases in table.items():
        rows = ["| " + " | ".join(case.cells(labels[case.source])) + " |" for case in cases]
        lines += [f"### {title}", "", *head_row, *rows, ""]
    head, mark, rest = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8").partition(PAYLOADS)
    _, end, tail = rest.partition(END_OF_TABLES)
    return "".join([head, mark, "\n\n", "\n".join(lines), "\n", end, tail])


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def _all_messages() -> set[type[Message]]:
    found: set[type[Message]] = set()
    waiting = [Message]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found |= {child for child in children if child.__module__ in MESSAGE_MODULES}
    return found


def _message(kind: type[Message]) -> list[str]:
    home = catalogue.stream_of(f"{kind.HEAD}.x")
    where = f"stream `{home.name}`" if home else "sent live, not stored"
    subject = ".".join([kind.HEAD, *_tokens(kind)])
    return [f"## {kind.__name__}", "", f"`{subject}`, {where}", "", _words(kind), "", *_table(_fields(kind)), ""]


def _tokens(kind: type[Message]) -> list[str]:
    """What `tokens` returns, as placeholders: `self.target.server_id` becomes `<server_id>`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind.tokens)))
    returned = next(node.value for node in ast.walk(tree) if isinstance(node, ast.Return))
    parts = returned.elts if isinstance(returned, ast.Tuple) else []
    return [f"<{_last_name(part)}>" for part in parts]


def _last_name(part: ast.expr) -> str:
    named = next(node for node in ast.walk(part) if isinstance(node, ast.Attribute))
    return named.attr


def _parts(kinds: list[type[Message]]) -> set[type[Any]]:
    """The structs and dataclasses that messages hold, at any depth."""
    found: set[type[Any]] = set()
    waiting: list[type[Any]] = list(kinds)
    while waiting:
        kind = waiting.pop()
        hints = {} if issubclass(kind, Enum) else _hints(kind)
        held = {inner for hint in hints.values() for inner in _classes(hint) if _has_fields(inner)}
        waiting += held - found
        found |= held
    return found


def _classes(hint: Any) -> Iterator[type[Any]]:
    if isinstance(hint, type) and not typing.get_args(hint):
        yield hint
    for inner in typing.get_args(hint):
        yield from _classes(inner)


def _has_fields(kind: type[Any]) -> bool:
    return issubclass(kind, (msgspec.Struct, Enum)) or "__dataclass_fields__" in vars(kind)


def _content(part: type[Any]) -> list[str]:
    if issubclass(part, Enum):
        words = list(part)
        return ["One of " + ", ".join(f"`{word.value}`" for word in words) + "."]
    return _table(_fields(part))


def _hints(kind: type[Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not typing.ClassVar}


def _fields(kind: type[Any]) -> Fields:
    notes = _notes(kind)
    hints = _hints(kind)
    described = msgspec.json.schema(kind).get("$defs", {}).get(kind.__name__, {})
    required = set(described.get("required", ()))
    return [
        (
            f"`{name}`",
            " or ".join(CHOICES.get((kind, name), ())) or _spelled(hints[name]) + _bounds(details),
            "" if name in required else f"`{_default(kind, name)}`",
            notes.get(name, ""),
        )
        for name, details in described.get("properties", {}).items()
    ]


def _variables(kind: type[ProcessSettings]) -> Fields:
    return [(f"`{name.strip('`').upper()}`", hint, default, note) for name, hint, default, note in _fields(kind)]


def _default(kind: type[Any], name: str) -> str:
    if name == "config_dir":
        return "~/.local/state/framewright"
    described: Any = msgspec.inspect.type_info(kind)
    known = {field.name: field for field in described.fields}[name]
    value = known.default_factory() if known.default is msgspec.NODEFAULT else known.default
    return msgspec.json.encode(value).decode()


def _bounds(details: dict[str, Any]) -> str:
    low, high = details.get("minimum"), details.get("maximum")
    if low is None and high is None:
        return ""
    return f", {low} to {high}" if high is not None else f", {low} or more"


def _spelled(hint: object) -> str:
    """A type as readers of Python write it, without modules."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _spelled(arguments[0])
    if origin is typing.Literal:
        return " or ".join(str(value) for value in arguments)
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_spelled(argument) for argument in arguments)
    if origin is tuple:
        return f"list of {_spelled(arguments[0])}"
    return {"NoneType": "null"}.get(name := getattr(hint, "__name__", str(hint)), name)


def _notes(kind: type[Any]) -> dict[str, str]:
    """The strings that stand under the fields of a class and of those it inherits from."""
    notes: dict[str, str] = {}
    for ancestor in reversed(kind.__mro__):
        if not ancestor.__module__.startswith("framewright."):
            continue
        body = cast("ast.ClassDef", ast.parse(textwrap.dedent(inspect.getsource(ancestor))).body[0]).body
        for field, note in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(note, ast.Expr) and isinstance(note.value, ast.Constant):
                notes[ast.unparse(field.target)] = " ".join(str(note.value.value).split())
    return notes


def _words(kind: type[Any]) -> str:
    return (
        inspect.cleandoc(kind.__doc__ or "")
        .replace("\n\n", "\0")
        .replace("\n", " ")
        .replace("\0", "\n\n")
        .replace("<", "\\<")
    )


def _table(rows: Fields) -> list[str]:
    if not rows:
        return ["None of its own."]
    noted = any(row[3] for row in rows)
    titles = ("name", "type", "default", "meaning") if noted else ("name", "type", "default")
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row[: len(titles)]) + " |" for row in rows]


def _streams() -> list[str]:
    lines = ["# Streams and consumers", ""]
    for stream in catalogue.STREAMS:
        subjects = ", ".join(f"`{subject}`" for subject in stream.subjects)
        lines += [
            f"## {stream.name}",
            "",
            stream.description.replace("<", "\\<"),
            "",
            f"{subjects}, {_kept(stream)}",
            "",
        ]
        rows = [
            f"| `{one.name}` | {', '.join(f'`{pattern}`' for pattern in one.filters)} | {one.ack_wait:g} s "
            f"| {_many(one.max_deliver)} | {_many(one.max_ack_pending)} |"
            for one in stream.consumers
        ]
        head = ["| consumer | takes | ack wait | deliveries | in work at most |", "| --- | --- | --- | --- | --- |"]
        lines += [*head, *rows, ""] if rows else []
    return lines


def _kept(stream: catalogue.Stream) -> str:
    kept = ["until acked" if stream.retention is catalogue.Retention.WORK_QUEUE else "kept"]
    if stream.max_age:
        kept.append(f"{stream.max_age / catalogue.DAY:g} days at most")
    if stream.max_bytes > 0:
        kept.append(f"{stream.max_bytes // catalogue.MIB} MiB at most")
    return ", ".join(kept)


def _many(number: int) -> str:
    return "no limit" if number < 0 else str(number)


def _buckets() -> list[str]:
    rows = [f"| `{one.name}` | {one.history} | {one.description} |" for one in catalogue.BUCKETS]
    return ["# Buckets", "", "| name | values kept per key | holds |", "| --- | --- | --- |", *rows, ""]


def _settings_of(service: str) -> type[ProcessSettings]:
    room = importlib.import_module(f"framewright.{service}.settings")
    kinds = [kind for _, kind in inspect.getmembers(room, inspect.isclass) if kind.__module__ == room.__name__]
    return next(kind for kind in kinds if issubclass(kind, ProcessSettings))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
