"""Whether the answers are those of the model that a decision is about, as codes; and how well a decision can be shown where they are not."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tempkit.decision.result import Grade, Note
from tempkit.errors import one_line
from tempkit.running import Answerers
from tempkit.statistics import goes_with

__all__ = ["about_answerers", "highest_grade", "part_of"]

_TOLERATED = 0.05
"""The share of answers by another model from which a decision is not shown any more."""
_NAMED = 3
_LONGEST = 60
"""Characters of a name that somebody else's server gave."""


def about_answerers(seen: Answerers) -> Iterator[Note]:
    """Yield what must be known of who answered.

    Raises:
        UsageError: The user's own table of models cannot be used.
    """
    others = sorted(seen.others().items(), key=lambda each: -each[1].total())
    if others:
        n = sum(by.total() for _name, by in others)
        yield Note(
            code="another_model",
            data={
                "asked": _shown(str(seen.model.options.get("family") or seen.model.name)),
                "names": [_shown(name) for name, _by in others[:_NAMED]],
                "more": max(0, len(others) - _NAMED),
                "n": n,
                "whole": seen.whole,
                "share": n / seen.whole,
                "ignoring": [
                    _shown(name)
                    for name, by in others[:_NAMED]
                    if any(seen.stands(name).without(temperature) for temperature in by)
                ],
            },
        )
    if seen.changed is not None:
        states = sorted(seen.states().items(), key=lambda each: -each[1].total())
        yield Note(
            code="changed_with_temperature" if _goes_with_temperature(states) else "changed_in_run",
            data={
                "by": seen.changed,
                "by_address": seen.by_address,
                "parts": [part_of(name, by) for name, by in states[:_NAMED]],
                "more": max(0, len(states) - _NAMED),
            },
        )


def highest_grade(notes: Sequence[Note]) -> Grade:
    """Return the best grade that a decision can have with these notes.

    Of a mix of models nothing is shown; where another name answered at other temperatures, no probability can be named either.
    """
    codes = {note.code: note.data for note in notes}
    confounded = codes.get("changed_with_temperature")
    if confounded is not None and confounded["by"] == "name":
        return "guess"
    another = codes.get("another_model")
    if confounded is not None or (another is not None and another["share"] > _TOLERATED):
        return "likely"
    return "shown"


def _goes_with_temperature(states: Sequence[tuple[str, Counter[float]]]) -> bool:
    temperatures = sorted({temperature for _name, by in states for temperature in by})
    return goes_with([[by[temperature] for temperature in temperatures] for _name, by in states])


def part_of(name: str, by: Mapping[float, int]) -> dict[str, Any]:
    """Return how many answers were made under a name, and at which temperatures, as a note has it."""
    return {
        "name": _shown(name),
        "n": sum(by.values()),
        "temperatures": [{"temperature": t, "n": n} for t, n in sorted(by.items()) if n],
    }


def _shown(name: str) -> str:
    return one_line(name, _LONGEST)
