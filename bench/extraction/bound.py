"""The least that any extractor must do, as a process of its own: `python bench/extraction/bound.py KEYS FOLDER`.

Decodes exactly the needed keyframes, which lie ready one after the other in one file, scales them and encodes JPEGs, in one
thread. No container, no seeking, no tone curve, no second process.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from av import Packet, logging
from av.codec.context import CodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

WIDTH = 320
OUTPUT_CORRUPT = 1 << 3


def main() -> None:
    """Pictures of all keyframes in the file into the folder."""
    logging.set_level(None)
    folder = Path(sys.argv[2])
    with Path(sys.argv[1]).open("rb") as file:
        head = json.loads(file.readline())
        codec = _decoder(head)
        height = round(WIDTH * head["size"][1] / head["size"][0] / 2) * 2
        scaler = VideoReformatter()
        for number, size in enumerate(head["packets"]):
            picture = _decode(codec, file.read(size), number)
            small = scaler.reformat(picture, WIDTH, height, "yuvj420p", interpolation="AREA", threads=1)
            (folder / f"{number:06d}.jpg").write_bytes(_jpeg(small))


def _decoder(head: dict[str, Any]) -> Any:
    codec = cast("Any", CodecContext.create(head["codec"], "r"))
    codec.extradata = bytes.fromhex(head["extradata"]) or None
    codec.width, codec.height = head["size"]
    codec.thread_count = 1
    codec.flags |= OUTPUT_CORRUPT
    return codec


def _decode(codec: Any, data: bytes, number: int) -> VideoFrame:
    packet = Packet(data)
    packet.pts = packet.dts = number
    packet.is_keyframe = True
    frames = [*codec.decode(packet), *codec.decode(None)]
    codec.flush_buffers()
    if not frames:
        raise SystemExit(f"keyframe {number} gave no picture")
    return frames[0]


def _jpeg(frame: VideoFrame) -> bytes:
    encoder = cast("Any", CodecContext.create("mjpeg", "w"))
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuvj420p"
    encoder.time_base, encoder.thread_count, encoder.color_range = Fraction(1, 25), 1, 2
    encoder.options = {"qmin": "4", "qmax": "4"}
    frame.pts, frame.time_base, frame.pict_type = 0, Fraction(1, 25), 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


if __name__ == "__main__":
    main()
