"""Judge a run: lay out the questions, ask them, turn the answers into scores beside the completions."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tempkit.errors import UsageError
from tempkit.judging.layout import Mode, Wanted, Work, lay_out
from tempkit.judging.rating_codec import answered
from tempkit.judging.requests import Judge, as_plan, ask, checked_setting, judge_capabilities
from tempkit.judging.result import Judgement
from tempkit.judging.setting import Setting
from tempkit.judging.verdicts import consistency_of, scores_of, standings
from tempkit.measures import PREFERENCE, RUBRIC
from tempkit.running import Estimate, Limits, Progress, estimate
from tempkit.store import JUDGED

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["Outline", "judge_run", "outline"]

_MEASURES = {"grades": RUBRIC, "pairs": PREFERENCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a judging would ask."""

    mode: Mode
    questions: int
    answered_before: int
    """By this model, whatever its file's digest."""
    cut: int
    """Questions that show only the beginning of a long text."""
    asked_again: int
    """Of the questions, those that are asked a second time in the same words."""
    setting: Setting
    """How the judge is asked."""
    left: Estimate
    """What those not answered yet take."""


def outline(store: "Store", run: "RunRecord", judge: Judge, wanted: Wanted) -> Outline:
    """Return what a call of `judge_run` would ask and take; reaches no model.

    Raises:
        ModelError: The judge does not take the temperature that was asked for.
        UsageError: There is nothing to judge, or nothing to judge by.
    """
    work = _something_to_ask(lay_out(store, run, wanted))
    can = judge_capabilities(judge)
    setting = checked_setting(judge, can)
    known = answered(store.ratings(run.id), judge.name, judge.max_tokens, setting.temperature)
    left = [question for key, question in work.questions.items() if key not in known]
    plan = as_plan(left, judge, setting, work.seed)
    (found,) = estimate(plan, {judge.model.label: can})
    return Outline(
        mode=work.mode,
        questions=len(work.questions),
        answered_before=len(work.questions) - len(left),
        cut=_cut(work),
        asked_again=len(work.again),
        setting=setting,
        left=found,
    )


def judge_run(
    store: "Store", run: "RunRecord", judge: Judge, wanted: Wanted, *, limits: Limits, progress: Progress
) -> Judgement:
    """Ask a judge about a run's completions, and store what follows as scores.

    Its scores take the place of those that earlier judgings gave to the same measure in the same sections; what any judge
    said stays stored, so that judging with an earlier one again asks nothing.

    Raises:
        ModelError: The judge cannot be reached, or does not take the temperature that was asked for.
        UsageError: There is nothing to judge, or nothing to judge by.
        Interrupted: Ctrl-C; what had been answered is stored.
        LimitReached: The budget is used up; likewise.
    """
    work = _something_to_ask(lay_out(store, run, wanted))
    asked = ask(store, run, work.questions, judge, seed=work.seed, limits=limits, progress=progress)
    consistency = consistency_of(work, asked.readings, min_kappa=judge.min_kappa)
    measure = _MEASURES[work.mode]
    version = f"{JUDGED} {measure.version} {asked.judge}{_at(asked.setting)}{_by(wanted.rubric)}"
    scores = list(
        scores_of(work, asked.readings, measure=measure.name, version=version, verdict=consistency.verdict)
    )
    blocks = [(item, section.model) for section in work.sections for item in section.items]
    store.replace_judged(run.id, measure.name, blocks, scores)
    not_judged = Counter(str(reason) for _, block in work.blocks for _, reason in block.left_out)
    if work.failed:
        not_judged["the sample failed"] = work.failed
    return Judgement(
        judge=asked.judge,
        mode=work.mode,
        measure=measure.name,
        version=version,
        questions=len(work.questions),
        asked_again=len(work.again),
        setting=asked.setting,
        answered_before=asked.before,
        answered_now=asked.now,
        answered_by=asked.answered_by,
        usd=asked.usd,
        unreadable=dict(Counter(str(r.reason) for r in asked.readings.values() if r.reason is not None)),
        failed=asked.failed,
        cut=_cut(work),
        not_judged=dict(not_judged),
        without_rubric=work.without_rubric,
        scores=sum(score.value is not None for score in scores),
        consistency=consistency,
        sections=standings(work, asked.readings, shrinks=consistency.shrinks),
    )


def _something_to_ask(work: Work) -> Work:
    """Return the work, unless it holds no question: to reach or load a judge for that takes a minute.

    Raises:
        UsageError: Saying why there is none.
    """
    if work.questions:
        return work
    left_out = Counter(str(reason) for _, block in work.blocks for _, reason in block.left_out)
    why = "; ".join(f"{count:,} {reason}" for reason, count in left_out.items())
    if any(block.pairs for _, block in work.blocks):
        said = "all answers that could be compared say the same, so a judge would have nothing to tell apart"
    elif work.mode == "pairs" and all(len(section.temperatures) < 2 for section in work.sections):
        said = "pairs are of answers at different temperatures, and the run has one; grade them with --rubric TEXT"
    else:
        said = "no answer can be judged"
    raise UsageError(f"{said}{f' ({why})' if why else ''}")


def _cut(work: Work) -> int:
    return sum(question.was_cut for question in work.questions.values())


def _at(setting: Setting) -> str:
    """Return a word for a temperature that is not 0: what a judge says at another one is another measurement."""
    if setting.temperature is None:
        return " T=none"
    return f" T={setting.temperature:g}" if setting.temperature else ""


def _by(rubric: str | None) -> str:
    """Return a word for a rubric of the user's: scores by different ones are different measurements."""
    return "" if rubric is None else f" rubric-{hashlib.sha256(rubric.encode()).hexdigest()[:8]}"
