"""Which model is better, each at its own best temperature: at most three sentences for a use case, whatever the number of models."""

from collections.abc import Iterator, Sequence

from tempkit.decision.prose.amounts import at, bound, bounds, difference, joined
from tempkit.decision.prose.terms import margin, own_text
from tempkit.decision.result import Decision, Rival
from tempkit.i18n import gettext as _

__all__ = ["between_models"]


def between_models(found: Sequence[Decision]) -> list[str]:
    """Return for each use case on several models how the leading one compares to the others."""
    groups: dict[tuple[str, str], list[Decision]] = {}
    for each in found:
        groups.setdefault((each.use_case, each.section), []).append(each)
    said = []
    for group in groups.values():
        # The leader is ahead of every other by the means; of two that are equal the first.
        leader = max(group, key=lambda each: min((rival.difference for rival in each.rivals), default=0.0))
        sentences = list(_about(leader))
        if sentences and len(groups) > 1:
            title = own_text(leader.profile.title)
            sentences[0] = _("For %(use_case)s: %(sentence)s") % {
                "use_case": title,
                "sentence": sentences[0],
            }
        said += sentences
    return said


def _about(leader: Decision) -> Iterator[str]:
    if leader.pick is None:
        return
    own = _named(leader.model, leader.pick)
    worse = [each for each in leader.rivals if each.verdict == "better"]
    alike = [each for each in leader.rivals if each.verdict == "alike"]
    unknown = [each for each in leader.rivals if each.verdict in ("unknown", "worse")]
    if len(worse) == 1:
        rival = worse[0]
        yield _("%(own)s is better than %(other)s, by %(bounds)s, each at its own temperature.") % {
            "own": own,
            "other": _of(rival),
            "bounds": _by(leader, rival),
        }
    elif worse:
        least = min(each.low or 0.0 for each in worse)
        yield _("%(own)s is better than %(others)s, by at least %(least)s, each at its own temperature.") % {
            "own": own,
            "others": joined([_of(each) for each in worse]),
            "least": bound(least, leader.unit, least=True),
        }
    if alike:
        yield _("%(own)s is within %(margin)s of %(others)s.") % {
            "own": own,
            "margin": margin(leader),
            "others": joined([_of(each) for each in alike]),
        }
    if unknown:
        yield _("Whether %(own)s is better than %(others)s is not settled.") % {
            "own": own,
            "others": joined([_of(each) for each in unknown]),
        }


def _of(rival: Rival) -> str:
    return rival.model if rival.pick is None else _named(rival.model, rival.pick)


def _named(model: str, pick: float) -> str:
    return _("%(model)s at %(t)s") % {"model": model, "t": at(pick)}


def _by(leader: Decision, rival: Rival) -> str:
    if rival.low is None or rival.high is None:
        return difference(rival.difference, leader.unit)
    return bounds(rival.low, rival.high, leader.unit)
