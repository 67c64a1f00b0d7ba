"""Further evidence and caveats, for whoever reads on: nothing here changes which temperature to use."""

from collections.abc import Iterator

from tempkit.decision.prose.amounts import at, difference, listed, span_of
from tempkit.decision.prose.caveats import FIRST, RISKS, noted
from tempkit.decision.prose.entropy import by_entropy
from tempkit.decision.prose.guard_rails import margin_to_cliff
from tempkit.decision.prose.scope import other_scope
from tempkit.decision.prose.terms import clause, margin, own_text, scored
from tempkit.decision.prose.verdict import usable_pick
from tempkit.decision.result import Decision
from tempkit.i18n import gettext as _
from tempkit.i18n import numeral
from tempkit.measures import titled

__all__ = ["more", "priors"]


def more(found: Decision) -> tuple[str, ...]:
    """Return further evidence and caveats, the closest to the pick first."""
    rest = [note.code for note in found.notes if note.code not in (*FIRST, *RISKS)]
    return tuple(
        sentence
        for sentence in (
            other_scope(found),
            margin_to_cliff(found),
            *_trend(found),
            *noted(found, tuple(dict.fromkeys(rest))),
            *_if_missing_were_worst(found),
            *_margin(found),
            *_confidence(found),
            *priors(found),
            *(() if found.turn is None else by_entropy(found.turn)),
        )
        if sentence
    )


def _trend(found: Decision) -> Iterator[str]:
    trend = found.trend
    if (
        trend is None
        or found.measure is None
        or trend.slope is None
        or trend.low is None
        or trend.high is None
    ):
        return
    parts = {
        "measure": titled(found.measure),
        "amount": difference(abs(trend.slope), found.unit),
    }
    if trend.low > 0:
        parts["interval"] = span_of(trend.low, trend.high, found.unit)
        yield (
            _(
                "%(measure)s: rises by about %(amount)s per unit of temperature (95 %% interval: %(interval)s)."
            )
            % parts
        )
    elif trend.high < 0:
        parts["interval"] = span_of(-trend.high, -trend.low, found.unit)
        yield (
            _(
                "%(measure)s: falls by about %(amount)s per unit of temperature (95 %% interval: %(interval)s)."
            )
            % parts
        )
    else:
        yield _("%(measure)s: no clear trend with temperature.") % parts


def _if_missing_were_worst(found: Decision) -> Iterator[str]:
    for row in found.temperatures:
        if row.temperature == found.pick and row.worst_mean is not None and row.missing:
            yield _("If every missing answer at %(t)s were the worst possible: %(score)s.") % {
                "t": at(row.temperature),
                "score": scored(found, row.worst_mean),
            }


def _margin(found: Decision) -> Iterator[str]:
    if found.measure is None:
        return
    primary = next((each for each in found.profile.primary if each.measure == found.measure), None)
    if primary is None or not primary.why or primary.margin != found.margin:
        yield _("Differences under %(margin)s are taken not to matter.") % {"margin": margin(found)}
    else:
        yield _("Differences under %(margin)s are taken not to matter: %(why)s.") % {
            "margin": margin(found),
            "why": clause(primary.why),
        }


def _confidence(found: Decision) -> Iterator[str]:
    if found.measure is None:
        return
    level = numeral(f"{found.level * 100:.3g}")
    if found.looks > 1:
        yield _(
            "All bounds hold together with %(level)s %% confidence; each of the %(looks)d looks at the data made them wider."
        ) % {"level": level, "looks": found.looks}
    else:
        yield _("All bounds hold together with %(level)s %% confidence.") % {"level": level}


def priors(found: Decision) -> Iterator[str]:
    """Return what others found, marked as no part of the decision."""
    told_already = found.profile.start if usable_pick(found) is None else None
    for prior in found.priors:
        if prior == told_already:
            continue
        parts = {"says": clause(prior.says), "source": own_text(prior.source)}
        if prior.temperatures:
            grid = sorted(set(prior.temperatures))
            yield _("From other studies (not used here), at %(t)s: %(says)s (%(source)s).") % {
                **parts,
                "t": listed(grid, grid),
            }
        else:
            yield _("From other studies (not used here): %(says)s (%(source)s).") % parts
