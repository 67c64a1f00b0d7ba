"""What must be known before trusting a pick: a sentence for each code of a note."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tempkit.decision.prose.amounts import amount, at, difference, joined, percent, questions
from tempkit.decision.prose.answerers import (
    another_model,
    changed_in_run,
    changed_with_temperature,
    shutdown,
)
from tempkit.decision.prose.terms import (
    grade_word,
    inside,
    kept,
    limit_of,
    more_or_less,
    scored,
    unit_of,
    violation,
)
from tempkit.decision.prose.verdict import others_ruled_out
from tempkit.decision.result import Decision, GuardResult, Note, NoteCode
from tempkit.i18n import gettext as _
from tempkit.i18n import ngettext, said
from tempkit.measures import titled
from tempkit.types import Reason

__all__ = ["FIRST", "RISKS", "noted"]

FIRST: tuple[NoteCode, ...] = (
    "no_values",
    "all_ruled_out",
    "temperature_ignored",
    "another_model",
    "changed_with_temperature",
    "floor",
    "ceiling",
    "unscored",
    "stand_in",
    "few_items",
    "one_temperature",
    "outside_limits",
    "edge_high",
    "edge_low",
)
"""Said before any pick, in this order."""

RISKS: tuple[NoteCode, ...] = (
    "changed_in_run",
    "shutdown",
    "guard_unmeasured",
    "guard_open",
    "no_noise_estimate",
    "policy_differs",
)
"""Said with what the pick could cost. Any other code is for whoever reads on."""


def noted(found: Decision, codes: Sequence[NoteCode]) -> Iterator[str]:
    """Return the sentences of the notes of some codes, in the order of `codes`."""
    for code in codes:
        several = [note for note in found.notes if note.code == code]
        if code == "guard_open" and several:
            yield _open_guards(found, several)
        else:
            for note in several:
                yield _sentence(found, note.code, note.data)


def _sentence(found: Decision, code: NoteCode, data: Mapping[str, Any]) -> str:
    match code:
        case "no_values":
            return _no_values(data["reasons"], data["others"])
        case "all_ruled_out":
            if not data["measures"]:
                return _("Every temperature tried is ruled out by a guard-rail.")
            return _("Every temperature tried is ruled out by a guard-rail: %(measures)s.") % {
                "measures": joined([inside(titled(measure)) for measure in data["measures"]])
            }
        case "temperature_ignored":
            return _("This model seems to ignore the temperature: its answers do not change with it.")
        case "another_model":
            return another_model(data)
        case "changed_with_temperature":
            return changed_with_temperature(data)
        case "changed_in_run":
            return changed_in_run(data)
        case "shutdown":
            return shutdown(data["date"])
        case "floor":
            return _(
                "Every temperature gets %(value)s: the expected answers or the prompt may not fit, and nothing tells the "
                "temperatures apart."
            ) % {"value": scored(found, data["value"])}
        case "ceiling":
            return _(
                "Every temperature gets %(value)s: these questions are too easy to tell temperatures apart."
            ) % {"value": scored(found, data["value"])}
        case "unscored":
            return _unscored(data)
        case "stand_in":
            return _stand_in(data)
        case "few_items" if found.imported is not None:
            return ngettext(
                "There is only %(n)d question; from fewer than %(least)d nothing can be concluded about others like it.",
                "There are only %(n)d questions; from fewer than %(least)d nothing can be concluded about others like them.",
                data["n"],
            ) % {"n": data["n"], "least": data["least"]}
        case "few_items":
            return ngettext(
                "Only %(n)d question was asked; from fewer than %(least)d nothing can be concluded about others like it.",
                "Only %(n)d questions were asked; from fewer than %(least)d nothing can be concluded about others like them.",
                data["n"],
            ) % {"n": data["n"], "least": data["least"]}
        case "one_temperature":
            parts = {"t": at(data["temperature"])}
            if found.arm is not None:
                return _(
                    "This is one choice beside the temperatures of %(model)s; which is better, the comparison of models says."
                ) % {"model": found.arm.of}
            if others_ruled_out(found):
                return _("%(t)s is the only temperature tried that no guard-rail rules out.") % parts
            return _("Only %(t)s could be judged, so there is nothing to compare it with.") % parts
        case "outside_limits":
            return _outside_limits(found, data)
        case "guard_unmeasured":
            return _("%(measure)s: %(reason)s, so whether it stays inside its limit is unknown.") % {
                "measure": titled(data["measure"]),
                "reason": _reason(data["reason"]),
            }
        case "guard_open":
            return _open_guards(found, [Note(code="guard_open", data=data)])
        case "edge_high":
            return _("%(t)s is the highest temperature tried: a higher one may be better.") % {
                "t": at(data["temperature"])
            }
        case "edge_low":
            return _("%(t)s is the lowest temperature tried: a lower one may be better.") % {
                "t": at(data["temperature"])
            }
        case "not_applicable":
            return _("%(measure)s: scored for %(n)d of %(questions)s; it does not apply to the others.") % {
                "measure": titled(found.measure or ""),
                "n": data["n"],
                "questions": questions(data["items"]),
            }
        case "no_noise_estimate":
            return ngettext(
                "With %(n)d answer to each question, chance cannot be told from how questions differ: more answers to each would "
                "narrow the bounds.",
                "With %(n)d answers to each question, chance cannot be told from how questions differ: more answers to each would "
                "narrow the bounds.",
                data["replicates"],
            ) % {"n": data["replicates"]}
        case "policy_differs":
            return _policy(found, data)


def _reason(reason: Reason | None) -> str:
    return _("the reason is not known") if reason is None or not str(reason) else said(reason).rstrip(".")


def _no_values(reasons: Mapping[str, Reason | None], others: Sequence[str]) -> str:
    if others:
        measures = joined([inside(titled(measure)) for measure in others])
        return _("There are scores of %(measures)s, and none of what this use case goes by.") % {
            "measures": measures
        }
    shown = "; ".join(
        _("%(measure)s: %(reason)s") % {"measure": titled(measure), "reason": _reason(reason)}
        for measure, reason in reasons.items()
        if reason
    )
    if not shown:
        return _("No answer could be scored.")
    return _("No answer could be scored (%(reasons)s).") % {"reasons": shown}


def _unscored(data: Mapping[str, Any]) -> str:
    parts = {
        "share": percent(data["share"]),
        "missing": data["missing"],
        "whole": data["whole"],
        "worst": at(data["worst"]),
        "worst_share": percent(data["worst_share"]),
        "reason": _reason(data["reason"]),
    }
    if data["truncated"]:
        return (
            _(
                "%(missing)d of %(whole)d answers could not be scored because they were truncated (%(worst_share)s at "
                "%(worst)s): those that are left may not be typical."
            )
            % parts
        )
    return (
        _(
            "%(missing)d of %(whole)d answers could not be scored (%(worst_share)s at %(worst)s; main reason: %(reason)s): "
            "those that are left may not be typical."
        )
        % parts
    )


def _stand_in(data: Mapping[str, Any]) -> str:
    parts = {
        "measure": titled(data["measure"]),
        "used": inside(titled(data["used"])),
        "missing": data["missing"],
        "whole": data["whole"],
        "reason": _reason(data["reason"]),
    }
    if data["truncated"]:
        return (
            _(
                "%(measure)s could not be used: %(missing)d of %(whole)d answers have no value because they were truncated. "
                "This goes by %(used)s instead."
            )
            % parts
        )
    return (
        _(
            "%(measure)s could not be used: %(missing)d of %(whole)d answers have no value (main reason: %(reason)s). This goes "
            "by %(used)s instead."
        )
        % parts
    )


def _guard(found: Decision, measure: str) -> GuardResult | None:
    return next((guard for guard in found.guardrails if guard.measure == measure), None)


def _outside_limits(found: Decision, data: Mapping[str, Any]) -> str:
    guard = _guard(found, data["measure"])
    unit = unit_of(found, data["measure"])
    relative = guard is not None and guard.relative
    if relative:
        seen = _("%(measure)s: %(amount)s") % {
            "measure": inside(titled(data["measure"])),
            "amount": difference(data["mean"], unit),
        }
    else:
        seen = violation(data["measure"], data["mean"], unit)
    if found.pick is None:
        return _("No temperature tried keeps every limit: %(seen)s (limit: %(limit)s).") % {
            "seen": seen,
            "limit": limit_of(data["limit"], unit, relative=relative),
        }
    return _("No temperature tried keeps every limit: at %(t)s, %(seen)s (limit: %(limit)s).") % {
        "t": at(found.pick),
        "seen": seen,
        "limit": limit_of(data["limit"], unit, relative=relative),
    }


def _open_guards(found: Decision, notes: Sequence[Note]) -> str:
    """Return one sentence for all guard-rails of which too little is known: a line each would drown the rest."""
    said = [_open_guard(found, note.data) for note in notes]
    return _("Too few answers to be sure of these limits: %(limits)s.") % {"limits": joined(said)}


def _open_guard(found: Decision, data: Mapping[str, Any]) -> str:
    guard = _guard(found, data["measure"])
    unit, relative = unit_of(found, data["measure"]), guard is not None and guard.relative
    parts = {
        "measure": inside(titled(data["measure"])),
        "limit": limit_of(data["limit"], unit, relative=relative),
    }
    if data["high"] is None:
        return _("%(measure)s (limit: %(limit)s)") % parts
    end = data["high"]
    parts["end"] = more_or_less(end, difference(abs(end), unit)) if relative else amount(end, unit)
    if guard is not None and guard.worse == "below":
        return _("%(measure)s (limit: %(limit)s; %(end)s is possible)") % parts
    if data["seen"] or relative:
        return _("%(measure)s (limit: %(limit)s; up to %(end)s possible)") % parts
    return _("%(measure)s (limit: %(limit)s; none seen, up to %(end)s possible)") % parts


def _policy(found: Decision, data: Mapping[str, Any]) -> str:
    parts = {"how": kept(data["policy"])}
    if data["pick"] is None:
        return _("No temperature can be named %(how)s.") % parts
    grade = next((each.grade for each in found.policies if each.policy == data["policy"]), None)
    parts["pick"] = at(data["pick"])
    if grade is None:
        return _("Use %(pick)s %(how)s.") % parts
    return _("Use %(pick)s %(how)s (%(grade)s).") % {**parts, "grade": grade_word(grade)}
