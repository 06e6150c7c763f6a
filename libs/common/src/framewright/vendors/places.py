"""What a place where previews lie looks like, by its path alone; each vendor says it of its own places.

Only what lies in such a place is ever removed. Nothing here looks at a disk.
"""

from dataclasses import dataclass

from framewright.domain.publishing import OutputKind


@dataclass(frozen=True, slots=True)
class Place:
    """One output's place: `stem` is that of the video it is named after, empty where a hash or an id names it.

    `made` are the folders that are there for such outputs alone, innermost first: they go with the last of them.
    """

    kind: OutputKind
    stem: str = ""
    made: tuple[str, ...] = ()
