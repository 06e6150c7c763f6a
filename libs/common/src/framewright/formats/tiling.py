"""Names of tile sheets, apart from their pixels: whoever only asks where tiles lie needs no picture library."""


def folder_name(width: int, tile_width: int, tile_height: int) -> str:
    """Name of the folder of one width: `320 - 10x10`."""
    return f"{width} - {tile_width}x{tile_height}"


def width_for(setting: int, video_width: int) -> int:
    """The width in pixels that Jellyfin uses for a configured one: never wider than the video, rounded down to even."""
    return max(2, min(setting, video_width) // 2 * 2)
