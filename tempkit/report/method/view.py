"""What a reader needs to judge the report, or to repeat the run: parameters, seeds, models, definitions, caveats.

Everything is stated as data (labels with values), so that the template only lays it out. Caveats are those of this run:
one that does not apply is noise, and teaches readers to skip the list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from tempkit.analysis import Comparison, ModelFacts, ScoredSection
from tempkit.decision import answers_of, of_answerers
from tempkit.measures import Measure
from tempkit.report.method.fold_lines import fold_lines
from tempkit.report.method.run_summary import imported_from, per_question, scores_only
from tempkit.report.method.server_defaults import RECORDED, doubts, neutral_rows
from tempkit.report.tables.costs import chain, of_model, of_run
from tempkit.report.tables.missing_values import left_out, not_taken
from tempkit.report.text.format_values import Pairs, flat, several, shown_value
from tempkit.report.text.measure_words import defined
from tempkit.report.text.sentences import at
from tempkit.report.text.text import count, enumerated, ngettext, temperature
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import kind_word, run_status
from tempkit.running import shutdown_date
from tempkit.types import SHAPING, LogprobKind, Plan, Prompt, SamplingParams

__all__ = ["explained", "method"]

_NEUTRAL = SamplingParams()
_ANSWERERS = 20
"""Different names, or fingerprints, of one model's answers that are listed."""


def method(
    comparison: Comparison, scored: Sequence[ScoredSection], measures: list[Measure]
) -> dict[str, Any]:
    """Return the Method section as JSON-able data."""
    plan, run, imported = comparison.plan, comparison.run, imported_from(comparison) is not None
    kinds = sorted({kind for facts in comparison.models for kind in facts.kinds})
    return {
        "design": [
            (_("Temperatures"), enumerated([temperature(t) for t in plan.temperatures])),
            *([] if scores_only(comparison) else _answered(comparison, scored)),
        ],
        "seeds": ""
        if imported
        else _(
            "Each sample has its own seed, derived from the run's seed, the question, the model and the sample's number, and "
            "not from the temperature. Where a model honours seeds, sample 3 of a question draws the same random numbers at "
            "every temperature. The token view shows each answer's seed."
        ),
        "prompts": [prompt.name for prompt in plan.prompts],
        "parameters": []
        if imported
        else [
            (field.name, [shown_value(getattr(plan.sampling[p.name], field.name)) for p in plan.prompts])
            for field in fields(SamplingParams)
            if all(p.name in plan.sampling for p in plan.prompts)
        ],
        "suggested": [_suggested(prompt) for prompt in plan.prompts],
        "models": [_model(facts, plan) for facts in comparison.models],
        "kinds": [explained(kind) for kind in kinds],
        "measures": [
            {
                **defined(m),
                "left_out": left_out(m.name, scored),
            }
            for m in measures
        ],
        "not_taken": not_taken(scored),
        "versions": [
            ("tempkit", run.version),
            *flat(run.environment),
            (_("Run"), f"{run.name} ({run.id})"),
            (_("Status"), run_status(run.status)),
        ],
        "caveats": list(_caveats(comparison)),
        "folds": fold_lines(comparison, measures=len(measures)),
    }


def _answered(comparison: Comparison, scored: Sequence[ScoredSection]) -> Pairs:
    """Return what was asked for and what came of it; of an import, what its file holds."""
    plan, each = (
        comparison.plan,
        (_("Of each question, at each temperature"), per_question(comparison, scored)),
    )
    if imported_from(comparison) is not None:
        came = [(_("Answers"), count(comparison.completions)), (_("Failed"), count(comparison.failed))]
        return [each, *came, *of_run(comparison)]
    return [
        each,
        (_("Run seed"), str(plan.seed)),
        (_("Answers planned"), count(comparison.run.planned)),
        (_("Answers"), count(comparison.completions)),
        (_("Failed"), count(comparison.failed)),
        (_("Not run"), count(comparison.pending)),
        (_("Succeeded on a retry"), count(comparison.recovered)),
        *of_run(comparison),
    ]


def explained(kind: LogprobKind) -> str:
    """Say what a logprob of this kind is of, and what it can be compared with."""
    match kind:
        case "raw":
            return _(
                "raw: the model's own log-probabilities, before temperature and before any cut of the distribution. They "
                "mean the same at every temperature, so they can be compared across temperatures."
            )
        case "tempered":
            return _(
                "tempered: log-probabilities after temperature was applied. The scale itself moves with the temperature: a "
                "higher one flattens the distribution even where the text is the same."
            )
        case "unknown":
            return _(
                "unknown: the provider does not say whether temperature is in its log-probabilities. Read their curve as "
                "this provider's number, and do not compare it with another one's."
            )
        case "none":
            return _("none: no log-probabilities were returned.")


def _suggested(prompt: Prompt) -> str:
    name = prompt.path or prompt.name
    if prompt.suggested_temperature is None:
        return _("%s names no temperature of its own.") % name
    return _("%(name)s names %(t)s for itself; the run's temperatures were used in its place.") % {
        "name": name,
        "t": at(prompt.suggested_temperature),
    }


