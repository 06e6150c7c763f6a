"""Checks a commit message's first line: `type(room): sentence`. Git's own messages (merges, reverts, fixups) pass.

python tools/check_commit.py .git/COMMIT_EDITMSG
"""

import re
import sys
from pathlib import Path

LONGEST = 100
TYPES = ("feat", "fix", "perf", "refactor", "docs", "test", "build", "ci", "chore")

_OURS = re.compile(rf"(?:{'|'.join(TYPES)})\([a-z][a-z0-9-]*\)!?: \S.*[^\s.]")
_GITS = re.compile(r"Merge |Revert \"|(?:fixup|squash|amend)! ")


def problem(line: str) -> str:
    """What is wrong with the first line; empty when nothing is."""
    if _GITS.match(line):
        return ""
    if not _OURS.fullmatch(line):
        return f"write `type(room): sentence` without a full stop; a type is one of {', '.join(TYPES)}"
    return f"the first line is longer than {LONGEST} characters" if len(line) > LONGEST else ""


def main() -> int:
    """0 when the message is fine, 1 with one readable line otherwise."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    found = problem(lines[0] if lines else "")
    if found:
        print(f"commit message: {found}", file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
