"""How long a file says it is, in bytes; a shorter one is truncated for certain.

Matroska (RFC 9559) and EBML (RFC 8794): a variable-length integer begins with as many zero bits as it has further bytes;
all value bits set mean that the size is unknown, as in a live recording. AVI: RIFF chunks with 32-bit sizes.
"""

EBML_HEADER = bytes.fromhex("1A45DFA3")
SEGMENT = bytes.fromhex("18538067")
HEAD_BYTES = 4096
"""Bytes from the start of a file that are enough for `promised_bytes`."""

_ID_BYTES = 4
_RIFF_HEADER = 8


def promised_bytes(head: bytes) -> int:
    """Length of the file that its first bytes announce; 0 when they announce none."""
    if head.startswith(EBML_HEADER):
        return _promised_by_matroska(head)
    if head.startswith(b"RIFF") and head[_RIFF_HEADER : _RIFF_HEADER + 4] == b"AVI ":
        size = int.from_bytes(head[4:_RIFF_HEADER], "little")
        return _RIFF_HEADER + size if 0 < size < 2**31 else 0
    return 0


def _promised_by_matroska(head: bytes) -> int:
    header = _variable_integer(head, _ID_BYTES)
    if header is None:
        return 0
    at = header[1] + header[0]
    if head[at : at + _ID_BYTES] != SEGMENT:
        return 0
    segment = _variable_integer(head, at + _ID_BYTES)
    return segment[1] + segment[0] if segment is not None else 0


def _variable_integer(data: bytes, at: int) -> tuple[int, int] | None:
    """The value at an offset and the offset after it; None when cut off, malformed or all ones (unknown)."""
    if at >= len(data) or not data[at]:
        return None
    length = 9 - data[at].bit_length()
    if at + length > len(data):
        return None
    mask = (1 << 7 * length) - 1
    value = int.from_bytes(data[at : at + length], "big") & mask
    return (value, at + length) if value != mask else None
