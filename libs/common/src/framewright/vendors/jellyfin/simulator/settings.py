"""The options of a simulated Jellyfin that bear on trickplay, in the server's own names and defaults."""

import msgspec


class TrickplaySettings(msgspec.Struct, rename="pascal"):
    """Server-wide options; the interval is in milliseconds."""

    enable_hw_acceleration: bool = False
    enable_hw_encoding: bool = False
    enable_key_frame_only_extraction: bool = False
    scan_behavior: str = "NonBlocking"
    process_priority: str = "BelowNormal"
    interval: int = 10_000
    width_resolutions: list[int] = msgspec.field(default_factory=lambda: [320])
    tile_width: int = 10
    tile_height: int = 10
    qscale: int = 4
    jpeg_quality: int = 90
    process_threads: int = 1


class LibrarySettings(msgspec.Struct, rename="pascal"):
    """Options of one library; all are off on a new server."""

    enable_trickplay_image_extraction: bool = False
    extract_trickplay_images_during_library_scan: bool = False
    save_trickplay_with_media: bool = False
