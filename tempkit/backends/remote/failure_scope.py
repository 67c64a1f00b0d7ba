"""What several refusals tell together that one alone does not: that it is the item, the temperature, or the model.

A temperature is refused when the same items are answered at others; an item is refused when it never fares otherwise; and a
model refuses everything when different items at different temperatures are refused alike and nothing was ever answered.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from tempkit.backends.remote.adapter_types import RequestError
from tempkit.errors import one_line

__all__ = ["Evidence", "Place"]

_SURE = 4
"""Refusals of an item that the server itself says are the item's, before its other samples are left unsent."""
_ODD = 4
"""Refusals at a temperature at which nothing is answered, while items refused there are answered at others."""
_REFUSALS = 25
"""Refusals, before there was any answer, that make further ones useless."""
_ITEMS = 3
"""Different items among these, for them to be the model's."""
_CONFIRMED = 3
"""Refusals that would be of the whole model, in a row, of one that has answered before."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which request it was."""

    item: str
    temperature: float

    def __str__(self) -> str:
        return f"item {self.item!r} at temperature {self.temperature:g}"


@dataclass(slots=True)
class _Alike:
    """Refusals of one kind."""

    count: int = 0
    items: set[str] = field(default_factory=set)
    temperatures: set[float] = field(default_factory=set)


class Evidence:
    """What is known of one model's refusals."""

    def __init__(self) -> None:
        self._answered: set[Place] = set()
        self._items: set[str] = set()
        """Those that were ever answered; likewise the temperatures."""
        self._temperatures: set[float] = set()
        self._tried: set[float] = set()
        self._sure: dict[str, int] = defaultdict(int)
        self._of_item: dict[str, int] = defaultdict(int)
        self._at: dict[float, list[str]] = defaultdict(list)
        """By temperature: the items of its refusals, one for each."""
        self._alike: dict[str, _Alike] = defaultdict(_Alike)
        self._in_a_row = 0
        self.closed: dict[str | float, RequestError] = {}
        """Items and temperatures of which nothing more is sent, and why."""

    def answered(self, place: Place | None) -> None:
        """Note an answer."""
        self._in_a_row = 0
        if place is not None and place not in self._answered:
            self._answered.add(place)
            self._items.add(place.item)
            self._temperatures.add(place.temperature)

    def refused(self, error: RequestError, place: Place | None) -> RequestError | None:
        """Note what is of no use to try again; return why the whole model is of none, if it is."""
        if error.scope == "model":
            self._in_a_row += 1
            if self._answered and self._in_a_row < _CONFIRMED:
                return None
            return _because(error, place, "")
        if place is None:
            return None
        self._tried.add(place.temperature)
        if error.scope == "temperature" and place.temperature not in self._temperatures:
            self._close(place.temperature, error, place, f"temperature {place.temperature:g} was given up")
        elif error.scope == "item" or error.kind == "context_length":
            self._sure[place.item] += 1
            if self._sure[place.item] >= _SURE and place.item not in self._items:
                many = f"item {place.item!r} was given up: all its {self._sure[place.item]} requests were refused"
                self._close(place.item, error, place, many)
        else:
            return self._unsure(error, place)
        return None

    def _unsure(self, error: RequestError, place: Place) -> RequestError | None:
        self._at[place.temperature].append(place.item)
        if place.temperature not in self._temperatures:
            beside = self._at[place.temperature]
            if len(beside) >= _ODD and any(item in self._items for item in beside):
                many = (
                    f"all its {len(beside)} requests were refused, and of the same items others are answered"
                )
                self._close(
                    place.temperature, error, place, f"temperature {place.temperature:g} was given up: {many}"
                )
        if place.item not in self._items:
            self._of_item[place.item] += 1
            if self._of_item[place.item] >= _REFUSALS:
                many = f"item {place.item!r} was given up: all its {self._of_item[place.item]} requests were refused"
                self._close(place.item, error, place, many)
        if self._answered:
            return None
        alike = self._alike[_kind_of(error)]
        alike.count += 1
        alike.items.add(place.item)
        alike.temperatures.add(place.temperature)
        if (
            alike.count < _REFUSALS
            or len(alike.items) < _ITEMS
            or len(alike.temperatures) < min(2, len(self._tried))
        ):
            return None
        at = ", ".join(f"{t:g}" for t in sorted(alike.temperatures)[:5])
        many = f"the first {alike.count} requests were all refused, those of {len(alike.items)} items at temperature {at}"
        return _because(error, place, f"{many}; the last, ")

    def _close(self, what: str | float, error: RequestError, place: Place, why: str) -> None:
        if what not in self.closed:
            self.closed[what] = _because(error, place, f"{why}; the last, ")


def _because(error: RequestError, place: Place | None, before: str) -> RequestError:
    """Make the reason for sending no more: what was refused last, where, and in which words."""
    at = f"for {place}: " if place is not None else ""
    asked = f" (asked {error.address})" if error.address and error.address not in error.message else ""
    return RequestError(error.kind, f"{before}{at}{error.message}{asked}", scope=error.scope)


def _kind_of(error: RequestError) -> str:
    """Return what two refusals share that are alike: status and code, else the words but for numbers and what is quoted."""
    words = error.code or re.sub(r"\d+|'[^']*'|\"[^\"]*\"|`[^`]*`", "", error.message)
    return one_line(f"{error.kind} {error.status} {words}", 120)
