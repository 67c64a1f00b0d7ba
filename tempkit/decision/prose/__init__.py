"""A decision in words: what to set, why, what it could cost, and what to do next, in the current language.

The report's card, the terminal and the Markdown summary all say these sentences, and nobody else makes any about a decision.
Each is one message of the catalogues with named places in it, because no two languages put their parts in the same order.
"""

from dataclasses import dataclass

from tempkit.decision.prose.because import because
from tempkit.decision.prose.caveats import FIRST, noted
from tempkit.decision.prose.cross_use_case import between_use_cases
from tempkit.decision.prose.evidence import more
from tempkit.decision.prose.model_comparison import between_models
from tempkit.decision.prose.next_steps import Command, Here, next_steps
from tempkit.decision.prose.risk import risk
from tempkit.decision.prose.scope import other_scope
from tempkit.decision.prose.table import could_cost
from tempkit.decision.prose.terms import grade_word, marks, named, own_text, place_word
from tempkit.decision.prose.verdict import usable_pick, verdict
from tempkit.decision.result import Decision

__all__ = [
    "Command",
    "Here",
    "Words",
    "between_models",
    "between_use_cases",
    "could_cost",
    "grade_word",
    "marks",
    "named",
    "other_scope",
    "own_text",
    "place_word",
    "usable_pick",
    "words",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A decision in words. Every entry of a tuple is a sentence."""

    verdict: str
    """A verb and a number, to be set in the largest type: `Use 0.7 for now`."""
    grade: str
    """How well it is shown: `shown`, `likely`, `best guess` or `not enough data`."""
    marks: str
    """The grade as three marks: `●●○`."""
    first: tuple[str, ...]
    """What must be said before any pick."""
    because: tuple[str, ...]
    risk: tuple[str, ...]
    """What it could cost at worst, and what to stay away from."""
    next: tuple[str, ...]
    """What to do next."""
    commands: tuple[Command, ...]
    more: tuple[str, ...]
    """Further evidence and caveats, for a fold."""


def _first(found: Decision) -> tuple[str, ...]:
    ends = (found,) if found.variety is None else (found, found.variety)
    return tuple(dict.fromkeys(sentence for end in ends for sentence in noted(end, FIRST)))


def words(found: Decision, here: Here | str) -> Words:
    """Say a decision in the current language.

    Args:
        found: The decision.
        here: What commands to type need: the run's name, and what else has to be said with it.
    """
    steps, commands = next_steps(found, Here(here) if isinstance(here, str) else here)
    return Words(
        verdict=verdict(found),
        grade=grade_word(found.grade),
        marks=marks(found.grade),
        first=_first(found),
        because=because(found),
        risk=risk(found),
        next=steps,
        commands=commands,
        more=more(found),
    )
