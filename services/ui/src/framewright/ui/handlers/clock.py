"""The steady clock of this process, for ages and uptimes."""

import time

steady = time.monotonic
"""Seconds since some fixed moment."""
