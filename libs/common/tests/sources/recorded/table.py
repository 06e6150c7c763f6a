"""All recorded payloads, by who sends them."""

from . import family, relatives, servers, tools, wrong
from .row import Case

TABLE: dict[str, tuple[Case, ...]] = {
    "Sonarr and Radarr": family.SONARR + family.RADARR,
    "Their relatives": relatives.LIDARR + relatives.READARR + relatives.WHISPARR + relatives.SPORTARR,
    "Media servers": servers.PLEX + servers.EMBY + servers.JELLYFIN,
    "Transcoders": tools.TRANSCODERS,
    "Subtitles, statistics and requests": tools.WATCHERS,
    "Scripts and scanners": tools.SCRIPTS,
    "Bad input": wrong.WRONG,
}

CASES: tuple[Case, ...] = tuple(case for cases in TABLE.values() for case in cases)
