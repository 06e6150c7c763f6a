"""Opening a container: what may be opened at all, and which of its streams is the film."""

import errno
from typing import cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard, Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from framewright.domain.errors import NoVideo, Reject
from framewright.extractor.adapters.reader import Reader, translated

FORMATS = (
    "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,asf_o,ogg,rm,nut,mxf,gxf,wtv,dv,"
    "ivf,obu,h264,hevc,m4v,mp3,flac,wav,w64,aac,ac3,eac3,dts"
)
"""What may be opened. Playlists are not: they would make the decoder open other files and addresses. Text is not film."""

STILL_CODECS = frozenset({"png", "mjpeg", "bmp", "gif", "webp", "tiff", "jpegls"})

DISC_MARK_AT = 0x8001
DISC_MARKS = frozenset({b"CD001", b"BEA01"})
"""What the seventeenth sector of a disc image begins with, after a type byte: ISO 9660 (ECMA-119), UDF (ECMA-167)."""


def open_container(reader: Reader, path: str) -> InputContainer:
    """The demuxer for what the bytes are, whatever the file's name says.

    Raises:
        Reject: `NOT_MEDIA`.
        Retry: the disk failed while the header was read.
    """
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
    try:
        if _is_disc_image(reader):
            raise Reject(f"{path} is the image of a disc: unpack it, the films inside can be read", code="NOT_MEDIA")
        return av.open(reader, "r", options=options, metadata_errors="replace")
    except FFmpegError as error:
        if reader.failure is not None:
            raise translated(reader.failure, path) from error
        # A format that is known but not allowed is an invalid argument.
        reason = "not a kind of film" if error.errno == errno.EINVAL else error.strerror
        raise Reject(f"{path} is not a media file: {reason}", code="NOT_MEDIA") from error
    except OSError as error:
        raise translated(error, path) from error


def _is_disc_image(reader: Reader) -> bool:
    """Whether an image lies here; a demuxer would take it for one long film of everything on the disc."""
    reader.seek(DISC_MARK_AT)
    mark = reader.read(len(min(DISC_MARKS)))
    reader.seek(0)
    return mark in DISC_MARKS


def film_stream(container: InputContainer, path: str) -> VideoStream:
    """The largest stream of moving pictures that has a decoder; all others are no longer demuxed.

    Raises:
        Reject: `NOT_MEDIA`, there is no stream at all.
        NoVideo: sound, cover art or an undecodable stream only.
    """
    if not len(container.streams):
        container.close()
        raise Reject(f"{path} is not a media file: it holds no stream", code="NOT_MEDIA")
    films = [stream for stream in container.streams.video if _is_film(stream)]
    moving = [stream for stream in films if stream.codec_context.name not in STILL_CODECS]
    if not films:
        container.close()
        raise NoVideo(f"{path} holds no video that can be decoded")
    film = max(moving or films, key=lambda stream: (area_of(stream), -stream.index))
    for stream in container.streams:
        if stream is not film:
            stream.discard = Discard.all
    return film


def _is_film(stream: VideoStream) -> bool:
    if stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
        return False
    return area_of(stream) > 0


def area_of(stream: VideoStream) -> int:
    """Pixels of a picture; 0 when there is no decoder for the stream."""
    context = cast("VideoCodecContext | None", stream.codec_context)
    return context.width * context.height if context is not None else 0
