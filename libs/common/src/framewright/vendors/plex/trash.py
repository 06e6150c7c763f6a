"""Emptying a section's trash, which cannot be undone, only where nothing looks wrong.

A disk that is away makes every file look deleted. So nothing is emptied while the section is at work, when none of a few of its
newest files can be seen by Plex itself, or when too much of it is missing.
"""

from framewright.vendors.plex.client import PlexClient, Section

MOST_MISSING = 10
MOST_SHARE = 0.05
"""More missing items than this number, or than this share of the section, are a disk that is away rather than deletions."""

ANCHORS = 5
"""How many items are asked for whether Plex sees their files."""


async def emptied(client: PlexClient, section_key: str) -> str:
    """What was done or why nothing was, in words."""
    section = next((one for one in await client.sections() if one.key == section_key), None)
    if section is None:
        return "trash is left alone: the section is gone"
    if why := await _hindrance(client, section):
        return f"trash is left alone: {why}"
    return str(await client.empty_trash(section_key))


async def _hindrance(client: PlexClient, section: Section) -> str:
    missing, whole = await client.count(section, trashed=True), await client.count(section)
    if not missing:
        return "nothing is missing"
    if missing > MOST_MISSING or missing > whole * MOST_SHARE:
        return f"{missing} of {whole} items are missing, which looks like a disk that is away"
    if not await client.any_accessible(section, ANCHORS):
        return "none of the newest files can be seen by Plex, which looks like a disk that is away"
    return ""
