"""On which side of its point each temperature of the trade-off is written, so that labels keep clear of each other and of the path."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

__all__ = ["place_labels"]

_PLACES = {"e": (20.0, 0.0), "w": (-20.0, 0.0), "n": (0.0, -15.0), "s": (0.0, 15.0)}
"""Where the middle of a label can stand beside its point, in the order of preference, in pixels right and down."""

_FRAME, _ROOM, _WIDE = (480.0, 250.0), 16.0, 1.5
"""The plot's size in pixels, how high a label is, and how much wider than high."""


def place_labels(rows: Sequence[dict[str, Any]], axes: Mapping[str, Mapping[str, Any]]) -> None:
    """Give each label, as `w`, the side on which it is farthest from other points and from labels that are placed already."""

    def on_screen(row: dict[str, Any]) -> tuple[float, float]:
        (left, right), (bottom, top) = axes["x"]["domain"], axes["y"]["domain"]
        x = (row["p"] - left) / (right - left) * _FRAME[0]
        return x, (1 - (row["q"] - bottom) / (top - bottom)) * _FRAME[1]

    taken = [point for path in _paths(rows) for point in _along(list(map(on_screen, path)))]
    for row in rows:
        x, y = on_screen(row)

        def free(side: str, x: float = x, y: float = y) -> float:
            here = (x + _PLACES[side][0], y + _PLACES[side][1])
            if not (0 < here[0] < _FRAME[0] and 6 < here[1] < _FRAME[1] - 6):
                return -1.0
            return min(min(_apart(here, other) for other in taken), _ROOM)

        row["w"] = max(_PLACES, key=free)
        dx, dy = _PLACES[row["w"]]
        taken.append((x + dx, y + dy))


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.hypot((one[0] - other[0]) / _WIDE, one[1] - other[1])


def _paths(rows: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return each line's rows."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["c"], []).append(row)
    return list(found.values())


def _along(path: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield points on a path, no farther apart than a label is high: a label should not stand on a line either."""
    yield path[0]
    for (x, y), (to_x, to_y) in pairwise(path):
        steps = max(1, math.ceil(math.dist((x, y), (to_x, to_y)) / _ROOM))
        for step in range(1, steps + 1):
            yield x + (to_x - x) * step / steps, y + (to_y - y) * step / steps
