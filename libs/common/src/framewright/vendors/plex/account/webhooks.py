"""Our entry in the account's list of webhooks, among those of other programs. Pure.

plex.tv only knows whole lists: what is not sent back is gone. Entries are compared without their query, which holds a
secret that changes.
"""

from urllib.parse import urlsplit, urlunsplit


def bare(url: str) -> str:
    """The address without its query, in the one spelling that is compared."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return url
    default = {"http": 80, "https": 443}.get(parts.scheme)
    place = f"[{host}]" if ":" in host else host
    netloc = place if port in {None, default} else f"{place}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path.rstrip("/"), "", ""))


def added(urls: tuple[str, ...], ours: str) -> tuple[str, ...]:
    """The list with our address in it once; the entries of others stay as they are and where they are."""
    return (*removed(urls, ours), ours)


def removed(urls: tuple[str, ...], ours: str) -> tuple[str, ...]:
    """The list without our address, whatever secret it was registered with."""
    return tuple(url for url in urls if bare(url) != bare(ours))


def registered(urls: tuple[str, ...], ours: str) -> tuple[str, ...]:
    """The entries that lead to us."""
    return tuple(url for url in urls if bare(url) == bare(ours))
