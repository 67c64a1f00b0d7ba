"""Whether use cases want different temperatures of one model: the question that folklore answers with yes."""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby

from tempkit.language import gettext as _
from tempkit.language import ngettext
from tempkit.usecases.result import Recommendation
from tempkit.usecases.words import listed

__all__ = ["between"]


def between(found: Sequence[Recommendation]) -> list[str]:
    """Return a sentence for each two use cases on one model, by what is shown and not by what leads."""
    by_model = groupby(sorted(found, key=lambda each: each.model), key=lambda each: each.model)
    return [
        sentence
        for model, group in by_model
        for one, other in combinations(group, 2)
        for sentence in _pair(model, one, other)
    ]


def _pair(model: str, one: Recommendation, other: Recommendation) -> Iterator[str]:
    grid = [level.temperature for level in one.levels]
    if not one.acceptable or not other.acceptable or grid != [level.temperature for level in other.levels]:
        return
    open_to = [(each.title, _possible(each)) for each in (one, other)]
    shared = [t for t in grid if all(t in possible for _title, possible in open_to)]
    alone = [
        ngettext(
            "%(temperatures)s remains possible for %(title)s alone",
            "%(temperatures)s remain possible for %(title)s alone",
            len(some),
        )
        % {"temperatures": listed(some, grid), "title": title}
        for title, possible in open_to
        if (some := [t for t in possible if t not in shared])
    ]
    parts = {"model": model, "one": one.title, "other": other.title, "alone": "; ".join(alone)}
    if not shared:
        yield _("On %(model)s, %(one)s and %(other)s want different temperatures: %(alone)s.") % parts
        return
    parts["shared"] = listed(shared, grid)
    if alone:
        yield (
            ngettext(
                "On %(model)s, %(one)s and %(other)s do not want quite the same: %(alone)s; %(shared)s remains possible for both.",
                "On %(model)s, %(one)s and %(other)s do not want quite the same: %(alone)s; %(shared)s remain possible for both.",
                len(shared),
            )
            % parts
        )
    else:
        yield (
            ngettext(
                "On %(model)s, nothing shows that %(one)s and %(other)s want different temperatures: %(shared)s remains possible "
                "for both.",
                "On %(model)s, nothing shows that %(one)s and %(other)s want different temperatures: %(shared)s remain possible "
                "for both.",
                len(shared),
            )
            % parts
        )


def _possible(each: Recommendation) -> list[float]:
    """Return the temperatures that nothing speaks against; that one could not be compared is no evidence against it."""
    return [
        level.temperature
        for level in each.levels
        if level.temperature in each.acceptable or level.place == "not measured"
    ]
