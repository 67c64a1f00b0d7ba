"""Any values at all, to be drawn by Hypothesis: few items, one that differs, none that does, missing ones, huge and tiny ones."""

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tempkit.statistics import Values
from tempkit.statistics.values import LARGEST, SMALLEST

__all__ = ["values"]

NAN = math.nan

SCALES = (0.0, 1e-320, SMALLEST, 1e-99, 1e-12, 1.0, 1e9, 1e99, LARGEST)

GRIDS = st.sampled_from([1.0, 1e-3, 1e-110, 1e-300, 1e99])
"""Distances between temperatures."""


@st.composite
def values(draw: st.DrawFn) -> Values:
    """Ordinary numbers times a scale, on an offset of another scale, with any item, column or replicate missing."""
    shape = (draw(st.sampled_from([6, 5, 9, 4, 1, 0])), draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    numbers = st.sampled_from([0.0, 1.0, 1 / 3, -1.0]) | st.floats(-1, 1)
    array = draw(hnp.arrays(np.float64, shape, elements=numbers, fill=st.just(0.5)))
    offset = draw(st.just(0.0) | st.sampled_from(SCALES))
    array = np.clip(array * draw(st.sampled_from(SCALES)) + offset, -LARGEST, LARGEST)
    for axis in draw(
        st.lists(st.sampled_from([0, 1, 2]), max_size=2)
    ):  # an item, a temperature or a replicate
        array[(slice(None),) * axis + (slice(0, 1),)] *= draw(st.sampled_from([NAN, 0.0, 1e-9, -1.0]))
    if draw(st.booleans()):
        array[draw(hnp.arrays(np.bool_, shape, fill=st.just(False)))] = NAN
    known = array[~np.isnan(array)]
    low = high = None
    if draw(st.booleans()):
        low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
        low, high = (low, high) if low < high else (max(low - 1, -LARGEST), min(high + 1, LARGEST))
        low, high = (low, high) if low < high else (None, None)
    step = draw(GRIDS)
    return Values(array, [step * column for column in range(shape[1])], low=low, high=high)
