"""The handlers' `Disk`: every look and every change in a thread, every refusal of the system a `Retry`."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from framewright.domain.errors import Retry
from framewright.domain.media import is_video, stem
from framewright.domain.publishing import Output
from framewright.publisher.adapters import mover, remover
from framewright.publisher.domain.removal import Doomed, same_name


class LocalDisk:
    """Fulfils `framewright.publisher.domain.ports.Disk`."""

    async def exists(self, path: str) -> bool:
        """Whether something is there."""
        return await asyncio.to_thread(exists, path)

    async def unmounted(self, roots: Sequence[str]) -> str:
        """Which of the folders looks unmounted, in words."""
        return await asyncio.to_thread(unmounted, roots)

    async def namesake(self, video: str) -> str:
        """Another video beside this one with the same name but for its ending."""
        return await asyncio.to_thread(namesake, video)

    async def remove(self, doomed: Doomed) -> str:
        """Remove an output; why it stays, empty when it is gone."""
        return await asyncio.to_thread(remover.remove, doomed)

    async def move(self, old: str, output: Output, *, keep: bool) -> None:
        """Bring an output from its old place to its new one."""
        await asyncio.to_thread(mover.move, old, output, keep=keep)


def exists(path: str) -> bool:
    """Whether something is there; a link counts wherever it leads, since what it leads to may only be away.

    Raises:
        Retry: code UNREADABLE, the system does not say.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise Retry(f"{path} cannot be looked at: {error.strerror}", code="UNREADABLE") from error
    return True


def unmounted(roots: Sequence[str]) -> str:
    """The first folder that is missing, empty or unreadable, in words; empty when all hold something."""
    for root in roots:
        try:
            with os.scandir(root) as entries:
                if next(entries, None) is None:
                    return f"{root} is empty and looks unmounted"
        except OSError as error:
            return f"{root} looks unmounted: {error.strerror or type(error).__name__}"
    return ""


def namesake(video: str) -> str:
    """Another video beside this one with the same name but for its ending; empty when there is none.

    Raises:
        Retry: code UNREADABLE.
    """
    place = Path(video)
    try:
        with os.scandir(place.parent) as entries:
            beside = [entry.path for entry in entries if entry.name != place.name and is_video(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise Retry(f"{place.parent} cannot be looked at: {error.strerror}", code="UNREADABLE") from error
    return next((one for one in beside if same_name(stem(one), stem(video))), "")
