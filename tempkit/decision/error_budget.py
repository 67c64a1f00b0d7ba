"""The error budget of a decision: what may be wrong, how often, and how looking again is paid for.

| claim on a card | probability that any of its kind is wrong |
| --- | --- |
| "at most so far behind": the upper bounds of all temperatures together | 0.049 at the first look, 0.055 over all looks |
| "at least so far behind", and with it that the temperature matters: all lower bounds together | 0.005 over all looks |
| "breaks its guard-rail": all temperatures and guard-rails together | 0.05 over all looks |
| "keeps its guard-rail": each guard-rail at the temperature picked, alone | 0.05 over all looks |

So at the first look what a temperature could cost holds with 95 % for all temperatures together, and all bounds of a card, upper and
lower, hold together with 94 % whatever comes after. Most of it is spent on the cost, because that is what whoever picks a
temperature has to rely on. A fresh set of data gives chance another try, so looks share one alpha: the k-th gets it times
k^-3.5 over the sum of all k^-3.5. It falls steeply because nearly everyone looks once or twice, and because the looks share most
of their data. A run that announces its looks before its first sample, as `tempkit choose` does, shares alpha evenly between them:
it knows that it will look often. How often the claims are wrong in fact is measured by `benchmarks/decisions.py`.
"""

from scipy.special import zeta

__all__ = [
    "ALPHA_BROKEN",
    "ALPHA_HOLDS",
    "ALPHA_LOWER",
    "ALPHA_UPPER",
    "LIKELY",
    "level_at",
    "share_at",
]

ALPHA_UPPER = 0.055
ALPHA_LOWER = 0.005
ALPHA_BROKEN = 0.05
ALPHA_HOLDS = 0.05

LIKELY = 0.8
"""From this probability of being within the margin on, a pick is called likely."""

_STEEPNESS = 3.5
_KEPT_BACK = 0.1
"""Of the alpha of a run that announced its looks: for those who look once more."""
_WHOLE = float(zeta(_STEEPNESS))


def share_at(look: int, planned: int = 0) -> float:
    """Return the share of every alpha that the k-th look at a section's data may spend; over all looks they add up to 1.

    Args:
        look: Which look it is, from 1.
        planned: How many looks were announced before the first sample was drawn: these share evenly what is not kept back
            for later ones. 0: nobody knows how many there will be.
    """
    if look <= planned:
        return (1 - _KEPT_BACK) / planned
    rest = 1.0 if planned == 0 else _KEPT_BACK
    return float(rest * (look - planned) ** -_STEEPNESS / _WHOLE)


def level_at(look: int, planned: int = 0) -> float:
    """Return the confidence that the upper bounds of all temperatures hold together at the k-th look."""
    return 1 - ALPHA_UPPER * share_at(look, planned)
