"""What `recommend` and `topup` share: what to judge by, judging, and how a recommendation is printed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from tempkit.cli.decided import print_decision

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store
    from tempkit.usecases import Recommendation, UseCase

__all__ = ["judged_by", "print_decision", "print_recommendation", "profile_options", "recommendations"]

F = TypeVar("F", bound=Callable[..., Any])


def profile_options(function: F) -> F:
    """Add the options that say what to judge by."""
    for option in (
        click.option(
            "--direction",
            type=click.Choice(["higher", "lower"]),
            help="With --measure: which way is better. Default: the measure's own, else higher.",
        ),
        click.option(
            "--margin", type=float, metavar="X", help="With --measure: the smallest difference that matters."
        ),
        click.option("--measure", metavar="NAME", help="Judge by this measure instead; needs --margin."),
        click.option(
            "--use-case",
            metavar="NAME|FILE.toml",
            help="Judge by this use case. Default: each prompt's own.",
        ),
    ):
        function = option(function)
    return function


def judged_by(
    name: str | None, measure: str | None, margin: float | None, direction: Literal["higher", "lower"] | None
) -> "UseCase | None":
    """Return the use case that the options ask for; None: each prompt's own.

    Raises:
        UsageError: The options do not go together, or name what is not there.
    """
    from tempkit.errors import UsageError
    from tempkit.usecases import ad_hoc, use_case

    if (measure is None) != (margin is None):
        raise UsageError("--measure and --margin belong together, e.g. --measure accuracy --margin 0.05")
    if direction is not None and measure is None:
        raise UsageError("--direction goes with --measure")
    base = None if name is None else use_case(name)
    return base if measure is None or margin is None else ad_hoc(measure, margin, direction, base)


def recommendations(store: "Store", record: "RunRecord", profile: "UseCase | None") -> "list[Recommendation]":
    """Bring the run's scores up to date and judge them."""
    from tempkit.cli.measure import bring_up_to_date
    from tempkit.compare import load_tables
    from tempkit.usecases import recommend_run

    bring_up_to_date(store, record)
    return recommend_run(load_tables(store, record), profile)


def print_recommendation(found: "Recommendation") -> None:
    """Print a recommendation: the answer, why, a table per temperature, what to beware of."""
    from rich.text import Text

    from tempkit.cli.common import print_table, say, table
    from tempkit.usecases.words import at, listed, span_of, spread

    color = {"recommended": "green", "tie": "cyan", "undecided": "yellow"}[found.status]
    head = Text(f"{found.title} on {found.model}: ", style="bold")
    if found.temperature is not None:
        head.append(f"temperature {at(found.temperature)}", style=f"bold {color}")
        head.append(f" ({found.status})", style=color)
    else:
        head.append(found.status, style=f"bold {color}")
    say(head)
    for sentence in found.evidence:
        say(Text(sentence), indent=2)
    if found.levels:
        rows = table(">T", found.measure_title, ">behind the best", "standing", ">P(best)", ">n")
        for level in found.levels:
            bounds = "–"
            if level.behind_low is not None and level.behind_high is not None:
                low, high = max(0.0, level.behind_low), max(0.0, level.behind_high)
                bounds = span_of(low, high, found.unit)
            rows.add_row(
                Text(at(level.temperature), style="bold" if level.temperature == found.temperature else ""),
                spread(level, found.unit),
                bounds,
                level.place,
                "–" if level.p_best is None else f"{level.p_best:.2f}",
                f"{level.samples}/{level.samples + level.missing}",
            )
        print_table(rows)
    for sentence in found.turn_says:
        say(Text(sentence, style="dim"), indent=2)
    for caveat in found.caveats:
        say(Text(f"Note: {caveat}", style="dim"), indent=2)
    for prior in found.priors:
        grid = sorted(prior.temperatures)
        where = f" (at {listed(grid, grid)})" if grid else ""
        say(Text(f"Elsewhere{where}: {prior.says} [{prior.source}]", style="dim"), indent=2)
    click.echo()
