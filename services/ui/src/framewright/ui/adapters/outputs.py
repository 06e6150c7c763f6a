"""Looking at outputs on disk, as far as this service sees the folders."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from framewright.domain.publishing import Output
from framewright.ui.domain.output_status import OutputState

MOST_FILES = 5000
"""Sheets of one folder that are counted: a film of a day has fewer than a hundred."""


async def output_state(output: Output) -> OutputState:
    """What lies where the output belongs; what cannot be read counts as not there."""
    return await asyncio.to_thread(_state, output)


def _state(output: Output) -> OutputState:
    try:
        found = [Path(output.path)] if Path(output.path).is_file() else _files(output.path)
        states = [one.stat() for one in found]
    except OSError:
        states = []
    return OutputState(
        kind=output.kind,
        path=output.path,
        rendition=output.rendition,
        exists=bool(states),
        size=sum(one.st_size for one in states),
        files=len(states),
        modified_at=datetime.fromtimestamp(max(one.st_mtime for one in states), UTC) if states else None,
    )


def _files(folder: str) -> list[Path]:
    with os.scandir(folder) as entries:
        files = (Path(one.path) for one in entries if one.is_file() and not one.name.startswith("."))
        return [one for _, one in zip(range(MOST_FILES), files, strict=False)]
