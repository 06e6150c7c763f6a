"""The name by which a request came to us, for addresses that lead back."""

from fastapi import Request


def origin_of(request: Request) -> str:
    """Scheme and host as the caller used them, also through a proxy."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme).partition(",")[0].strip()
    host = request.headers.get("x-forwarded-host", request.headers.get("host", "")).partition(",")[0].strip()
    return f"{scheme}://{host}"
