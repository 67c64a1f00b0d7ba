"""Every measure by name: tempkit's own, family by family, and those of other packages behind them.

A measure is defined in one place, beside the functions that it is computed with, and this is where they come together. Other
packages register theirs under the entry point group `tempkit.measures`; they are loaded when the registry is first read.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain

from tempkit.errors import PluginError
from tempkit.i18n import translated
from tempkit.measures import (
    checks,
    consensus,
    consistency,
    degeneration,
    diversity,
    ideas,
    judged,
    logprobs,
    peeperkorn,
    reshaping,
    tempered,
)
from tempkit.measures.base import Measure
from tempkit.measures.block import Cell, View
from tempkit.measures.missing import Found, Missing
from tempkit.plugins import Plugin, additions, plugins
from tempkit.types import Completion

__all__ = ["DEFAULT", "GROUP", "JUDGED", "MEASURES", "known", "needs_reference", "titled"]

GROUP = "tempkit.measures"

_OWN: Mapping[str, Measure] = {
    measure.name: measure
    for measure in chain.from_iterable(
        family.MEASURES
        for family in (
            checks,
            consensus,
            consistency,
            diversity,
            ideas,
            peeperkorn,
            degeneration,
            logprobs,
            tempered,
            reshaping,
        )
    )
}

JUDGED: Mapping[str, Measure] = {
    measure.name: measure for measure in (judged.RUBRIC, judged.PREFERENCE, judged.HUMAN_PREFERENCE)
}
"""By name, those that no computation gives: a judge has to be asked, or people."""


class _Registry(Mapping[str, Measure]):
    """Tempkit's own measures at once, the others when a name is not among these or all are asked for."""

    @cached_property
    def _installed(self) -> Mapping[str, Measure]:
        found = plugins(GROUP, "measure", {*_OWN, *JUDGED})
        return {name: _loaded(plugin) for name, plugin in found.items() if plugin.added is None}

    @property
    def _all(self) -> Mapping[str, Measure]:
        here = {plugin.name: _loaded(plugin) for plugin in additions(GROUP)}
        return {**_OWN, **self._installed, **here}

    def __getitem__(self, name: str) -> Measure:
        return _OWN[name] if name in _OWN else self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


class _WithoutReference(Collection[str]):
    """The names of the measures that need no reference model."""

    def __contains__(self, name: object) -> bool:
        return name in MEASURES and "reference" not in MEASURES[str(name)].needs

    def __iter__(self) -> Iterator[str]:
        return (name for name, measure in MEASURES.items() if "reference" not in measure.needs)

    def __len__(self) -> int:
        return sum(1 for _ in self)


MEASURES: Mapping[str, Measure] = _Registry()
"""Every measure by name, in the order in which a reader meets them."""

DEFAULT: Collection[str] = _WithoutReference()
"""The names of those that are taken unless others are asked for: all that need no reference model."""


def known(name: str) -> Measure | None:
    """Return what is known of a measure, computed or judged; None for a name from elsewhere, such as an imported score's."""
    return JUDGED.get(name) or MEASURES.get(name)


def needs_reference(measures: Iterable[str]) -> bool:
    """Return whether any of these measures, by name, can only be taken under a reference model."""
    return any("reference" in about.needs for about in map(known, measures) if about is not None)


def titled(name: str) -> str:
    """Return a measure's title in the current language; a measure from elsewhere is called by its name."""
    about = known(name)
    return name if about is None else translated(about.title)


def _loaded(plugin: Plugin) -> Measure:
    """Return a plug-in's measure, whose faults name its package.

    Raises:
        PluginError: It is no measure, is one that cannot be computed, or has another name than its entry point.
    """
    found = plugin.load()
    if not isinstance(found, Measure):
        raise plugin.error(f"is no tempkit.measures.Measure, but of type {type(found).__name__}")
    if found.name != plugin.name:
        raise plugin.error(f"calls itself {found.name!r}; a measure and its entry point have one name")
    if found.of_cell is None and found.of_completions is None:
        raise plugin.error("has neither of_completions nor of_cell, so nothing takes it")
    return replace(
        found,
        of_cell=None if found.of_cell is None else _cell_guarded(plugin, found.of_cell),
        of_completions=None
        if found.of_completions is None
        else _completions_guarded(plugin, found.of_completions),
    )


def _cell_guarded(
    plugin: Plugin, taken: Callable[[View, Cell, Sequence[Completion]], Found]
) -> Callable[[View, Cell, Sequence[Completion]], Found]:
    def guarded(view: View, cell: Cell, completions: Sequence[Completion]) -> Found:
        try:
            return _checked(plugin, taken(view, cell, completions))
        except PluginError:
            raise
        except Exception as e:
            raise plugin.error(f"failed: {type(e).__name__}: {e}") from e

    return guarded


def _completions_guarded(
    plugin: Plugin, taken: Callable[[View, Sequence[Completion]], list[Found]]
) -> Callable[[View, Sequence[Completion]], list[Found]]:
    def guarded(view: View, completions: Sequence[Completion]) -> list[Found]:
        try:
            found = [_checked(plugin, value) for value in taken(view, completions)]
        except PluginError:
            raise
        except Exception as e:
            raise plugin.error(f"failed: {type(e).__name__}: {e}") from e
        if len(found) != len(completions):
            raise plugin.error(f"gave {len(found)} values of {len(completions)} answers")
        return found

    return guarded


def _checked(plugin: Plugin, value: object) -> Found:
    if isinstance(value, Missing):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    raise plugin.error(f"gave {value!r}, which is neither a finite number nor a Missing")
