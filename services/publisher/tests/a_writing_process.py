"""Run as a program: writes one output again and again until killed. `python a_writing_process.py KIND PATH ROOT PACK`."""

import sys
from pathlib import Path

from framewright.domain.frames import Rendition
from framewright.domain.publishing import Located, Output, OutputKind
from framewright.formats.framepack import decode_manifest, pictures
from framewright.publisher.adapters.writer import write
from framewright.publisher.domain.outputs import Film


def main(kind: str, path: str, root: str, pack: str) -> None:
    manifest = decode_manifest(Path(pack, "manifest").read_bytes())
    parts = [Path(pack, str(number)).read_bytes() for number in range(len(manifest.parts))]
    film = Film(manifest, tuple(pictures(manifest, parts)))
    output = Output(OutputKind(kind), path, root, Rendition(320, 5000), 2, 2)
    while True:
        write(Located((output,)), film)


if __name__ == "__main__":
    main(*sys.argv[1:])
