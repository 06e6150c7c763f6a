"""Tying a child process to its parent, so that nothing is left running when the parent is killed."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when the parent is gone, however it went (prctl(2))."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
