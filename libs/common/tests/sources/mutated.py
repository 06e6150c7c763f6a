"""Recorded payloads with something wrong: a field lost, nulled, of another type, nested, lengthened or hostile."""

import copy
import math
from typing import Any

from hypothesis import strategies as st

from .recorded.table import CASES

HOSTILE = (
    "", "..", "../../etc/passwd", "/data/../etc/passwd", "/data/a\0.mkv", "/data/\ud800.mkv", "/data/Ame\u0301lie.mkv",
    "\\\\nas\\share\\..\\x.mkv", "C:\\testpath", "/", "/" + "x" * 5000, "\x1b[31m", "{file.FullName}",
)  # fmt: skip
OTHER_TYPES = (
    None, True, False, 0, -1, 2**63, 10**400, 1.5, math.inf, [], {}, [None], [[]], {"path": "/a.mkv"}, [{"path": 5}], ["/a.mkv"], "Test",
)  # fmt: skip

Place = tuple[Any, Any]
"""What holds a value, and its key or index there."""


def deep(levels: int, *, mapping: bool) -> Any:
    """Lists or objects in each other."""
    value: Any = "/a.mkv"
    for _ in range(levels):
        value = {"path": value} if mapping else [value]
    return value


wrong_values = st.one_of(
    st.sampled_from(OTHER_TYPES).map(copy.deepcopy),
    st.sampled_from(HOSTILE),
    st.builds(deep, st.sampled_from([1, 30, 400, 3000]), mapping=st.booleans()),
    st.text(max_size=20),
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A recorded payload with one to three things wrong."""
    payload = copy.deepcopy(dict(draw(st.sampled_from(CASES)).payload))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from([*_places(payload), (payload, "eventType")]))
        way = draw(st.sampled_from([_delete, _nest, _lengthen, None]))
        if way is None:
            holder[key] = draw(wrong_values)
        else:
            way(holder, key)
    return payload


def _delete(holder: Any, key: Any) -> None:
    if isinstance(holder, list) or key in holder:
        del holder[key]


def _nest(holder: Any, key: Any) -> None:
    if isinstance(holder, list) or key in holder:
        holder[key] = [holder[key]]


def _lengthen(holder: Any, key: Any) -> None:
    if isinstance(holder, dict) and isinstance(value := holder.get(key), str | list):
        holder[key] = (value * 400)[:6000]


def _places(value: Any, levels: int = 6) -> list[Place]:
    """Every field and the first entries of every list."""
    if not levels or not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(min(len(value), 5)))
    return [place for key in keys for place in ((value, key), *_places(value[key], levels - 1))]
