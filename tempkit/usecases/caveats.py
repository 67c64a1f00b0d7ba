"""What a reader must know before trusting a recommendation: what is missing from it, and what was not checked."""

from collections.abc import Mapping

from tempkit.compare.tables import Table
from tempkit.language import gettext as _
from tempkit.phrases import spoken
from tempkit.usecases.result import GuardResult, Recommendation
from tempkit.usecases.words import at, listed

__all__ = ["caveats", "without_values"]

_NOTABLE_MISSING = 0.1


def caveats(made: Recommendation, table: Table, items: int, reason: str | None) -> tuple[str, ...]:
    """Return what a reader must know before trusting the recommendation."""
    found = [] if reason is None else [_as_sentence(spoken(reason))]
    if len(table.items) < items:
        found.append(
            _("%(measure)s: taken of %(n)d of %(items)d items; it does not apply to the others.")
            % {"measure": made.measure_title, "n": len(table.items), "items": items}
        )
    for level in made.levels:
        whole = level.missing + level.samples
        if level.missing and level.missing / whole > _NOTABLE_MISSING:
            reasons = table.missing.get(level.temperature, {})
            if level.place == "not measured":
                form = _(
                    "At %(at)s, %(n)d of %(whole)d values are missing (most: %(reason)s); not compared for that."
                )
            else:
                form = _("At %(at)s, %(n)d of %(whole)d values are missing (most: %(reason)s).")
            found.append(
                form
                % {
                    "at": at(level.temperature),
                    "n": level.missing,
                    "whole": whole,
                    "reason": spoken(max(reasons, key=lambda each: reasons[each])),
                }
            )
    return (*found, *filter(None, map(_guard_caveat, made.guards)))


def _guard_caveat(guard: GuardResult) -> str:
    if not guard.levels:
        return _('Guard-rail "%(measure)s" was not checked: %(reason)s.') % {
            "measure": guard.title,
            "reason": spoken(guard.reason or ""),
        }
    unknown = [level.temperature for level in guard.levels if level.verdict == "unknown"]
    if not unknown:
        return ""
    return _('Guard-rail "%(measure)s": neither kept nor broken with confidence at %(where)s.') % {
        "measure": guard.title,
        "where": listed(unknown, [level.temperature for level in guard.levels]),
    }


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def without_values(reasons: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return why nothing is recommended: by primary measure, the most frequent reason for its missing values."""
    return tuple(
        _("Values of %(measure)s are missing, mostly: %(reason)s.")
        % {"measure": measure, "reason": spoken(reason)}
        for measure, reason in reasons.items()
        if reason
    )
