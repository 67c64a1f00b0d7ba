"""Does the judge agree with itself? It is asked everything twice, in two forms that leave the texts as they are.

A judge that goes by the texts gives both answers alike. One that goes by the place of an answer, by the look of a number or by
chance does not, and what it says is no measurement. So a judge has to be *shown* to agree with itself beyond chance before its
scores count: the lower bound of its kappa must reach a threshold. Where the upper bound does not reach it, it is shown to be no judge;
in between, it was asked too little. Some questions are also asked a second time in the same words: that tells whether it is
unsteady, or goes by the form of a question; it decides nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tempkit.judging.agreement import Kappa, kappa_of
from tempkit.statistics import sign_test

__all__ = ["Answers", "Consistency", "Verdict", "of_grades", "of_pairs"]

Verdict = Literal["reliable", "unreliable", "unknown"]
"""`unreliable`: shown to agree with itself less than is asked for. `unknown`: asked too little to know."""

_ALPHA = 0.05
_NEAR = 1.0
_POOR = 0.75
"""Below this share of agreement a judge is called inconsistent even where its scores are used."""
_STEADY = 0.1
"""Up to this share of changed answers to the same words, it is not chance that makes a judge contradict itself."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Both answers to one thing."""

    first: float
    second: float
    question: str
    """What it belongs to: the item's key. Things of one question hang together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """How far a judge's two answers to everything agree."""

    compared: int
    """Different texts, or pairs of texts, of which both answers could be read."""
    questions: int
    """That these belong to."""
    alike: int
    """Grades at most 1 apart; for pairs, both orders with the same result."""
    equal: int | None
    """Grades that are equal; None for pairs."""
    decided: int | None
    """Pairs of which a winner was named in both orders; None for grades."""
    first: float | None
    """The share of wins that went to the answer shown first; None for grades, and without any win."""
    kappa: Kappa | None
    """Agreement beyond chance; None where nothing tells."""
    min_kappa: float
    """What it must be shown to be at least."""
    needed: int | None
    """How many texts or pairs would show it, were kappa as it is found; None: no number would, or it is shown."""
    again: int
    """Questions that were asked a second time in the same words, with both answers read."""
    changed: int
    """Those of them that were answered otherwise."""
    verdict: Verdict
    warnings: tuple[str, ...]
    """What to know before trusting the judge, the most important first."""

    @property
    def shown(self) -> bool:
        """Whether its scores are used."""
        return self.verdict == "reliable"

    @property
    def shrinks(self) -> float | None:
        """What differences in its preferences are multiplied by at worst because it contradicts itself, above 0; None where nothing is known.

        What an answer says of the texts is the square root of kappa times what it would say without error (C. Spearman, "The proof and
        measurement of association between two things", American Journal of Psychology 15, 1904).
        """
        return None if self.kappa is None or self.kappa.low <= 0 else math.sqrt(self.kappa.low)


def of_grades(
    grades: Sequence[Answers], *, asked: int, min_kappa: float, again: Sequence[tuple[float, float]] = ()
) -> Consistency:
    """Return how consistent grades are.

    Args:
        grades: Of each text, both from 1 to 5 with 5 as the best: with the scale upwards, and downwards.
        asked: How many texts it was asked about.
        min_kappa: What its kappa must be shown to be at least.
        again: What it said to some questions, and to the same ones again.
    """
    apart = [abs(each.first - each.second) for each in grades]
    near = sum(distance <= _NEAR for distance in apart)
    found = _Found(grades, again, asked=asked, min_kappa=min_kappa, middle=None)
    why = None
    if not grades:
        why = "none of its grades can be read"
    elif len({each.first for each in grades}) == len({each.second for each in grades}) == 1:
        why = f"it gives all of {len(grades)} different texts the same grade"
    warnings = found.warnings(why, "texts graded on both scales", "text", "the scale")
    if not warnings and grades and near / len(grades) < _POOR:
        far = f"{len(grades) - near} of {len(grades)}"
        warnings.append(
            f"the judge often contradicts itself: its two grades are more than 1 apart for {far} texts, so there is much noise in its scores"
        )
    return found.consistency(
        alike=near,
        equal=sum(distance == 0 for distance in apart),
        decided=None,
        first=None,
        warnings=warnings,
    )


