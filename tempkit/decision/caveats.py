"""What a reader must know before trusting a pick, as codes: each is looked for here, and worded where it is shown."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from tempkit.analysis import ScoredSection, Table
from tempkit.decision.answerers import about_answerers
from tempkit.decision.profile import Primary
from tempkit.decision.result import GuardResult, Note, PolicyPick
from tempkit.decision.rule import Judgement
from tempkit.measures import known
from tempkit.statistics import MIN_ITEMS, Values
from tempkit.types import Reason

__all__ = ["notes"]

_NOTABLE_MISSING = 0.1


def notes(
    section: ScoredSection,
    primaries: Sequence[Primary],
    table: Table,
    values: Values,
    found: Judgement,
    guardrails: Sequence[GuardResult],
    policies: Sequence[PolicyPick],
    *,
    higher_is_better: bool,
) -> tuple[Note, ...]:
    """Return what must be known first, the most important first.

    Args:
        section: That was judged.
        primaries: The measures that might have decided.
        table: Of the measure that decided.
        values: Its values, as answers are used.
        found: The judgement in the scope that grades.
        guardrails: What came of each guard-rail.
        policies: What other ways to use answers would pick.
        higher_is_better: The measure's direction.
    """
    return (
        *([Note(code="temperature_ignored", data={})] if section.ignores_temperature else []),
        *(() if section.answerers is None else about_answerers(section.answerers)),
        *([] if section.ends is None else [Note(code="shutdown", data={"date": section.ends.isoformat()})]),
        *_about_values(section, primaries, table, values, found, higher_is_better=higher_is_better),
        *_about_guards(values, found, guardrails),
        *_about_the_grid(values, found),
        *(
            Note(code="policy_differs", data={"policy": each.policy, "pick": each.pick})
            for each in policies
            if each.pick is not None
            and found.pick is not None
            and each.pick != values.temperatures[found.pick]
        ),
    )


def _about_values(
    section: ScoredSection,
    primaries: Sequence[Primary],
    table: Table,
    values: Values,
    found: Judgement,
    *,
    higher_is_better: bool,
) -> Iterator[Note]:
    if not values.counts.any():
        reasons = {each.measure: section.why_missing(each.measure) for each in primaries}
        # What was measured of answers is no stand-in; scores from elsewhere may be what their owner goes by.
        others = sorted({each.measure for each in section.tables if each.count and each.imported})
        yield Note(code="no_values", data={"reasons": reasons, "others": others})
        return
    known = values.array[values.present]
    # Of what answers come to when they are used in another way, the range is that of the answers.
    low, high = table.values.low, table.values.high
    worst, best = (low, high) if higher_is_better else (high, low)
    if worst is not None and (known == worst).all():
        yield Note(code="floor", data={"value": worst})
    elif best is not None and (known == best).all():
        yield Note(code="ceiling", data={"value": best})
    yield from _unscored(table.values, found)
    yield from _stand_in(section, primaries, table)
    items = int((values.counts > 0).any(axis=1).sum())
    if items < MIN_ITEMS:
        yield Note(code="few_items", data={"n": items, "least": MIN_ITEMS})
    if found.scope == "these_items" and (values.counts <= 1).all():
        yield Note(code="no_noise_estimate", data={"replicates": 1})
    if len(found.compared) == 1:
        yield Note(code="one_temperature", data={"temperature": values.temperatures[found.compared[0]]})
    total = sum(len(prompt.items) for prompt in section.prompts)
    if len(table.items) < total:
        yield Note(code="not_applicable", data={"n": len(table.items), "items": total})


def _unscored(values: Values, found: Judgement) -> Iterator[Note]:
    """More than a tenth of the values that were to be taken are missing, where no guard-rail rules the temperature out."""
    columns = [column for column in range(len(values.temperatures)) if column not in found.ruled_out]
    reasons: Counter[Reason] = Counter()
    for column in columns:
        reasons.update(values.missing[column])
    missing, there = reasons.total(), int(values.counts[:, columns].sum())
    if missing <= _NOTABLE_MISSING * (missing + there):
        return
    reason = max(reasons, key=lambda each: reasons[each], default=Reason("unknown"))
    shares = values.share_missing()
    worst = max(columns, key=lambda column: shares[column] or 0.0)
    yield Note(
        code="unscored",
        data={
            "missing": missing,
            "whole": missing + there,
            "share": missing / (missing + there),
            "reason": reason,
            "truncated": reason == Reason("token_limit"),
            "worst": values.temperatures[worst],
            "worst_share": shares[worst],
        },
    )


def _stand_in(section: ScoredSection, primaries: Sequence[Primary], used: Table) -> Iterator[Note]:
    """Facts or checks that were given come before what decides, and too few answers have a value of them to go by."""
    before = itertools.takewhile(lambda each: each.measure != used.measure, primaries)
    for measure in (each.measure for each in before):
        about = known(measure)
        if about is None or not about.needs & {"facts", "checks"}:
            continue
        tables = [table for table in section.tables if table.measure == measure]
        reasons = Counter[Reason]()
        for by_reason in (each for table in tables for each in table.values.missing):
            reasons.update(by_reason)
        if not reasons:
            continue
        (reason, _), whole = reasons.most_common(1)[0], reasons.total() + sum(table.count for table in tables)
        data = {
            "measure": measure,
            "used": used.measure,
            "missing": reasons.total(),
            "whole": whole,
            "share": reasons.total() / whole,
            "reason": reason,
            "truncated": reason == Reason("token_limit"),
        }
        yield Note(code="stand_in", data=data)
        return


def _about_guards(values: Values, found: Judgement, guardrails: Sequence[GuardResult]) -> Iterator[Note]:
    pick = found.pick
    if pick is None:
        return
    if pick in found.ruled_out:
        measures = [each.measure for each in guardrails if values.temperatures[pick] in each.ruled_out]
        yield Note(code="all_ruled_out", data={"measures": measures})
    for guard in guardrails:
        if not guard.levels:
            yield Note(code="guard_unmeasured", data={"measure": guard.measure, "reason": guard.reason})
            continue
        level = guard.levels[pick]
        if level.mean is None:
            yield Note(
                code="guard_unmeasured",
                data={"measure": guard.measure, "reason": guard.reason or Reason("unknown")},
            )
        elif not level.inside:
            if pick not in found.ruled_out:
                data = {"measure": guard.measure, "mean": level.mean, "limit": guard.limit}
                yield Note(code="outside_limits", data=data)
        elif level.verdict != "holds":
            data = {
                "measure": guard.measure,
                "high": level.high if guard.worse == "above" else level.low,
                "limit": guard.limit,
                "n": level.n,
                "seen": level.mean != (0 if guard.worse == "above" else 1),
            }
            yield Note(code="guard_open", data=data)


def _about_the_grid(values: Values, found: Judgement) -> Iterator[Note]:
    pick = found.pick
    if pick is None or len(values.temperatures) < 2 or found.effect == "does_not_matter":
        return
    temperature = values.temperatures[pick]
    if len(found.compared) < 2 or not np.nan_to_num(found.mean).max() > 0:
        return
    if pick == len(values.temperatures) - 1:
        yield Note(code="edge_high", data={"temperature": temperature})
    elif pick == 0 and temperature > 0:
        yield Note(code="edge_low", data={"temperature": temperature})
