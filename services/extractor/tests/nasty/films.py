"""Where nasty files are made: ordinary films that carry frame numbers, made once, and the ffmpeg that spoils them."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

from framewright.chassis.testing.media import MediaSpec, make_video

SECONDS = 12
FPS = 24
SEED = {"seconds": SECONDS, "b_frames": 2, "audio": True, "options": {"threads": "1"}}
"""`MediaSpec` of the usual film: 24 pictures a second, a keyframe every other second, sound."""


class Studio:
    """A folder for one nasty file; `shelf` is a folder shared by all, for the films that they are made from."""

    def __init__(self, shelf: Path, folder: Path) -> None:
        self.shelf = shelf
        self.folder = folder

    def film(self, name: str, **fields: object) -> Path:
        """A film with this name and `MediaSpec` fields, made on the first request. Read only: others use it too."""
        path = self.shelf / name
        if not path.exists():
            # Several processes may share the shelf.
            draft = make_video(self.folder / f"draft-{name}", MediaSpec(**{**SEED, **fields}))
            draft.rename(path)
        return path

    def write(self, name: str, content: bytes) -> Path:
        """A new file."""
        path = self.folder / name
        path.write_bytes(content)
        return path

    def ffmpeg(self, name: str, *arguments: str | Path) -> Path:
        """The file that ffmpeg makes with these arguments, always the same bytes."""
        path = self.folder / name
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *map(str, arguments)]
        command += ["-threads", "1", "-fflags", "+bitexact", "-flags", "+bitexact", str(path)]
        subprocess.run(command, check=True, timeout=60)
        return path

    def remux(self, name: str, *arguments: str, source: Path | None = None) -> Path:
        """The usual film in another container or with other arguments, without encoding it anew."""
        return self.ffmpeg(name, "-i", source or self.film("seed.mkv"), "-map", "0", "-c", "copy", *arguments)
