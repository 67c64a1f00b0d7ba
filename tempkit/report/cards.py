"""The decision first: a card for each use case and model, with the temperature, how sure that is, what it could cost, and what next.

A card says nothing that `tempkit recommend` does not say: its sentences are those of `tempkit.decision.prose`, and the small
table under them holds the numbers of the same object (`tempkit.report.tables.standings_table`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tempkit.analysis import ScoredSection, Section
from tempkit.decision import Decision, Here, named, other_scope, own_text, words
from tempkit.report.answers.examples import examples
from tempkit.report.tables.standings_table import standing

__all__ = ["Judged", "cards", "title_of"]

_REASONS, _RISKS, _STEPS = 3, 2, 2
"""Sentences that a card shows at once, the most important first; the others are in its fold, so that a screen holds the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A decision with the section that it is about, and how the page names and colours its model."""

    found: Decision
    """Its `model` is the page's name for it."""
    run: str
    """Name of the run, for commands."""
    judging: str
    """The options that it was judged by, for commands."""
    series: int
    section: Section
    scored: ScoredSection


def cards(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the cards as JSON-able data, in the order given."""
    return [_card(each, each.found) for each in judged]


def title_of(found: Decision) -> str:
    """Return the title of the use case that decided, in the current language."""
    return own_text(found.profile.title) or found.use_case


def _card(judged: Judged, found: Decision) -> dict[str, Any]:
    said = words(found, Here(judged.run, judged.judging))
    other = other_scope(found)
    commands = [(command.line, command.about) for command in said.commands]
    rest = [*said.because[_REASONS:], *said.risk[_RISKS:], *said.next[_STEPS:], *said.more]
    return {
        "title": named(found),
        "model": found.model,
        "series": judged.series,
        "grade": found.grade,
        "verdict": said.verdict,
        "word": said.grade,
        "marks": said.marks,
        "first": list(said.first),
        "because": list(said.because[:_REASONS]),
        "risk": list(said.risk[:_RISKS]),
        "next": list(said.next[:_STEPS]),
        "commands": list({line: {"line": line, "about": about} for line, about in commands}.values()),
        "other": other,
        "more": [sentence for sentence in rest if sentence != other],
        "standing": [
            table
            for each in (found, found.variety)
            if each is not None and (table := standing(each)) is not None
        ],
        "examples": examples(found, judged.section, judged.scored),
    }
