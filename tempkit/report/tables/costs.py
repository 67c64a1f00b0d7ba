"""What a run took, in time, tokens and money, and how each model drew its tokens: needed to repeat it, or to decide not to."""

from datetime import timedelta

from tempkit.analysis import Comparison, ModelFacts
from tempkit.report.text.format_values import Pairs
from tempkit.report.text.text import count, moment, number
from tempkit.report.text.text import gettext as _
from tempkit.types import Plan, SamplingParams

__all__ = ["chain", "duration", "of_model", "of_run"]

_NEUTRAL = SamplingParams()


def of_run(comparison: Comparison) -> Pairs:
    """Return when the run was made and what it took in all."""
    run = comparison.run
    rows: Pairs = [(_("Started"), moment(run.created_at))]
    if run.finished_at is not None:
        rows.append((_("Finished"), moment(run.finished_at)))
        rows.append((_("From start to finish"), duration(run.finished_at - run.created_at)))
    spent = [facts.spent for facts in comparison.models]
    costed = sum(each.costed for each in spent)
    rows.append((_("Cost"), _cost(sum(each.cost_usd for each in spent), costed, comparison.completions)))
    return rows


def of_model(facts: ModelFacts) -> Pairs:
    """Return what a model's answers took, each sum with how many answers it is of."""
    spent, answers = facts.spent, facts.completions
    rows: Pairs = [(_("Cost"), _cost(spent.cost_usd, spent.costed, answers))]
    if spent.counted:
        rows.append(
            (
                _("Tokens"),
                _("%(in)s in, %(out)s out, of %(n)s answers")
                % {
                    "in": count(spent.input_tokens),
                    "out": count(spent.output_tokens),
                    "n": count(spent.counted),
                },
            )
        )
    if spent.latency_median_s is not None:
        rows.append(
            (
                _("Time for an answer"),
                _("half within %(median)s s, 95 %% within %(late)s s, of %(n)s answers")
                % {
                    "median": number(spent.latency_median_s),
                    "late": number(spent.latency_p95_s),
                    "n": count(spent.timed),
                },
            )
        )
    return rows


def chain(facts: ModelFacts, plan: Plan) -> str:
    """Say in which order a model's distribution is reshaped before a token is drawn, as far as that is known."""
    details = {} if facts.info is None else facts.info.details
    if sent := details.get("sent_neutral", {}).get("samplers"):
        return _("logits, %s, softmax, draw: the order that was sent") % ", ".join(map(str, sent))
    if facts.spec.backend != "gguf":
        return _("the provider's own: it does not say in which order it applies the parameters sent")
    if details.get("truncate_first"):
        order = _("logits, top_k, top_p, min_p, temperature, softmax, draw, as llama.cpp orders them")
    else:
        order = _("logits, temperature, softmax, top_k, top_p, min_p, draw")
    cut = ("top_k", "top_p", "min_p")
    used = [
        name
        for name in cut
        if any(
            getattr(plan.sampling_of(facts.spec.label, prompt), name) != getattr(_NEUTRAL, name)
            for prompt in plan.sampling
        )
    ]
    if used:
        return _("%(order)s; in this run %(names)s removed tokens") % {
            "order": order,
            "names": ", ".join(used),
        }
    return _("%s; in this run none of the three removes any token") % order


def _cost(usd: float, costed: int, answers: int) -> str:
    if not costed:
        return _("not known")
    sum_of = {"usd": number(usd, 4), "n": count(costed), "of": count(answers)}
    if costed < answers:
        return _("%(usd)s USD for %(n)s of %(of)s answers; that of the others is not known") % sum_of
    return _("%(usd)s USD for %(n)s answers") % sum_of


def duration(time: timedelta) -> str:
    """Return a length of time in words: `2 min 38 s`."""
    seconds = round(time.total_seconds())
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": count(hours), "minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds % 60}
    return _("%s s") % seconds
