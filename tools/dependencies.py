"""Prints every third-party requirement of the workspace, for `make lock`: the members' own and the groups of the root."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEMBERS = ("libs/common", "deploy/standalone")


def requirements() -> list[str]:
    """Sorted requirement strings without the workspace's own distributions."""
    files = [*(ROOT / member / "pyproject.toml" for member in MEMBERS), *sorted(ROOT.glob("services/*/pyproject.toml"))]
    found = {line for file in files for line in _load(file)["project"]["dependencies"]}
    for group in _load(ROOT / "pyproject.toml")["dependency-groups"].values():
        found.update(group)
    return sorted(line for line in found if not line.startswith("framewright"))


def _load(file: Path) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    print("\n".join(requirements()))
