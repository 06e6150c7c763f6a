"""One endpoint and the test that calls it; docs/api.md shows the table."""

from dataclasses import dataclass

UI, INGEST = "services/ui/tests", "services/ingest/tests"

MPG = "Media Preview Generator"
METARR = "Metarr"
AUTOSCAN = "Plex Autoscan"
PLEX = "Plex"


@dataclass(frozen=True, slots=True)
class Row:
    """`known` is the program whose users know the endpoint, empty for one of our own; `test` is `<file>::<function>`."""

    method: str
    path: str
    known: str
    test: str


def rows(folder: str, file: str, *cases: tuple[str, str, str]) -> tuple[Row, ...]:
    """Endpoints of one test file: method and path, the program that knows them, the test."""
    made: list[Row] = []
    for call, known, test in cases:
        methods, path = call.split(" ")
        made += [Row(method, path, known, f"{folder}/{file}.py::{test}") for method in methods.split("/")]
    return tuple(made)
