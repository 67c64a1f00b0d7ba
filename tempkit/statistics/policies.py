"""How answers are used: one at a time, the best of several, their majority, or only if all of them are good.

Which temperature serves best can depend on it. Whoever draws five programs and keeps the one that passes wants the answers
to differ; whoever needs every one of five to be right does not.

What K answers come to is estimated from the n that were drawn, n >= K: the mean over all their subsets of size K, which is
unbiased (a U-statistic; for the best of K right or wrong answers it is Chen et al. 2021, arXiv 2107.03374, for all of K
arXiv 2406.12045). Every policy here takes an answer by its rank among the K, so subsets need not be listed: they are counted
by where in the sorted values that rank falls.
"""

import re
from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["MOST_DRAWN", "Policy", "PolicyKind", "apply_policy"]

Floats = NDArray[np.float64]

PolicyKind = Literal["single", "best-of", "majority", "all-of"]

MOST_DRAWN = 100
"""The largest K: nobody draws more answers to one question and keeps one."""

_FORM = re.compile(r"(best-of|majority|all-of):([1-9][0-9]{0,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Policy:
    """How many answers to a question are drawn, and what is made of them.

    Raises:
        ValueError: `k` does not fit the kind.
    """

    kind: PolicyKind = "single"
    """`single`: each answer is used as it comes. `best-of`: the best of `k` is kept. `majority`: what most of `k` say.
    `all-of`: the worst of `k` counts, because every one of them is used."""
    k: int = 1
    """How many are drawn: 1 for `single`, else from 2 to 100."""

    def __post_init__(self) -> None:
        single = self.kind == "single"
        if self.kind not in get_args(PolicyKind) or not (
            self.k == 1 if single else 2 <= self.k <= MOST_DRAWN
        ):
            raise ValueError(_unknown(str(self)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the policy that `text` names: `single`, `best-of:K`, `majority:K` or `all-of:K`; `str` gives it back.

        Raises:
            ValueError: It is none of these, or K is not from 2 to 100.
        """
        if text == "single":
            return cls()
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(_unknown(text))
        kinds: dict[str, PolicyKind] = {kind: kind for kind in get_args(PolicyKind)}
        return cls(kinds[match[1]], int(match[2]))

    def __str__(self) -> str:
        return "single" if self.kind == "single" and self.k == 1 else f"{self.kind}:{self.k}"


_LARGEST = 1e300
"""Beyond it a pseudo-value, up to 2 K times as large, would not fit into a float."""


def apply_policy(values: ArrayLike, policy: Policy, *, higher_is_better: bool = True) -> Floats:
    """Return values whose mean over replicates estimates the policy's score without bias, and whose spread its variance.

    They are the delete-one jackknife's pseudo-values, n U - (n - 1) U_without_it for each of a cell's n values: their mean is
    the U-statistic U itself, and their variance over n estimates the sampling variance of U (Arvesen 1969, Jackknifing
    U-statistics), on average rather too large than too small (Efron & Stein 1981, doi 10.1214/aos/1176345462). So whatever works on answers used one at a time, item means and components of variance among
    it, works on these. A pseudo-value is no score: it may lie outside the measure's range.

    Args:
        values: Shape (..., replicates), such as (items, temperatures, replicates); NaN where a value is missing.
        policy: How answers are used.
        higher_is_better: Which end `best-of` keeps and `all-of` gets. A majority does not depend on it.

    Returns:
        The same shape. In a cell with n values: where n > K, a pseudo-value for each of them, missing ones as they were; where
        n = K, the score at its first value and NaN elsewhere, since one subset tells nothing of the spread; where n < K,
        NaN. For `single` the values as they are.

    Raises:
        ValueError: There is no axis of replicates, a value is beyond 1e300, or a majority is asked of values that are
            not all 0 or 1.

    Example:
        One right answer of three is in two of the three pairs.

        >>> round(float(apply_policy([1, 0, 0], Policy("best-of", 2)).mean()), 4)
        0.6667
    """
    array = np.array(values, dtype=np.float64)
    if array.ndim == 0:
        raise ValueError("values need an axis of replicates")
    if (np.abs(array) > _LARGEST).any():
        raise ValueError(f"values hold a number beyond {_LARGEST:g}; leave such a sample out as NaN")
    if policy.kind == "single" or array.size == 0:
        return array
    ranks = _ranks(policy, higher_is_better=higher_is_better)
    present = ~np.isnan(array)
    if policy.kind == "majority" and not np.isin(array[present], (0.0, 1.0)).all():
        raise ValueError(f"{policy} needs values that are all 0 or 1, wrong or right")
    cells = array.reshape(-1, array.shape[-1])
    counts = present.reshape(cells.shape).sum(axis=1)
    found = np.full_like(cells, np.nan)
    # Sorting puts missing values last, so the first n of the order are the cell's values.
    order = np.argsort(cells, axis=1, kind="stable")
    for n in np.unique(counts[counts >= policy.k]).tolist():
        rows = np.flatnonzero(counts == n)[:, None]
        places = order[rows[:, 0], :n]
        if n == policy.k:
            first = present.reshape(cells.shape)[rows[:, 0]].argmax(axis=1)
            found[rows[:, 0], first] = _scores(cells[rows, places], policy.k, ranks)
        else:
            found[rows, places] = _pseudo_values(cells[rows, places], policy.k, ranks)
    return found.reshape(array.shape)


def _ranks(policy: Policy, *, higher_is_better: bool) -> tuple[int, ...]:
    """Return the ranks among K sorted values, from 1, whose mean is the policy's score.

    The majority of right (1) and wrong (0) is the median: of an even number that is tied, the middle two are 0 and 1, and
    the tie counts half.
    """
    k = policy.k
    if policy.kind == "majority":
        return tuple(sorted({(k + 1) // 2, k // 2 + 1}))
    return (k,) if (policy.kind == "best-of") == higher_is_better else (1,)


def _chances(n: int, k: int, ranks: tuple[int, ...]) -> Floats:
    """Return for l = 0 ... n the chance that the score of a subset of size k lies above l of n different values, (n + 1,).

    The i-th smallest of n values has rank r in C(i - 1, r - 1) C(n - i, k - r) of the C(n, k) subsets. From one i to the
    next that is a simple ratio; multiplied up and down from the largest, nothing overflows and each step costs one
    rounding. What is certain comes out as exactly 0 or 1.
    """
    total = np.zeros(n + 1)
    for r in ranks:
        i = np.arange(r, n - k + r)  # every value that can have rank r but the last one
        ratio = (i * (n - i - k + r)) / ((i - r + 1) * (n - i))  # of the weight of i + 1 to that of i
        mode = int((ratio >= 1).sum())  # the ratios fall, so the weights rise up to here
        weights = np.zeros(n + 1)
        weights[r - 1 + mode] = 1
        weights[r + mode : n - k + r] = np.cumprod(ratio[mode:])
        weights[r - 1 : r - 1 + mode] = np.cumprod(1 / ratio[:mode][::-1])[::-1]
        above = np.cumsum(weights[::-1])[::-1]
        total += above / above[0]
    return total / len(ranks)


def _gaps(rows: Floats) -> tuple[Floats, Floats, NDArray[np.intc]]:
    """Return of sorted rows the gaps between neighbours, (cells, n - 1), and the least values, both over 2^e, and e.

    A score is the least value and all gaps below it, so equal values cost no rounding; the power of two keeps sums in range.
    """
    exponents = np.frexp(np.abs(rows).max(axis=1, keepdims=True))[1]
    scaled = np.ldexp(rows, -exponents)
    return np.diff(scaled, axis=1), scaled[:, :1], exponents


def _scores(rows: Floats, k: int, ranks: tuple[int, ...]) -> Floats:
    """Return the U-statistic of each row of sorted values, (cells, n) to (cells,)."""
    gaps, least, exponents = _gaps(rows)
    scores = least + (gaps @ _chances(rows.shape[1], k, ranks)[1:-1])[:, None]
    return np.asarray(np.ldexp(scores, exponents)[:, 0])


def _pseudo_values(rows: Floats, k: int, ranks: tuple[int, ...]) -> Floats:
    """Return the pseudo-values of each row of n > k sorted values, (cells, n)."""
    n = rows.shape[1]
    gaps, least, exponents = _gaps(rows)
    chances, fewer = _chances(n, k, ranks)[1:-1], _chances(n - 1, k, ranks)
    # Without value j, the gap above the l-th value has l values below it where j > l, else l - 1.
    below, above = gaps * (chances - fewer[1:]), gaps * (chances - fewer[:-1])
    lost = np.zeros_like(rows)
    lost[:, 1:] = np.cumsum(below, axis=1)
    lost[:, :-1] += np.cumsum(above[:, ::-1], axis=1)[:, ::-1]
    estimate = (gaps @ chances)[:, None]
    pseudo = estimate + (n - 1) * lost
    pseudo += estimate - pseudo.mean(
        axis=1, keepdims=True
    )  # zero but for rounding, which n - 1 has magnified
    return np.asarray(np.ldexp(least + pseudo, exponents))


def _unknown(text: str) -> str:
    shown = text if len(text) <= 40 else text[:39] + "…"
    return (
        f"{shown!r} does not say how answers are used: "
        f"single, best-of:K, majority:K or all-of:K, with K from 2 to {MOST_DRAWN}"
    )
