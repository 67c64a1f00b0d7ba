"""The decision in a few words: a verb and a number, to be set in the largest type."""

from tempkit.decision.prose.amounts import at, listed
from tempkit.decision.result import Decision
from tempkit.i18n import gettext as _

__all__ = ["alike", "compared", "others_ruled_out", "starting_point", "usable_pick", "verdict"]


def verdict(found: Decision) -> str:
    """Return which temperature to use."""
    chosen = usable_pick(found)
    if chosen is None:
        return _without_pick(found)
    pick = at(chosen)
    if any(note.code == "floor" for note in found.notes):
        return _("Check the expected answers first; use %(pick)s until then") % {"pick": pick}
    if found.arm is not None:  # whether to use it is a matter of comparing it with the others
        return _("One choice: %(settings)s") % {"settings": found.arm.settings}
    if found.variety is not None and found.variety.pick is not None:
        if found.variety.pick == found.pick:
            return _("Use %(pick)s for steady answers and for varied ones") % {"pick": pick}
        return _("Use %(steady)s for steady answers, %(varied)s for varied ones") % {
            "steady": pick,
            "varied": at(found.variety.pick),
        }
    same = alike(found)
    if len(same) > 1 and (found.grade == "shown" or found.effect == "does_not_matter"):
        grid = [row.temperature for row in found.temperatures]
        return _("Any of %(temperatures)s: we take %(pick)s") % {
            "temperatures": listed(same, grid),
            "pick": pick,
        }
    alone = len(compared(found)) < 2 and not others_ruled_out(found)
    if found.grade == "shown" and not alone:
        return _("Use %(pick)s") % {"pick": pick}
    if found.grade == "likely" or found.cliff is None or found.cliff <= chosen:
        return _("Use %(pick)s for now") % {"pick": pick}
    return _("Use %(pick)s for now, and stay below %(cliff)s") % {"pick": pick, "cliff": at(found.cliff)}


def usable_pick(found: Decision) -> float | None:
    """Return the pick, unless nothing speaks for it or a guard-rail speaks against it."""
    ruled_out = found.pick in found.placed("ruled_out")
    return None if found.grade == "none" or ruled_out else found.pick


def compared(found: Decision) -> tuple[float, ...]:
    """Return the temperatures that were compared with each other."""
    return found.placed("within", "open", "worse", "excluded")


def others_ruled_out(found: Decision) -> bool:
    """Return whether there is only one temperature left because guard-rails rule out all others."""
    out = found.placed("ruled_out")
    return len(compared(found)) == 1 and 0 < len(out) == len(found.temperatures) - 1


def alike(found: Decision) -> tuple[float, ...]:
    """Return the temperatures that are as good as the pick, itself included: nothing is shown to set them apart.

    Where the pick is shown, so are they: each guard-rail holds there.
    """
    if found.pick not in found.placed("within"):
        return ()
    return tuple(
        row.temperature
        for row in found.temperatures
        if row.place == "within"
        and row.inside_limits is not False
        and (found.grade != "shown" or _safe(found, row.temperature) or row.temperature == found.pick)
    )


def _safe(found: Decision, temperature: float) -> bool:
    return all(
        level.verdict == "holds"
        for guard in found.guardrails
        for level in guard.levels
        if level.temperature == temperature
    )


def starting_point(found: Decision) -> float | None:
    """Return where to start while there is nothing to go by: where others' results suggest, else at the pick; None: unknown.

    Neither counts where this run has ruled it out.
    """

    def possible(start: float) -> bool:
        below = found.cliff is None or start < found.cliff
        return below and (found.floor is None or start > found.floor)

    if found.arm is not None:  # it is at one temperature, whatever others found
        return None
    return next((each for each in (found.start, found.pick) if each is not None and possible(each)), None)


def _without_pick(found: Decision) -> str:
    codes = {note.code for note in found.notes}
    start = starting_point(found)
    if "all_ruled_out" in codes or found.pick in found.placed("ruled_out"):
        if found.pick is None:
            return _("Use none of those tried")
        return _("Use none of those tried; %(pick)s is the least bad") % {"pick": at(found.pick)}
    if start is None and found.cliff is not None:
        return _("Stay below %(cliff)s: not enough data to say more") % {"cliff": at(found.cliff)}
    if start is not None:
        return _("Not enough data: start at %(start)s") % {"start": at(start)}
    if "no_values" in codes:
        return _("No answer yet: nothing could be scored")
    return _("Not enough data yet")
