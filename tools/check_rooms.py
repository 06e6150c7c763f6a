"""Checks of our own that no linter knows: sizes, names, rooms, patches, broad excepts. `python tools/check_rooms.py [ROOT]`.

One line per finding; exits 1 when there is one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 500
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers"})
ROOMS = frozenset({"__init__", "__main__", "settings", "wiring", "handlers", "domain", "adapters"})
FURNITURE = {"ui": frozenset({"static", "templates"})}
"""Folders besides the rooms: they hold no code."""

MOST_PATCHES_PER_TEST = 0.1
BROAD = frozenset({"Exception", "BaseException"})
OUTERMOST_LOOP = "chassis/delivery.py"
SOURCES = ("libs/*/src", "services/*/src", "deploy/standalone/src")
TESTS = ("libs/*/tests", "services/*/tests", "deploy/**/tests", "tests")


def main(root: Path) -> int:
    """Print every finding below the root of the repository."""
    findings = [*_sources(root), *_rooms(root), *_patches(root)]
    for finding in findings:
        print(finding)
    return 1 if findings else 0


def _sources(root: Path) -> Iterator[str]:
    for path in _python_files(root, (*SOURCES, *TESTS, "tools", "bench")):
        name = path.relative_to(root)
        text = path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > LONGEST_FILE:
            yield f"{name}: {lines} lines, {LONGEST_FILE} at most"
        if words := NAMELESS & {path.stem, *(part.name for part in _packages(path))}:
            yield f"{name}: '{min(words)}' says nothing; name it after what it does"
        if "tests" not in name.parts and not name.as_posix().endswith(OUTERMOST_LOOP):
            yield from (f"{name}:{line}: catches everything; name the errors" for line in _broad_excepts(text))


def _packages(path: Path) -> list[Path]:
    """The folders between `framewright` and the file: those that are part of an import."""
    folders = list(path.parents)
    top = next((number for number, folder in enumerate(folders) if folder.name == "framewright"), 0)
    return folders[:top]


def _rooms(root: Path) -> Iterator[str]:
    for service in sorted(root.glob("services/*/src/framewright/*")):
        allowed = ROOMS | FURNITURE.get(service.name, frozenset())
        for entry in sorted(service.iterdir()):
            if entry.name != "__pycache__" and entry.stem not in allowed:
                yield f"{entry.relative_to(root)}: a service has no such room ({', '.join(sorted(allowed))})"


def _patches(root: Path) -> Iterator[str]:
    tests = patches = 0
    for path in _python_files(root, TESTS):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            tests += _is_test(node)
            patches += _is_patch(node)
    if patches > tests * MOST_PATCHES_PER_TEST:
        yield f"tests: {patches} patches in {tests} tests, {MOST_PATCHES_PER_TEST} per test at most; use the real thing"


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")


def _is_patch(node: ast.AST) -> bool:
    """`patch(…)`, `patch.object(…)`, `mock.patch(…)`, `Mock()`, `monkeypatch.setattr(…)`; not variables of the environment."""
    if not isinstance(node, ast.Call):
        return False
    words = set(ast.unparse(node.func).split("."))
    return bool(words & {"patch", "Mock", "MagicMock", "AsyncMock"}) or {"monkeypatch", "setattr"} <= words


def _broad_excepts(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and not _raises_again(node):
            yield from [node.lineno] if node.type is None or _names(node.type) & BROAD else []
        if isinstance(node, ast.Call) and "suppress" in ast.unparse(node.func):
            yield from (node.lineno for argument in node.args if _names(argument) & BROAD)


def _raises_again(handler: ast.ExceptHandler) -> bool:
    """Whether it only cleans up: what it caught goes on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _names(node: ast.AST) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def _python_files(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        for folder in sorted(root.glob(pattern)):
            yield from sorted(path for path in folder.rglob("*.py") if "node_modules" not in path.parts)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).resolve().parent.parent))
