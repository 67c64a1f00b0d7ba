"""What temperature does to the distributions that tokens were drawn from, and at which one they seem to be drawn.

Both need raw logprobs. A completion keeps the k most probable tokens at each position and not the whole distribution, so
the figures here are known within bounds (see `tempkit.softmax.topk_bounds`): a value is given where the bounds are narrow. At high
temperatures and open choices they mostly are not.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from tempkit.i18n import N_
from tempkit.measures.base import Measure, OfCell, OfCompletions, Unit
from tempkit.measures.block import Cell, View
from tempkit.measures.missing import Found, Missing
from tempkit.softmax import (
    CERTAIN,
    NOT_GIVEN,
    EffectiveTemperature,
    Floats,
    Interval,
    effective_temperature,
    entropy_bounds,
    known_logprob,
    leakage_bounds,
    n95_bounds,
)
from tempkit.types import Completion, Reason, TokenLogprob

__all__ = [
    "EFFECTIVE_SE",
    "EFFECTIVE_TEMPERATURE",
    "LEAKAGE",
    "MEASURES",
    "N95",
    "Alternatives",
    "all_listed",
    "alternatives",
    "alternatives_of",
    "completion_means",
    "effective",
    "entropy_from_top",
    "leakage",
    "n95",
    "reshaped",
]

_N95_WIDTH = 0.05
_LEAKAGE_WIDTH = 0.02
_ENTROPY_WIDTH = 0.05
_LEAST_TOKENS = 50
_EFFECTIVE_SE = 0.25

_MOST_TOGETHER = 1.01
"""What listed probabilities may add up to: 1, and what rounding of each adds to it."""


def reshaped(take: "Callable[[Alternatives, float], list[Found]]") -> OfCompletions:
    """Return what takes a measure from the alternatives of completions and the temperature that was sent with them."""

    def taken(view: View, completions: Sequence[Completion]) -> list[Found]:
        found: list[Found] = [Missing(Reason("temperature_not_sent"))] * len(completions)
        for sent in {c.temperature_sent for c in completions} - {None}:
            if sent is not None and not 0 <= sent < math.inf:
                found = [
                    Missing(Reason("temperature_invalid")) if c.temperature_sent == sent else value
                    for c, value in zip(completions, found, strict=True)
                ]
                continue
            places = [i for i, c in enumerate(completions) if c.temperature_sent == sent]
            values = take(alternatives_of(view, [completions[i] for i in places]), sent or 0.0)
            for i, value in zip(places, values, strict=True):
                found[i] = value
        return found

    return taken


def _estimate(view: View, cell: Cell) -> EffectiveTemperature | Missing:
    listed = [c for c in cell.completions if all_listed(c.tokens)]
    return effective(alternatives_of(view, listed)) if listed else Missing(Reason("no_alternatives"))


def _effective(part: Callable[[EffectiveTemperature], float]) -> OfCell:
    def taken(view: View, cell: Cell, _: Sequence[Completion]) -> Found:
        found = view.once(("effective temperature", cell.temperature), lambda: _estimate(view, cell))
        return found if isinstance(found, Missing) else part(found)

    return taken


def _measure(
    name: str,
    title: str,
    unit: Unit,
    span: tuple[float | None, float | None],
    definition: str,
    source: str,
    *,
    of_completions: OfCompletions | None = None,
    of_cell: OfCell | None = None,
) -> Measure:
    return Measure(
        name=name,
        title=title,
        family="logprobs",
        version=1,
        unit=unit,
        low=span[0],
        high=span[1],
        direction="neither",
        of_completions=of_completions,
        of_cell=of_cell,
        min_n=1,
        needs=frozenset({"logprobs", "raw", "alternatives"}),
        definition=definition,
        source=source,
    )


N95 = _measure(
    "n95",
    N_("Tokens to choose from"),
    "count",
    (1.0, None),
    N_(
        "How many tokens hold 95 % of the probability at the temperature that was sent, before any cut by top_p, top_k or "
        "min_p, averaged over an answer. Known within bounds from the most probable tokens, and given where these are less "
        "than 5 % apart."
    ),
    "arXiv 2606.01451",
    of_completions=reshaped(lambda listed, temperature: n95(listed, temperature)),
)

LEAKAGE = _measure(
    "leakage",
    N_("Leakage"),
    "share",
    (0.0, 1.0),
    N_(
        "The probability, at the temperature that was sent, of tokens outside the smallest set that holds 90 % at temperature "
        "1, averaged over an answer: at most 10 % at temperature 1, more above it. Known within bounds from the most probable "
        "tokens, and given where these are less than 2 points apart."
    ),
    "arXiv 2606.01451",
    of_completions=reshaped(lambda listed, temperature: leakage(listed, temperature)),
)

EFFECTIVE_TEMPERATURE = _measure(
    "effective_temperature",
    N_("Effective temperature"),
    "temperature",
    (0.0, None),
    N_(
        "The temperature at which the sampled tokens are most likely, among the tokens that are listed at their "
        "positions. It agrees with the one asked for where nothing else shapes the choice; a sampler that cuts improbable "
        "tokens off makes it lower. What a sampler does beyond the listed tokens is not seen."
    ),
    N_("Maximum likelihood: arXiv 2601.02320, arXiv 2303.04729"),
    of_cell=_effective(lambda found: found.value),
)

EFFECTIVE_SE = _measure(
    "effective_temperature_se",
    N_("Effective temperature, standard error"),
    "temperature",
    (0.0, None),
    N_("The standard error of the effective temperature, from the Fisher information of the sampled tokens."),
    "arXiv 2601.02320",
    of_cell=_effective(lambda found: found.se),
)

MEASURES = (N95, LEAKAGE, EFFECTIVE_TEMPERATURE, EFFECTIVE_SE)


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The most probable tokens beside the drawn ones, for several completions laid end to end."""

    top: Floats
    """Shape (tokens, k): raw logprobs, most probable first; rows with fewer are filled up with -inf."""
    drawn: Floats
    """Shape (tokens,): of the tokens that were drawn; -inf where it is not known."""
    lengths: tuple[int, ...]
    """Tokens of each completion, 1 or more."""
    faults: tuple[Missing | None, ...]
    """Of each completion, why nothing can be said of it, where its alternatives are no probabilities."""

    @property
    def k(self) -> int:
        return int(self.top.shape[1])


