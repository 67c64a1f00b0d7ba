"""Beside the title of each fold of the method: the one fact that is asked for most, so that few need to open it."""

from dataclasses import fields

from tempkit.analysis import Comparison
from tempkit.report.method.run_summary import imported_from
from tempkit.report.tables.costs import duration
from tempkit.report.text.format_values import shown_value
from tempkit.report.text.text import count, first_of, ngettext
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import kind_word
from tempkit.types import SamplingParams

__all__ = ["fold_lines"]

_NEUTRAL = SamplingParams()
_NAMED = 4
"""How many parameters, or models, a line names before it counts the others."""
_VALUES = 3
_DIGEST = 12
"""How many digits of a model file's digest tell it from others."""


def fold_lines(comparison: Comparison, *, measures: int) -> dict[str, str]:
    """Return a line for each fold by its name: `design`, `parameters`, `models`, `logprobs`, `measures`, `versions`.

    Args:
        comparison: The run.
        measures: How many measures are defined.
    """
    return {
        "design": _design(comparison),
        "parameters": _parameters(comparison),
        "models": _models(comparison),
        "logprobs": _logprobs(comparison),
        "measures": ngettext(
            "%d measure: definition, unit, source and what is missing",
            "%d measures: definition, unit, source and what is missing",
            measures,
        )
        % measures,
        "versions": _versions(comparison),
    }


def _design(comparison: Comparison) -> str:
    run = comparison.run
    if (file := imported_from(comparison)) is not None:
        return _("imported from %s") % file
    parts = [
        _("%(answers)s of %(planned)s answers")
        % {"answers": count(comparison.completions), "planned": count(run.planned)}
    ]
    if run.finished_at is not None:
        parts.append(duration(run.finished_at - run.created_at))
    parts.append(_("seed %d") % comparison.plan.seed)
    return ", ".join(parts)


def _parameters(comparison: Comparison) -> str:
    """Return what was asked for besides the temperature and is not neutral; values only where prompts have few different ones."""
    plan = comparison.plan
    asked = [plan.sampling[prompt.name] for prompt in plan.prompts if prompt.name in plan.sampling]
    named = []
    for field in fields(SamplingParams):
        values = [*dict.fromkeys(shown_value(getattr(params, field.name)) for params in asked)]
        if not values or values == [shown_value(getattr(_NEUTRAL, field.name))]:
            continue
        form = _("%(name)s = %(value)s") if len(values) <= _VALUES else _("%(name)s: one for each prompt")
        named.append(form % {"name": field.name, "value": " / ".join(values)})
    return first_of(named, _NAMED) if named else _("all neutral")


def _models(comparison: Comparison) -> str:
    labels = [facts.spec.label for facts in comparison.models]
    info = comparison.models[0].info if len(labels) == 1 else None
    if info is not None and info.digest:
        kind, _colon, digits = info.digest.rpartition(":")
        return _("%(model)s, %(digest)s") % {
            "model": labels[0],
            "digest": f"{kind or 'sha256'} {digits[:_DIGEST]}…",
        }
    return ngettext("%(n)d model: %(names)s", "%(n)d models: %(names)s", len(labels)) % {
        "n": len(labels),
        "names": first_of(labels, _NAMED),
    }


def _logprobs(comparison: Comparison) -> str:
    kinds = dict.fromkeys(kind for facts in comparison.models for kind in facts.kinds)
    return ", ".join(kind_word(kind) for kind in kinds) or _("no answers")


def _versions(comparison: Comparison) -> str:
    run = comparison.run
    python = run.environment.get("python")
    if not isinstance(python, str):
        return _("tempkit %(version)s") % {"version": run.version}
    return _("tempkit %(version)s, Python %(python)s") % {"version": run.version, "python": python}
