"""Which episodes a file holds, by its name: Plex and Kodi both number by the name, whatever else says. Pure."""

import re

_SEASON = re.compile(r"(?<![a-z0-9])s(\d{1,4})[ ._-]*e(\d{1,4})((?:[ ._-]*e\d{1,4}|-\d{1,4}(?!\d|p))*)", re.IGNORECASE)
_CROSS = re.compile(r"(?<![a-z0-9])(\d{1,2})x(\d{2,4})(?!\d)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_LONGEST_RUN = 20
"""More episodes are in no file; a larger number behind the dash is a year or something else."""

Numbers = tuple[int, int]
"""A season's number and an episode's in it; season 0 holds the specials."""


def episodes_named(name: str) -> list[Numbers]:
    """The episodes that a file's name tells of, in its order; none when it tells of none, as with daily shows.

    `S01E02`, `s1e2`, `1x02`; several as `S01E01E02`, `S01E01-E03` and `S01E01-03`, of which the latter two mean all between.
    """
    found = _SEASON.search(name)
    if found is None:
        crossed = _CROSS.search(name)
        return [(int(crossed[1]), int(crossed[2]))] if crossed else []
    season, first, more = int(found[1]), int(found[2]), found[3]
    others = [int(number) for number in _NUMBER.findall(more)]
    if more.startswith("-") and len(others) == 1:
        others = list(range(first + 1, others[0] + 1)) if others[0] <= first + _LONGEST_RUN else []
    return [(season, episode) for episode in (first, *others)]