def of_pairs(
    results: Sequence[Answers], *, asked: int, min_kappa: float, again: Sequence[tuple[float, float]] = ()
) -> Consistency:
    """Return how consistent comparisons are.

    Whether it favours a place: an exact two-sided binomial test over those pairs in which the place won both times.

    Args:
        results: Of each pair of different texts, both for the same text: 1 where it won, 0 where it lost, 0.5 for a tie;
            shown first, and shown second.
        asked: How many pairs it was asked about.
        min_kappa: What its kappa must be shown to be at least.
        again: What it said to some questions, and to the same ones again.
    """
    alike = sum(each.first == each.second for each in results)
    winners = [each for each in results if 0.5 not in (each.first, each.second)]
    by_first = sum(each.first == 1 for each in results) + sum(each.second == 0 for each in results)
    wins = sum(value != 0.5 for each in results for value in (each.first, each.second))
    found = _Found(results, again, asked=asked, min_kappa=min_kappa, middle=0.5)
    why = None
    if not results:
        why = "none of its comparisons can be read"
    elif not wins:
        why = f"it names no winner in any of {len(results)} pairs"
    warnings = found.warnings(why, "pairs asked in both orders", "pair", "the order")
    if not warnings and results and alike / len(results) < _POOR:
        apart = f"{len(results) - alike} of {len(results)}"
        warnings.append(
            f"the judge often contradicts itself: the orders disagree on {apart} pairs, which count as ties, so differences look smaller than they are"
        )
    always_first = sum((each.first, each.second) == (1, 0) for each in winners)
    always_second = sum((each.first, each.second) == (0, 1) for each in winners)
    placed = always_first + always_second
    if placed and sign_test(always_first, placed) < _ALPHA:
        place = "first" if always_first > always_second else "second"
        warnings.append(
            f"it favours the answer shown {place}: of {placed} pairs in which its winner changed "
            f"with the order, that one won {max(always_first, always_second)}"
        )
    return found.consistency(
        alike=alike,
        equal=None,
        decided=len(winners),
        first=by_first / wins if wins else None,
        warnings=warnings,
    )


class _Found:
    """What both kinds of answers have in common."""

    def __init__(
        self,
        answers: Sequence[Answers],
        again: Sequence[tuple[float, float]],
        *,
        asked: int,
        min_kappa: float,
        middle: float | None,
    ) -> None:
        self.answers, self.again, self.asked, self.min_kappa = answers, again, asked, min_kappa
        self.changed = sum(one != other for one, other in again)
        self.kappa = kappa_of(
            [each.first for each in answers],
            [each.second for each in answers],
            [each.question for each in answers],
            middle=middle,
        )
        self.verdict: Verdict = "unknown"
        if not asked or (self.kappa is not None and self.kappa.low >= min_kappa):
            self.verdict = "reliable"
        elif self.kappa is not None and self.kappa.high < min_kappa:
            self.verdict = "unreliable"
        self.needed = (
            None
            if self.kappa is None or self.verdict != "unknown"
            else self.kappa.needed(min_kappa, len(answers))
        )

    def warnings(self, why: str | None, by: str, what: str, form: str) -> list[str]:
        """Return why its scores are not used, where they are not.

        Args:
            why: Where that is plain without kappa.
            by: What kappa is found by.
            what: One of these.
            form: What differs between both answers.
        """
        if self.verdict == "reliable":
            return []
        if why is not None or self.kappa is None:
            return [f"the judge is not used: {why or 'nothing it says tells anything'}; use another judge"]
        k = self.kappa
        said = (
            f"kappa {k.value:.2f}, at least {k.low:.2f} and at most {k.high:.2f} by {len(self.answers)} {by}"
        )
        asked = f"{self.min_kappa:g} is asked for"
        if self.verdict == "unreliable":
            return [
                f"the judge is not used: it agrees with itself too little ({said}; {asked}){self._cause(form)}; use another judge"
            ]
        if self.needed is None:
            more = f"and were it as found, no number of {what}s would show enough: use another judge"
        else:
            more = f"about {self.needed} {what}s would show it, were it as found: ask it more, or use another judge"
        return [
            f"the judge is not used yet: too few {what}s to know whether it agrees with itself ({said}; {asked}); {more}"
        ]

    def _cause(self, form: str) -> str:
        """Return what makes it contradict itself, as far as asking in the same words tells."""
        if not self.again:
            return ""
        same = f"asked again in the same words, it changed {self.changed} of {len(self.again)} answers"
        steady = self.changed / len(self.again) <= _STEADY
        return f"; {same}, so it {f'goes by {form}' if steady else 'is unsteady'}"

    def consistency(
        self,
        *,
        alike: int,
        equal: int | None,
        decided: int | None,
        first: float | None,
        warnings: Sequence[str],
    ) -> Consistency:
        return Consistency(
            compared=len(self.answers),
            questions=len({each.question for each in self.answers}),
            alike=alike,
            equal=equal,
            decided=decided,
            first=first,
            kappa=self.kappa,
            min_kappa=self.min_kappa,
            needed=self.needed,
            again=len(self.again),
            changed=self.changed,
            verdict=self.verdict,
            warnings=tuple(warnings),
        )
