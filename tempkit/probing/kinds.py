"""What logprobs are of: the same prompt's first token at several temperatures tells.

Raw logprobs are the same at every temperature. Tempered ones are divided by it, so differences between two tokens grow as 1/T. The
slope of one temperature's logprobs over another's, through the tokens that both list, is 1 in the first case and the ratio of the
temperatures in the second, whatever the normalisation.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from tempkit.types import Completion, LogprobKind

__all__ = ["KindFound", "kind_of"]

_TOLERANCE = 0.04
"""How far slopes may lie from what they should be: servers on GPUs repeat themselves to about a hundredth."""
_LEAST_COMMON = 3
"""Tokens that both lists must have for a slope to say anything."""
_LEAST_SPREAD = 0.5
"""In nats: what the logprobs of these must differ by at least, as a standard deviation."""


@dataclass(frozen=True, slots=True)
class KindFound:
    """What logprobs are of, and what shows it."""

    kind: LogprobKind
    slopes: Mapping[float, float] = field(default_factory=dict)
    """By temperature: how steep its logprobs are beside those of the reference temperature."""
    reference: float | None = None
    spread: float = 0.0
    """The largest median deviation of single slopes from these: the noise."""
    cut: bool = False
    """Whether improbable tokens are missing, as after a truncation."""


def kind_of(answers: Mapping[float, Sequence[Completion]], asked: int) -> KindFound:
    """Tell what logprobs are of.

    Args:
        answers: By temperature; answers to the same prompts, those at temperature 0 are of no use here.
        asked: How many alternatives were asked for.
    """
    first = {t: _first_tokens(some) for t, some in answers.items() if t > 0}
    first = {t: found for t, found in first.items() if found}
    if not first:
        return KindFound("none")
    cut = _is_cut(answers, asked)
    reference = min(first, key=lambda t: (abs(t - 1.0), t))
    slopes: dict[float, float] = {reference: 1.0}
    noise = 0.0
    for t, found in first.items():
        single = [
            slope
            for prompt, lists in found.items()
            for one in lists
            for other in first[reference].get(prompt, [])[:1]
            if one is not other and (slope := _slope(one, other)) is not None
        ]
        if not single:
            continue
        middle = median(single)
        noise = max(noise, median(abs(each - middle) for each in single))
        if t != reference:
            slopes[t] = middle
    if len(slopes) < 2:
        return KindFound("unknown", slopes, reference, noise, cut)
    within = max(_TOLERANCE, 3 * noise)
    steady = all(abs(slope - 1) <= within for slope in slopes.values())
    falling = _is_falling(slopes, within)
    kind: LogprobKind = "raw" if steady else "tempered" if falling else "unknown"
    return KindFound(kind, slopes, reference, noise, cut)


def _first_tokens(completions: Sequence[Completion]) -> dict[str, list[dict[str, float]]]:
    """Return by prompt the alternatives of the first token, for every answer."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    for each in completions:
        if each.tokens and len(each.tokens[0].top) > 1:
            found[each.key.item.split("#")[0]].append(dict(each.tokens[0].top))
    return found


def _slope(one: Mapping[str, float], other: Mapping[str, float]) -> float | None:
    """Return the slope of one list over another by least squares, None where they have too little in common."""
    common = [token for token in one if token in other]
    if len(common) < _LEAST_COMMON:
        return None
    x, y = (np.array([of[token] for token in common]) for of in (other, one))
    if x.std() < _LEAST_SPREAD:
        return None
    x, y = x - x.mean(), y - y.mean()
    return float((x * y).sum() / (x * x).sum())


def _is_falling(slopes: Mapping[float, float], within: float) -> bool:
    """Return whether slopes fall as the temperature rises, or stay where it has reached a limit."""
    ordered = [slopes[t] for t in sorted(slopes)]
    return all(b <= a * (1 + within) for a, b in itertools.pairwise(ordered))


def _is_cut(answers: Mapping[float, Sequence[Completion]], asked: int) -> bool:
    """Return whether some positions list fewer tokens than asked for while others list all, and the few hold all of the mass."""
    # At 0 tempered logprobs are certainty and nothing.
    lists = [
        token.top
        for t, some in answers.items()
        if t > 0
        for each in some
        for token in each.tokens
        if token.top
    ]
    if not lists or asked < 2:
        return False
    longest = max(map(len, lists))
    short = [top for top in lists if len(top) < longest]
    whole = [top for top in short if abs(sum(np.exp([value for _, value in top])) - 1) < 1e-3]
    return len(whole) >= max(3, 0.02 * len(lists))
