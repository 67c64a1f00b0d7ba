"""What the commands that decide share: what to judge by, deciding, and keeping count of the looks."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tempkit.cli.decision_output import print_decision
from tempkit.cli.number_options import NUMBER

if TYPE_CHECKING:
    from tempkit.analysis import ScoredSection
    from tempkit.decision.overrides import Asked
    from tempkit.decision.prose import Here
    from tempkit.decision.result import Decision, Scope
    from tempkit.store import RunRecord, Store

__all__ = [
    "asked_of",
    "decided",
    "judging_options",
    "looked_at",
    "print_decision",
    "scored_and_decided",
    "typed_here",
    "undecided_hint",
]

F = TypeVar("F", bound=Callable[..., Any])

_SCOPES: "Mapping[str, Scope]" = {"items-like-these": "items_like_these", "these-items": "these_items"}


def judging_options(function: F) -> F:
    """Add the options that say what to judge by; `asked_of` reads them."""
    for option in (
        click.option(
            "--policy",
            metavar="single|best-of:K|majority:K|all-of:K",
            help="How answers are used: one at a time, the best of K, the majority of K, or all of K. Default: as the use case says.",
        ),
        click.option(
            "--scope",
            type=click.Choice(list(_SCOPES)),
            help="Whom to decide for: items like these, or these items alone. Default: items like these, from 5 items.",
        ),
        click.option(
            "--direction",
            type=click.Choice(["higher", "lower"]),
            help="With --measure: which way is better. Default: the measure's own, else higher.",
        ),
        click.option(
            "--margin", type=NUMBER, metavar="X", help="With --measure: the smallest difference that matters."
        ),
        click.option("--measure", metavar="NAME", help="Judge by this measure instead; needs --margin."),
        click.option(
            "--use-case",
            metavar="NAME|FILE.toml",
            help="Judge by this use case, this time. Default: the one kept with the run, else general.",
        ),
    ):
        function = option(function)
    return function


def asked_of(judging: dict[str, Any]) -> "Asked":
    """Return what the options of `judging_options` ask for.

    Raises:
        UsageError: They do not go together, or name what is not there.
    """
    from tempkit.decision.overrides import Asked
    from tempkit.errors import UsageError
    from tempkit.statistics.policies import Policy

    given = dict(judging)
    policy, scope = given.pop("policy"), given.pop("scope")
    try:
        parsed = None if policy is None else Policy.parse(policy)
    except ValueError as e:
        raise UsageError(f"--policy {e}") from e
    return Asked(**given, scope=_SCOPES.get(scope), policy=parsed)


def decided(store: "Store", record: "RunRecord", asked: "Asked") -> "list[Decision]":
    """Bring the run's scores up to date, count the look, and return what they decide.

    Raises:
        UsageError: What is asked cannot be asked of this run.
    """
    found, sections = scored_and_decided(store, record, asked)
    looked_at(store, record, sections, found)
    return found


def scored_and_decided(
    store: "Store", record: "RunRecord", asked: "Asked"
) -> "tuple[list[Decision], list[ScoredSection]]":
    """As `decided`, with the scores that decide, but count no look: whoever shows what was decided counts it with `looked_at`."""
    from tempkit.analysis import load_tables
    from tempkit.cli.measure import bring_up_to_date

    bring_up_to_date(store, record, profile=asked.profile())
    sections = load_tables(store, record)
    return asked.decide(sections), sections


def typed_here(store: "Store", record: "RunRecord", asked: "Asked") -> "Here":
    """Return what a command needs to mean the same run, judged by the same."""
    from tempkit.decision.prose import Here
    from tempkit.planning.consent import allowing
    from tempkit.running.runner import db_argument

    allow = allowing(store.load_plan(record.id).models)
    return Here(record.name, asked.options, db_argument(store.where), allow)


def undecided_hint(found: "Sequence[Decision]", run: str, command: str = "recommend") -> str:
    """Return what to type where nothing was decided although there are scores from elsewhere; else an empty text.

    Args:
        found: What was decided.
        run: The run, as `named_here` says it.
        command: The one to type.
    """
    from tempkit.errors import one_line

    if not found or any(each.measure is not None for each in found):
        return ""
    steps = (step for each in found for step in each.next if step.code == "decide_by")
    own = list(dict.fromkeys(measure for step in steps for measure in step.data["measures"]))
    if not own:
        return ""
    return (
        f"It has scores of {one_line(', '.join(own))}. Decide by them: "
        f"tempkit {command} {run} --measure {shlex.quote(own[0])} --margin X"
    )


def looked_at(
    store: "Store", record: "RunRecord", sections: "Sequence[ScoredSection]", found: "Sequence[Decision]"
) -> None:
    """Keep it with the run that these decisions were read; where it cannot be kept, say so and go on."""
    from tempkit.analysis.looks import note_looks
    from tempkit.errors import StoreError

    read = {(each.section, each.model) for each in found}
    try:
        note_looks(store, record, [each for each in sections if (each.name, each.model.label) in read])
    except StoreError as e:
        click.echo(f"note: this look at the data is not counted in later ones: {e}", err=True)