def all_listed(tokens: Sequence[TokenLogprob]) -> bool:
    """Return whether there are tokens and every one has alternatives."""
    return bool(tokens) and all(token.top for token in tokens)


def alternatives(completions: Sequence[Sequence[TokenLogprob]]) -> Alternatives:
    """Lay the alternatives of several completions end to end.

    k is the most frequent number of alternatives. Longer rows are cut to it: a server may add the drawn token to a row it
    is not among the first k of, and a row that depends on what was drawn would bias the effective temperature.

    Args:
        completions: Their tokens; each has some, and every token has alternatives. A drawn token whose logprob is not
            known is not among its alternatives.
    """
    tokens = [token for given in completions for token in given]
    counts = [len(token.top) for token in tokens]
    k = Counter(counts).most_common(1)[0][0]
    # Hundreds to a completion: taken apart and counted in C.
    rows = (token.top if len(token.top) <= k else token.top[:k] for token in tokens)
    flat = np.fromiter(map(itemgetter(1), chain.from_iterable(rows)), dtype=np.float64)
    if min(counts) >= k:
        top = flat.reshape(len(tokens), k)
    else:
        filled = np.minimum(counts, k)
        top = np.full((len(tokens), k), -np.inf)
        top[np.arange(k) < filled[:, None]] = flat
    bad = _put_right(top)
    drawn = np.array([t.logprob if known_logprob(t.logprob) else -np.inf for t in tokens])
    lengths = [len(given) for given in completions]
    counted = np.add.reduceat(bad.astype(np.int64), np.cumsum([0, *lengths[:-1]])) if bad.any() else ()
    faults = tuple(Missing(Reason("alternatives_invalid")) if n else None for n in counted) or (None,) * len(
        lengths
    )
    return Alternatives(top, drawn, tuple(lengths), faults)


