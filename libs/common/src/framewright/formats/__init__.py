"""File formats of previews and the frame pack: bytes in, bytes out, pure."""
