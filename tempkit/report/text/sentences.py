"""Say in plain sentences what a section rests on, and what is missing from it."""

from collections.abc import Iterator, Sequence

import numpy as np

from tempkit.analysis import ScoredSection, Section
from tempkit.report.text.text import count, ngettext, temperature
from tempkit.report.text.text import gettext as _
from tempkit.types import Plan

__all__ = ["at", "extent", "repeats", "samples", "scores_per_question", "sentences"]


def at(value: float) -> str:
    """Return `T = 0.7` with spaces that do not break."""
    return f"T\u00a0=\u00a0{temperature(value)}"


def extent(section: Section, scored: ScoredSection, *, scores_only: bool = False) -> str:
    """Return what the section's numbers rest on: questions, and answers to each at a temperature, or scores without answers."""
    planned = (
        scores_per_question([scored])
        if scores_only
        else [cell.planned for row in section.rows for cell in row.cells if cell.planned] or [0]
    )
    return _("%(questions)s × %(answers)s at each temperature") % {
        "questions": ngettext("%d question", "%d questions", len(section.rows)) % len(section.rows),
        "answers": samples(min(planned), max(planned), scores=scores_only),
    }


def repeats(plan: Plan) -> tuple[int, int]:
    """Return how many answers to a question at a temperature were planned, top-ups included: the fewest and the most.

    What was not asked at a temperature at all, as one that had been ruled out when the question came, is left out.
    """
    found = [
        repeat
        for model in plan.models
        for row in plan.repeats(model.label).values()
        for repeat in row.values()
        if repeat
    ]
    return min(found, default=0), max(found, default=0)


def scores_per_question(scored: Sequence[ScoredSection]) -> tuple[int, int]:
    """Return how many scores of one measure a question has at a temperature: the fewest and the most, of the measure with the most."""
    counts = [
        max((table.values.counts for table in section.tables), key=lambda each: int(each.sum()), default=None)
        for section in scored
    ]
    found = np.concatenate([np.zeros(0, int), *(each.ravel() for each in counts if each is not None)])
    return int(found.min(initial=found.max(initial=0))), int(found.max(initial=0))


def samples(lowest: int, highest: int, *, scores: bool = False) -> str:
    """Return how many answers, or scores, a question has at a temperature, where top-ups have made some more: `3 to 6 answers`."""
    if lowest == highest:
        one = (
            ngettext("%d score", "%d scores", lowest)
            if scores
            else ngettext("%d answer", "%d answers", lowest)
        )
        return one % lowest
    form = _("%(low)d to %(high)d scores") if scores else _("%(low)d to %(high)d answers")
    return form % {"low": lowest, "high": highest}


def sentences(section: Section) -> list[str]:
    """Return what is missing from a section; one sentence that says so when no answer came back."""
    if not any(level.completions for level in section.levels):
        return [_("No answer came back, so there is nothing to compare.")]
    return list(_incomplete(section))


def _incomplete(section: Section) -> Iterator[str]:
    levels = section.levels
    answers, samples = sum(level.completions for level in levels), sum(level.planned for level in levels)

    def stated(all_at: str, most_at: str, numbers: list[int], of: int) -> Iterator[str]:
        total, worst = sum(numbers), max(range(len(levels)), key=numbers.__getitem__)
        if not total:
            return
        yield (all_at if numbers[worst] == total else most_at) % {
            "total": count(total),
            "of": count(of),
            "where": at(levels[worst].temperature),
            "worst": count(numbers[worst]),
        }

    yield from stated(
        _("Truncated at the token limit: %(total)s of %(of)s answers, all at %(where)s."),
        _("Truncated at the token limit: %(total)s of %(of)s answers, %(worst)s of them at %(where)s."),
        [level.truncated for level in levels],
        answers,
    )
    yield from stated(
        _("Cut by the content filter: %(total)s of %(of)s answers, all at %(where)s."),
        _("Cut by the content filter: %(total)s of %(of)s answers, %(worst)s of them at %(where)s."),
        [level.filtered for level in levels],
        answers,
    )
    yield from stated(
        _(
            "Ended for a reason that is not known, so possibly incomplete: %(total)s of %(of)s answers, all at %(where)s."
        ),
        _(
            "Ended for a reason that is not known, so possibly incomplete: %(total)s of %(of)s answers, %(worst)s of them at %(where)s."
        ),
        [level.unclear for level in levels],
        answers,
    )
    yield from stated(
        _("Failed: %(total)s of %(of)s samples, all at %(where)s."),
        _("Failed: %(total)s of %(of)s samples, %(worst)s of them at %(where)s."),
        [level.failed for level in levels],
        samples,
    )
