r"""Exclude patterns that match in time linear in the path, whatever the pattern: no path can make a rule hang.

The work is RE2's. Its syntax is that of `re` without look-around and back-references, which cannot be matched in linear time;
`\d`, `\w` and `\b` know ASCII alone, `\pL` stands for any letter. https://github.com/google/re2/wiki/Syntax
"""

# The library has no types of its own.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from functools import lru_cache
from typing import Any, cast

import re2

LONGEST = 500
"""Characters of a pattern."""

MOST_MEMORY = 1 << 20
"""Bytes for one pattern's automaton."""


class BadPattern(ValueError):
    """The text is no pattern that can be used; the message says why."""


class LinearPattern:
    """A compiled pattern.

    Raises:
        BadPattern: it is malformed, too large, or needs more than linear time.
    """

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise BadPattern(f"a pattern of more than {LONGEST} characters")
        options = cast("Any", re2).Options()
        options.max_mem, options.log_errors = MOST_MEMORY, False
        try:
            self._compiled: Any = cast("Any", re2).compile(text, options)
        except (re2.error, UnicodeEncodeError) as error:
            raise BadPattern(_words(cast("Exception", error))) from error

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in the text."""
        return self._compiled.search(text) is not None


@lru_cache(maxsize=256)
def linear_pattern(text: str) -> LinearPattern:
    """The pattern, compiled once.

    Raises:
        BadPattern: as `LinearPattern`.
    """
    return LinearPattern(text)


def _words(error: Exception) -> str:
    said: object = error.args[0]
    return said.decode(errors="replace") if isinstance(said, bytes) else str(error)
