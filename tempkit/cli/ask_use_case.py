"""Settle what a good answer is, where neither the command line nor the prompts say it: ask somebody, or say how to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from tempkit.cli.asking import answered, chosen, somebody_is_there
from tempkit.cli.common import say_note

if TYPE_CHECKING:
    from tempkit.types import Item, Prompt

__all__ = ["Answer", "use_case_for"]

FACTUAL: Final = "technical-documentation"
"""The use case that goes by facts, then by checks, and asks for nothing else. `general` passes over both."""

_QUESTION: Final = "What is a good answer here?"
_OPTIONS: Final = (
    ("it contains certain facts", '--expect "bamboo|biodegradable"'),
    ("many different good ideas", "--for brainstorming"),
    ("new, but still coherent", "--for creative-writing"),
    ("a model should judge", "--judge gguf:/models/judge.gguf"),
    ("I only want to look", "--for general"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What decides."""

    use_case: str | None = None
    """None: what the prompts name."""
    expect: str | None = None
    """What every answer must contain, as `--expect` takes it: `;` between facts, `|` between wordings of one."""
    judge: str | None = None
    """The model that compares the answers, as `--judge` takes it."""


def use_case_for(prompts: Sequence["Prompt"], given: str | None) -> Answer:
    """Return what decides for these prompts: what is given, what they name, what they expect, or what somebody answers.

    Args:
        prompts: With their questions.
        given: The use case that the command line names; None: it names none.

    Raises:
        UsageError: Nothing says it, and nobody is there to be asked.
    """
    from tempkit.decision import GENERAL
    from tempkit.errors import UsageError

    if given is not None:
        return Answer(given)
    if any(prompt.use_case for prompt in prompts):
        return Answer()
    items = [item for prompt in prompts for item in prompt.items]
    if expecting := sum(map(_says_what_is_right, items)):
        say_note(
            f"note: {expecting} of {len(items)} question{'s' if items[1:] else ''} say{'s' if expecting == 1 else ''} "
            f"what a right answer holds, so that decides, as for {FACTUAL}; another use case with --for"
        )
        return Answer(FACTUAL)
    if not somebody_is_there():
        *rest, last = (f"{option} ({meaning})" for meaning, option in _OPTIONS)
        raise UsageError(f"nothing says what a good answer is here; add {', '.join(rest)}, or {last}")
    match chosen(_QUESTION, _OPTIONS):
        case 0:
            return Answer(FACTUAL, expect=answered("Facts, as in bamboo|biodegradable", _facts))
        case 1:
            return Answer("brainstorming")
        case 2:
            return Answer("creative-writing")
        case 3:
            return Answer(GENERAL, judge=answered("Model that judges, as in gguf:/models/judge.gguf", _model))
        case _:
            return Answer(GENERAL)


def _says_what_is_right(item: "Item") -> bool:
    """Say whether an answer to it can be checked without asking a model."""
    return bool(item.facts) or any(check.type != "llm-rubric" for check in item.checks)


def _facts(text: str) -> str:
    wordings = [fact.replace("|", " ").strip() for fact in text.split(";")]
    if not all(wordings):
        raise click.UsageError("type words that a good answer contains; | between wordings, ; between facts")
    return text.strip()


def _model(text: str) -> str:
    from tempkit.errors import TempkitError
    from tempkit.planning import parse_model

    try:
        parse_model(text.strip())
    except TempkitError as e:
        raise click.UsageError(str(e)) from e
    return text.strip()
