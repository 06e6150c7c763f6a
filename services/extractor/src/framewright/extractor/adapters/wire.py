"""What a supervised worker process and its parent say to each other: length-prefixed msgpack over two pipes."""

import struct
from typing import TypeAlias

import msgspec

from framewright.domain.errors import FramewrightError, NoVideo, Reject, Retry
from framewright.extractor.domain.request import Extraction, ExtractionRequest

PREFIX = struct.Struct(">I")
"""Length of the message that follows, in bytes."""


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """The worker reads or decodes; `share` of the job is done, 0 to 1. Silence means that it is stuck."""

    share: float


class Done(msgspec.Struct, frozen=True, tag="done"):
    """The job's answer."""

    extraction: Extraction


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job's error: whether it may be tried again, its code and its sentence."""

    retry: bool
    code: str
    reason: str


Message: TypeAlias = Progress | Done | Failed

_encoder = msgspec.msgpack.Encoder()
_messages: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_requests = msgspec.msgpack.Decoder(ExtractionRequest)


def pack(message: Message | ExtractionRequest) -> bytes:
    """The message with its length in front.

    Raises:
        Reject: `NOT_A_FILE` for a path that is no text.
    """
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError as error:
        raise Reject("the path is not valid UTF-8", code="NOT_A_FILE") from error
    return PREFIX.pack(len(body)) + body


def read_message(body: bytes) -> Message:
    """A message of the worker, without its prefix."""
    return _messages.decode(body)


def read_request(body: bytes) -> ExtractionRequest:
    """A message of the parent, without its prefix."""
    return _requests.decode(body)


def failure(error: FramewrightError) -> Failed:
    """An error as a message."""
    return Failed(isinstance(error, Retry), error.code, error.reason)


def error_of(message: Failed) -> FramewrightError:
    """The error that a message stands for."""
    if message.retry:
        return Retry(message.reason, code=message.code)
    return NoVideo(message.reason) if message.code == NoVideo.code else Reject(message.reason, code=message.code)