def alternatives_of(view: View, completions: Sequence[Completion]) -> Alternatives:
    """Return the alternatives of completions of one cell, all of which have them."""
    own = (completions[0].key.temperature, *(completion.key.replicate for completion in completions))
    return view.once(
        ("alternatives", *own), lambda: alternatives([completion.tokens for completion in completions])
    )


def _put_right(top: Floats) -> NDArray[np.bool_]:
    """Sort rows, mark in each what cannot be its logprobs, and put certainty in the place of such a row, so that all can be computed.

    Args:
        top: Shape (tokens, k); changed.

    Returns:
        Which rows are no probabilities: shape (tokens,).
    """
    # Markers for "not given" and what is less are as good as impossible.
    top[top <= NOT_GIVEN] = -np.inf
    with np.errstate(over="ignore"):
        bad = ~(top <= CERTAIN).all(axis=1) | (np.exp(top).sum(axis=1) > _MOST_TOGETHER)
    bad |= np.isneginf(top).all(axis=1)
    if bad.any():
        top[bad] = -np.inf
        top[bad, 0] = 0.0
    np.minimum(top, 0.0, out=top)  # what rounding has put above certainty
    if (top[:, 1:] > top[:, :-1]).any():
        top[:] = -np.sort(-top, axis=1)
    return np.asarray(bad)


def n95(listed: Alternatives, temperature: float) -> list[float | Missing]:
    """Return for each completion the mean n95 at `temperature` >= 0, 1 or more, where it is known to 5 %."""
    low, high = completion_means(n95_bounds(listed.top, temperature), listed.lengths)
    return [
        fault or ((a + b) / 2 if b - a <= _N95_WIDTH * a else _too_wide(listed.k, temperature))
        for a, b, fault in zip(low, high, listed.faults, strict=True)
    ]


def leakage(listed: Alternatives, temperature: float) -> list[float | Missing]:
    """Return for each completion the mean leakage at `temperature` >= 0, in [0, 1], where it is known to 2 points."""
    low, high = completion_means(leakage_bounds(listed.top, temperature), listed.lengths)
    return [
        fault or ((a + b) / 2 if b - a <= _LEAKAGE_WIDTH else _too_wide(listed.k, temperature))
        for a, b, fault in zip(low, high, listed.faults, strict=True)
    ]


def entropy_from_top(listed: Alternatives) -> list[float | Missing]:
    """Return for each completion the mean raw entropy in nats, where it is known to 0.05."""
    low, high = completion_means(entropy_bounds(listed.top), listed.lengths)
    return [
        fault or ((a + b) / 2 if b - a <= _ENTROPY_WIDTH else _too_wide(listed.k, 1.0))
        for a, b, fault in zip(low, high, listed.faults, strict=True)
    ]


def effective(listed: Alternatives) -> EffectiveTemperature | Missing:
    """Return the effective temperature of completions taken together, where its standard error is at most a quarter of it."""
    fault = next((each for each in listed.faults if each), None)
    if fault:
        return fault
    found = effective_temperature(listed.top, listed.drawn)
    if found is None:
        return Missing(Reason("no_maximum"))
    if found.tokens < _LEAST_TOKENS:
        return Missing(Reason("few_listed", least=_LEAST_TOKENS))
    if found.se > _EFFECTIVE_SE * found.value:
        return Missing(Reason("too_uncertain"))
    return found


def completion_means(bounds: Interval, lengths: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return for each completion the means of its tokens' lower and upper ends."""
    starts = np.cumsum([0, *lengths[:-1]])
    low, high = (np.add.reduceat(end, starts) / np.array(lengths) for end in bounds)
    return low.tolist(), high.tolist()


def _too_wide(k: int, temperature: float) -> Missing:
    return Missing(Reason("mass_not_listed", k=k, temperature=temperature))
