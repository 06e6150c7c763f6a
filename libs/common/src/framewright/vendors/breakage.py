"""What broke a connection, in words an operator can act on."""

import errno
import socket
import ssl
from collections.abc import Iterator

_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_NOT_NOW = socket.EAI_AGAIN


def why(error: BaseException) -> str:
    """The first of the error and all that led to it for which there are words; else the name of the error's type."""
    for cause in _causes(error):
        if words := _words(cause):
            return words
    return type(error).__name__


def _words(cause: BaseException) -> str:
    """Empty where the type of the error says nothing that an operator could use."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        cure = "trust its authority here, or turn off verify_ssl"
        return f"certificate not accepted: {cause.verify_message}; {cure}"
    if isinstance(cause, ssl.SSLError):
        return f"no TLS connection: {cause.reason or 'unknown reason'}; is it http:// rather than https://?"
    if isinstance(cause, socket.gaierror):
        return "its host name cannot be looked up now" if cause.errno == _NOT_NOW else "its host name is unknown"
    if isinstance(cause, ConnectionRefusedError):
        return "the connection is refused; does it run, and is this its port?"
    if isinstance(cause, OSError) and cause.errno in _NO_ROUTE:
        return "there is no route to it"
    return ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it; a host with several addresses has one error for each."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
                yield from _causes(one)  # pyright: ignore[reportUnknownArgumentType]
        error = error.__cause__ or error.__context__
