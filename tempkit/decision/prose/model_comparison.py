"""Which model is better, each at its own best temperature: at most three sentences for a use case, whatever the number of models."""

from collections.abc import Iterator, Mapping, Sequence

from tempkit.decision.prose.amounts import at, bound, bounds, difference, joined
from tempkit.decision.prose.terms import margin, own_text
from tempkit.decision.result import Decision, Rival
from tempkit.i18n import gettext as _
from tempkit.types import Arm

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
        sentences = list(_about(leader, {each.model: each.arm for each in group}))
        if sentences and len(groups) > 1:
            title = own_text(leader.profile.title)
            sentences[0] = _("For %(use_case)s: %(sentence)s") % {
                "use_case": title,
                "sentence": sentences[0],
            }
        said += sentences
    return said


def _about(leader: Decision, arms: Mapping[str, Arm | None]) -> Iterator[str]:
    if leader.pick is None:
        return
    own = _named(leader.model, leader.pick, leader.arm)

    def others(of: Sequence[Rival]) -> list[str]:
        return [_named(each.model, each.pick, arms.get(each.model)) for each in of]

    worse = [each for each in leader.rivals if each.verdict == "better"]
    alike = [each for each in leader.rivals if each.verdict == "alike"]
    unknown = [each for each in leader.rivals if each.verdict in ("unknown", "worse")]
    if len(worse) == 1:
        rival = worse[0]
        yield _("%(own)s is better than %(other)s, by %(bounds)s, each at its own temperature.") % {
            "own": own,
            "other": others([rival])[0],
            "bounds": _by(leader, rival),
        }
    elif worse:
        least = min(each.low or 0.0 for each in worse)
        yield _("%(own)s is better than %(others)s, by at least %(least)s, each at its own temperature.") % {
            "own": own,
            "others": joined(others(worse)),
            "least": bound(least, leader.unit, least=True),
        }
    if alike:
        yield _("%(own)s is within %(margin)s of %(others)s.") % {
            "own": own,
            "margin": margin(leader),
            "others": joined(others(alike)),
        }
    if unknown:
        yield _("Whether %(own)s is better than %(others)s is not settled.") % {
            "own": own,
            "others": joined(others(unknown)),
        }


def _named(model: str, pick: float | None, arm: Arm | None) -> str:
    if arm is not None:
        said = (
            _("%(model)s as recommended (%(settings)s)")
            if arm.recommended
            else _("%(model)s with %(settings)s")
        )
        return said % {"model": arm.of, "settings": arm.settings}
    return model if pick is None else _("%(model)s at %(t)s") % {"model": model, "t": at(pick)}


def _by(leader: Decision, rival: Rival) -> str:
    if rival.low is None or rival.high is None:
        return difference(rival.difference, leader.unit)
    return bounds(rival.low, rival.high, leader.unit)
