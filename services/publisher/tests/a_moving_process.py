"""Run as a program: moves one output once. `python a_moving_process.py KIND OLD NEW ROOT`.

Prints one JSON object: the `code` and `reason` of a refusal, and the names that are `left` below the root.
"""

import json
import sys
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.frames import Rendition
from framewright.domain.publishing import Output, OutputKind
from framewright.publisher.adapters.mover import move


def main(kind: str, old: str, new: str, root: str) -> None:
    said = {"code": "", "reason": ""}
    try:
        move(old, Output(OutputKind(kind), new, root, Rendition(320, 5000), 2, 2))
    except Retry as error:
        said = {"code": error.code, "reason": error.reason}
    left = sorted(str(path.relative_to(root)) for path in Path(root).rglob("*") if not path.is_dir())
    print(json.dumps({**said, "left": left}))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(*sys.argv[1:])
