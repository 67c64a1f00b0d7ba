"""Lines of charts made of numbers: a use case on one model, with the decision that comes of it."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from tempkit.analysis import Curve, ScoredSection, Table, curves
from tempkit.decision import decide, use_case
from tempkit.report.charts.lines import Line
from tempkit.types import ModelSpec

GRID = (0.0, 0.5, 1.0)


def line(
    numbers: ArrayLike,
    temperatures: Sequence[float] = GRID,
    *,
    measure: str = "fact_recall",
    label: str = "A",
    profile: str | None = "technical-documentation",
    guards: dict[str, ArrayLike] | None = None,
) -> Line:
    """Return a line of a measure with one value for each item and temperature, (items, temperatures), NaN for none.

    Args:
        numbers: The values.
        temperatures: Of the columns.
        measure: Its name.
        label: The model's.
        profile: The use case that decides; None: nothing is decided.
        guards: Further measures with their values.
    """
    tables = tuple(
        table(name, values, temperatures) for name, values in {measure: numbers, **(guards or {})}.items()
    )
    section = ScoredSection(
        use_case=profile,
        prompts=(),
        model=ModelSpec(backend="scripted", name="x", label=label),
        tables=tables,
    )
    found = None if profile is None else decide(section, use_case(profile))
    return Line(label=label, series=1, shape=1, scored=section, found=found)


def table(measure: str, numbers: ArrayLike, temperatures: Sequence[float]) -> Table:
    values = np.asarray(numbers, float)[:, :, np.newaxis]
    return Table.of(measure, "1", [f"item-{i}" for i in range(len(values))], temperatures, values)


def curve_of(made: Line, measure: str = "fact_recall") -> Curve:
    return next(curve for curve in curves(made.scored) if curve.measure == measure)


def around(means: Sequence[float], items: int = 20, spread: float = 0.05, seed: int = 1) -> np.ndarray:
    """Return shares around means, (items, temperatures): an item's own luck, and a little noise."""
    rng = np.random.default_rng(seed)
    luck = rng.normal(0, spread, (items, 1))
    noise = rng.normal(0, spread / 2, (items, len(means)))
    return np.clip(np.asarray(means) + luck + noise, 0, 1)


MISSING = math.nan
