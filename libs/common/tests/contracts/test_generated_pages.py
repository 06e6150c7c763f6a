"""The pages that are made from the code are as the code says; the rules about rooms are kept, and can be broken."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]


def tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_pages_are_current() -> None:
    done = tool("write_docs.py", "--check")

    assert (done.returncode, done.stdout) == (0, "")


def test_every_message_has_a_heading(stored_kinds: tuple[type, ...]) -> None:
    page = (ROOT / "docs" / "contracts.md").read_text(encoding="utf-8")
    versioned = [kind.__name__ for kind in stored_kinds if kind.__name__.endswith("V1")]

    assert [name for name in versioned if f"## {name}\n" not in page] == []


def test_this_repository_keeps_the_rules_about_rooms() -> None:
    done = tool("check_rooms.py", str(ROOT))

    assert (done.returncode, done.stdout) == (0, "")


Tree = Callable[[str, str], str]


@pytest.fixture
def findings(tmp_path: Path) -> Tree:
    """What is found in a repository with one file."""

    def find(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
        done = tool("check_rooms.py", str(tmp_path))
        assert done.returncode == bool(done.stdout)
        return done.stdout

    return find


BROAD = "try:\n    f()\nexcept {}:\n    {}\n"


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("services/router/src/framewright/router/domain.py", "x = 1\n" * 501, "501 lines, 500 at most"),
        ("services/router/src/framewright/router/domain.py", "x = 1\n" * 500, ""),
        ("libs/common/src/framewright/chassis/utils.py", "", "'utils' says nothing"),
        ("libs/common/src/framewright/helpers/path.py", "", "'helpers' says nothing"),
        ("libs/common/src/framewright/chassis/clock.py", "", ""),
        ("services/router/src/framewright/router/cache.py", "", "no such room"),
        ("services/router/src/framewright/router/adapters/cache.py", "", ""),
        ("services/ui/src/framewright/ui/templates/page.html", "", ""),
        ("services/router/src/framewright/router/templates/page.html", "", "no such room"),
        ("libs/common/src/framewright/a.py", BROAD.format("Exception", "pass"), "a.py:3: catches everything"),
        (
            "libs/common/src/framewright/a.py",
            BROAD.format("(OSError, BaseException) as e", "pass"),
            "catches everything",
        ),
        ("libs/common/src/framewright/a.py", "try:\n    f()\nexcept:\n    pass\n", "catches everything"),
        ("libs/common/src/framewright/a.py", "with suppress(Exception):\n    f()\n", "catches everything"),
        ("libs/common/src/framewright/a.py", BROAD.format("OSError", "pass"), ""),
        ("libs/common/src/framewright/a.py", BROAD.format("BaseException", "raise"), ""),
        ("libs/common/tests/test_a.py", BROAD.format("Exception", "pass"), ""),
        ("libs/common/src/framewright/chassis/delivery.py", BROAD.format("Exception", "pass"), ""),
        ("libs/common/tests/test_a.py", "def test_a():\n    mock.patch('x')\n", "1 patches in 1 tests"),
        ("libs/common/tests/test_a.py", "def test_a():\n    monkeypatch.setenv('x', 'y')\n", ""),
    ],
)
def test_a_broken_rule_is_found(findings: Tree, name: str, text: str, finding: str) -> None:
    found = findings(name, text)

    assert finding in found
    assert bool(found) is bool(finding)
