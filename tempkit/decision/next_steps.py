"""What to do next, as codes: whatever would improve the answer most, first."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tempkit.analysis import ScoredSection
from tempkit.decision.error_budget import ALPHA_HOLDS, share_at
from tempkit.decision.result import GuardLevel, GuardResult, Note, NoteCode, Scope, Step
from tempkit.decision.rule import Judgement
from tempkit.decision.sample_size import MOST_ITEMS, answers_needed, items_needed, spotless_items
from tempkit.measures import needs_reference
from tempkit.statistics import MIN_ITEMS, Values
from tempkit.types import Reason

__all__ = ["REFERENCE", "steps"]

REFERENCE = "gguf:smollm2"
"""The bundled model, under which texts can be scored without anybody's key."""

_MOST_ANSWERS = 20
"""More answers to the same questions than this times those there are is not worth it: other questions would tell more."""


def steps(
    section: ScoredSection,
    values: Values,
    answers: Values,
    found: Mapping[Scope, Judgement],
    scope: Scope,
    guardrails: Sequence[GuardResult],
    notes: Sequence[Note],
    *,
    margin: float,
    per_answer: bool,
) -> tuple[Step, ...]:
    """Return what to do next; nothing where the pick is shown and the grid does not end at it.

    Args:
        section: That was judged.
        values: Of the measure that decides, as answers are used.
        answers: Its values of single answers.
        found: The judgement in both scopes.
        scope: The one that grades.
        guardrails: What came of each guard-rail.
        notes: What was noted.
        margin: The difference that begins to matter.
        per_answer: Whether each answer has a value of its own, so that more answers make means more exact.
    """
    by_code: dict[NoteCode, Note] = {note.code: note for note in notes}
    made = list(_first(section, by_code))
    for guard in guardrails:
        if not guard.levels and not section.only_imported:
            reference = REFERENCE if needs_reference((guard.measure,)) else None
            made.append(Step(code="measure_guard", data={"measure": guard.measure, "reference": reference}))
    for edge, step in (("edge_high", "try_higher"), ("edge_low", "try_lower")):
        if (note := by_code.get(edge)) is not None:  # type: ignore[call-overload]
            made.append(Step(code=step, data=dict(note.data)))  # type: ignore[arg-type]
    useless = by_code.keys() & {"floor", "ceiling", "no_values", "one_temperature", "all_ruled_out"}
    if not useless and found[scope].grade != "shown":
        made += _more(
            section, values, answers, found, scope, guardrails, margin=margin, per_answer=per_answer
        )
    return tuple(made)


def _first(section: ScoredSection, noted: Mapping[NoteCode, Note]) -> Iterator[Step]:
    if (note := noted.get("no_values")) is not None:
        if note.data["others"]:
            yield Step(code="decide_by", data={"measures": note.data["others"]})
        elif Reason("token_limit") in note.data["reasons"].values():
            yield Step(code="raise_max_tokens", data={"now": _limit(section), "share": 1.0})
        else:
            yield Step(code="add_checks", data={})
    truncated = (noted[code] for code in ("unscored", "stand_in") if code in noted)
    if (note := next((each for each in truncated if each.data["truncated"]), None)) is not None:
        yield Step(code="raise_max_tokens", data={"now": _limit(section), "share": note.data["share"]})
    if "floor" in noted:
        yield Step(code="check_expected_answers", data={})
    if "ceiling" in noted:
        yield Step(code="ask_harder_questions", data={})


def _limit(section: ScoredSection) -> int | None:
    """Return the limit on an answer's tokens; None where it is not known, as of whatever was imported."""
    return None if section.imported else section.max_tokens


def _more(
    section: ScoredSection,
    values: Values,
    answers: Values,
    found: Mapping[Scope, Judgement],
    scope: Scope,
    guardrails: Sequence[GuardResult],
    *,
    margin: float,
    per_answer: bool,
) -> Iterator[Step]:
    like, these = found["items_like_these"], found["these_items"]
    items = int((values.counts > 0).any(axis=1).sum())
    graded = found[scope]
    near = graded.pick is not None and bool(graded.upper[graded.pick] <= margin)
    more_items = {"typed": all(prompt.typed for prompt in section.prompts), "limits": near}
    # With one answer to each question nothing tells how much more of them would help.
    if per_answer and graded.pick is not None and not near and (answers.counts > 1).any():
        repeat = int(answers.counts[:, graded.pick].max(initial=1))
        times = answers_needed(
            graded, these, margin=margin, looks=section.looks, planned_looks=section.planned_looks
        )
        if times is not None and 1 < times <= _MOST_ANSWERS:
            yield Step(code="more_answers", data={"n": math.ceil((times - 1) * repeat)})
    if items < MIN_ITEMS:
        yield Step(code="more_items", data={"n": MIN_ITEMS - items, "at_least": True, **more_items})
    if scope == "items_like_these" and items >= MIN_ITEMS:
        wanted = [
            items_needed(like, margin=margin, looks=section.looks, planned_looks=section.planned_looks),
            _for_guards(like, guardrails, ALPHA_HOLDS * share_at(section.looks, section.planned_looks)),
        ]
        known = [each for each in wanted if each is not None]
        more = max(known, default=0) - items
        if len(known) == len(wanted) and more > 0:
            yield Step(code="more_items", data={"n": more, "at_least": False, **more_items})


def _for_guards(found: Judgement, guardrails: Sequence[GuardResult], alpha: float) -> int | None:
    """Return how many items show every guard-rail to hold at the pick, if what comes is like what is there; None: not known."""
    most = 0
    for guard in guardrails:
        if found.pick is None or not guard.levels:
            return None
        level = guard.levels[found.pick]
        if level.verdict == "holds":
            continue
        wanted = _spotless(guard, level, alpha) if level.mean == 0 else _narrower(guard, level)
        if wanted is None:
            return None
        most = max(most, wanted)
    return most


def _spotless(guard: GuardResult, level: GuardLevel, alpha: float) -> int | None:
    """Return how many items without any event are enough, each with one answer."""
    if guard.unit != "share" or guard.relative or guard.worse != "above":
        return _narrower(guard, level)
    return spotless_items(guard.limit, alpha)


def _narrower(guard: GuardResult, level: GuardLevel) -> int | None:
    """Return how many items bring the bound from where it is to the limit: its distance from the mean shrinks with their root."""
    bound = level.high if guard.worse == "above" else level.low
    if level.mean is None or bound is None or not level.inside or level.mean == guard.limit:
        return None
    times = ((bound - level.mean) / (guard.limit - level.mean)) ** 2
    return math.ceil(level.n * times) if level.n * times <= MOST_ITEMS else None
