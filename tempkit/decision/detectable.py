"""What a design can tell apart before anything is asked: how far the best must lead for that to be shown.

Nothing is known of the answers yet, so a spread is assumed: answers right half of the time, of which half the variance is the questions'
own difficulty (which cancels between temperatures, as each question is asked at all of them), and a standard deviation of 0.2 in how
much a temperature suits a question. Real answers mostly vary less, so this errs on the careful side.
"""

import math
from dataclasses import dataclass

from tempkit.analysis import use_cases
from tempkit.decision.error_budget import ALPHA_UPPER, share_at
from tempkit.decision.overrides import Asked, deciding_measure, refuse_margin
from tempkit.measures import known
from tempkit.statistics import MIN_ITEMS, critical_value
from tempkit.types import Plan

__all__ = ["Detectable", "can_tell"]

_OF_ANSWERS = 0.25 / 2
_OF_PAIRS = 0.2**2
_LEAST_MARGIN, _MOST_QUESTIONS = 1e-9, 10**9
"""Beyond these nothing that anybody asks is told apart, and nothing is reckoned with."""
_CORRELATION = 0.5
"""Between the differences of the others from one temperature, when all are equally noisy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """What the questions of a use case can tell apart."""

    use_case: str
    measure: str
    questions: int
    difference: float | None
    """About so far must the best lead, in the measure's unit; None: there are too few questions for those like them."""
    margin: float
    """The smallest difference that matters."""
    questions_for_margin: int
    """About so many questions tell such a difference apart."""


def can_tell(plan: Plan, asked: Asked, planned_looks: int = 0) -> list[Detectable]:
    """Return what a plan can tell apart, for the use cases that go by a share of right answers.

    Args:
        plan: Of everything that is to be asked.
        asked: What it is judged by.
        planned_looks: How many looks share the error budget evenly.

    Raises:
        UsageError: The margin is beyond what the measure can differ by.
    """
    found = []
    for prompts in use_cases(plan):
        measure, margin = deciding_measure(plan, prompts, asked)
        about = known(measure)
        if about is not None:
            refuse_margin(margin, measure, about.low, about.high, share=about.unit == "share")
        if about is None or about.unit != "share" or about.scope != "completion":
            continue
        questions = sum(len(prompt.items) for prompt in prompts)
        arms, repeat = len(plan.temperatures), max(plan.repeat, 1)
        variance = 2 * _OF_ANSWERS / repeat + _OF_PAIRS
        alpha = ALPHA_UPPER * share_at(1, planned_looks)

        def width(n: int, arms: int = arms, variance: float = variance, alpha: float = alpha) -> float:
            return critical_value(max(arms - 1, 1), n - 1, _CORRELATION, alpha) * math.sqrt(variance / n)

        wide = critical_value(max(arms - 1, 1), 1e6, _CORRELATION, alpha)
        needed = math.ceil(min(_MOST_QUESTIONS, variance * (wide / max(margin, _LEAST_MARGIN)) ** 2))
        found.append(
            Detectable(
                use_case=prompts[0].use_case or prompts[0].name,
                measure=measure,
                questions=questions,
                difference=min(1.0, width(questions)) if questions >= MIN_ITEMS else None,
                margin=margin,
                questions_for_margin=max(needed, MIN_ITEMS),
            )
        )
    return found