def _model(facts: ModelFacts, plan: Plan) -> dict[str, Any]:
    spec, info = facts.spec, facts.info
    rows: Pairs = [(_("Model"), spec.id)]
    if (arm := plan.arms.get(spec.label)) is not None:
        rows.append((_("Tried with"), arm.settings))
        if arm.recommended:
            rows.append((_("Recommended by"), arm.source))
        if arm.left_out:
            rows.append((_("Recommended too, and not set"), ", ".join(arm.left_out)))
    found = {} if info is None else info.details
    # An option that was found again when the model was reached is told once, as it was found.
    rows += [
        (name, shown_value(value)) for name, value in flat(spec.options) if name not in dict(flat(found))
    ]
    if info is None:
        rows.append((_("Facts"), _("none were recorded")))
    else:
        rows.append((_("Digest"), info.digest or _("none: there is no file to digest")))
        rows += flat({name: value for name, value in info.details.items() if name not in RECORDED})
        rows += neutral_rows(info.details)
    rows += _answered_as(facts)
    kinds = ", ".join(f"{kind_word(kind)} ({count(n)})" for kind, n in facts.kinds.items())
    rows.append((_("Log-probability kind (answers)"), kinds or _("no answers")))
    rows += [(_("Sampler chain"), chain(facts, plan)), *of_model(facts)]
    sent: Pairs = [(name, several(values)) for name, values in facts.sent.items()]
    return {"label": spec.label, "facts": rows, "sent": sent}


def _answered_as(facts: ModelFacts) -> Pairs:
    """Return who answered; where that changed, how many answers each made at which temperatures."""
    seen = facts.answerers
    rows: Pairs = []
    for title, found, several_of in (
        (_("Answered as"), seen.names(), seen.changed == "name"),
        (_("Fingerprint"), seen.fingerprints(), seen.changed is not None and len(seen.fingerprints()) > 1),
    ):
        if several_of:
            rows += [(title, answers_of(name, by)) for name, by in [*found.items()][:_ANSWERERS]]
            if rest := found.keys() - [*found][:_ANSWERERS]:
                rows.append(
                    (title, ngettext("%(n)s other", "%(n)s others", len(rest)) % {"n": count(len(rest))})
                )
        elif found:
            rows.append((title, ", ".join([*found][:_ANSWERERS])))
    if at := seen.addresses():
        rows += [(_("Answered at"), answers_of(name, by)) for name, by in sorted(at.items())[:_ANSWERERS]]
        if (more := len(at) - _ANSWERERS) > 0:
            rows.append(
                (_("Answered at"), ngettext("%(n)s other", "%(n)s others", more) % {"n": count(more)})
            )
    return rows


def _caveats(comparison: Comparison) -> Iterator[str]:
    plan = comparison.plan
    yield _(
        "What is shown holds for questions of this kind. Intervals are over questions: they say how far other questions of the same kind "
        "may differ, and nothing about other kinds."
    )
    for prompt in plan.prompts:
        params = plan.sampling.get(prompt.name, _NEUTRAL)
        shaping = [name for name in SHAPING if getattr(params, name) != getattr(_NEUTRAL, name)]
        if shaping:
            yield _(
                "%(prompt)s: %(names)s also reshape the distribution, so temperature does not act alone."
            ) % {
                "prompt": prompt.name,
                "names": enumerated([f"{name} = {shown_value(getattr(params, name))}" for name in shaping]),
            }
    for label, arm in plan.arms.items():
        yield _("%(label)s: asked with %(settings)s, where the others were asked as their prompts say.") % {
            "label": label,
            "settings": arm.settings,
        }
    for facts in comparison.models:
        if facts.info is not None and facts.info.details.get("temperature") == "ignored":
            yield (
                _(
                    "%s is known to ignore the temperature: its answers differ by chance alone, whatever temperature stands "
                    "beside them."
                )
                % facts.spec.label
            )
        if facts.info is not None:
            yield from doubts(facts.spec.label, facts.info.details, facts.sent)
        if facts.altered:
            yield ngettext(
                "%(model)s: %(n)s answer was made at another temperature than asked for, or with none sent.",
                "%(model)s: %(n)s answers were made at another temperature than asked for, or with none sent.",
                facts.altered,
            ) % {"model": facts.spec.label, "n": count(facts.altered)}
        if len(facts.kinds) > 1:
            yield (
                _(
                    "%s returned log-probabilities of several kinds. They are never averaged together: each kind has its own "
                    "curve and column."
                )
                % facts.spec.label
            )
        for said in of_answerers(facts.answerers):
            yield _("%(label)s: %(said)s") % {"label": facts.spec.label, "said": said}
        if (ends := shutdown_date(facts.info)) is not None:
            yield _("%(model)s: its provider switches it off on %(date)s.") % {
                "model": facts.spec.label,
                "date": ends.isoformat(),
            }
    if len({facts.spec.backend for facts in comparison.models}) > 1:
        yield _(
            "Two providers' T = 0 need not be the same thing: one may take the top token, another a tiny temperature."
        )
    levels = [level for section in comparison.sections for level in section.levels]
    if any(level.truncated or level.filtered or level.unclear for level in levels):
        yield _(
            "Some answers were truncated, or may have been. They are left out of measures that need a complete text; where many are missing, "
            "those that remain are the short ones."
        )
    cells = [cell for section in comparison.sections for row in section.rows for cell in row.cells]
    if not scores_only(comparison) and any(cell.n != cell.planned for cell in cells):
        yield _(
            "Some questions have fewer answers at one temperature than at another, and the share of distinct answers depends on their number."
        )
