"""What a server says of its libraries, brought together with what is known of them; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from framewright.domain.errors import BadPath
from framewright.domain.media import Flavour, canonical, flavour_of, reject_hostile
from framewright.domain.ownership import Library


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A video as a server lists it: its own spelling of the path, and the size in bytes (0: it does not say)."""

    path: str
    size: int = 0


def merged_libraries(known: Iterable[Library], found: Iterable[Library]) -> tuple[Library, ...]:
    """The found libraries, each as enabled as it was before; a new one is enabled, one that is gone is gone.

    Roots that are no absolute path are left out: no file lies under them.
    """
    switched = {library.id: library.enabled for library in known}
    return tuple(
        replace(
            one,
            remote_paths=tuple(filter(_is_absolute, one.remote_paths)),
            enabled=switched.get(one.id, one.enabled),
        )
        for one in found
    )


def _is_absolute(root: str) -> bool:
    try:
        if flavour_of(root) is Flavour.POSIX:
            canonical(root)
        else:
            reject_hostile(root)
    except BadPath:
        return False
    return True
