"""What the commands that decide share: the options that say what to judge by."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tempkit.cli.decision_output import print_decision
from tempkit.cli.number_options import NUMBER

if TYPE_CHECKING:
    from tempkit.decision import Asked, Here, Scope
    from tempkit.store import RunRecord, Store

__all__ = ["as_arguments", "asked_of", "judging_options", "print_decision", "typed_here"]

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
            help="Decide for questions like these, or for these questions alone. Default: questions like these, from 5 questions on.",
        ),
        click.option(
            "--direction",
            type=click.Choice(["higher", "lower"]),
            help="With --measure: which way is better. Default: the measure's own, else higher.",
        ),
        click.option(
            "--margin",
            type=NUMBER,
            metavar="X",
            help="The smallest difference that matters, in the measure's unit. Default: the use case's own.",
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
    from tempkit.decision import Asked
    from tempkit.errors import UsageError
    from tempkit.statistics import Policy

    given = dict(judging)
    policy, scope = given.pop("policy"), given.pop("scope")
    try:
        parsed = None if policy is None else Policy.parse(policy)
    except ValueError as e:
        raise UsageError(f"--policy {e}") from e
    return Asked(**given, scope=_SCOPES.get(scope), policy=parsed)


def as_arguments(asked: "Asked") -> dict[str, Any]:
    """Return what is asked for as arguments of the functions of `tempkit.api` that decide."""
    return {each.name: getattr(asked, each.name) for each in fields(asked)}


def typed_here(store: "Store", record: "RunRecord", asked: "Asked") -> "Here":
    """Return what a command needs to mean the same run, judged by the same."""
    from tempkit.decision import Here
    from tempkit.planning import allowing
    from tempkit.running import db_argument

    allow = allowing(store.load_plan(record.id).models)
    return Here(record.name, asked.options, db_argument(store.where), allow)
