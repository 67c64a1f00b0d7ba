"""What `tempkit rate` prints: a page's pairs and what they can show, and what raters said."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import print_table, say, table
from tempkit.cli.quiet import hint, is_quiet

if TYPE_CHECKING:
    from tempkit.api import RatingPage
    from tempkit.rating import Agreement, ImportedRatings, RatedSection, RatingResults, SheetSection

__all__ = ["print_imported", "print_page", "print_results"]

_MEASURES = 6
"""That are printed, of those whose agreement with people is known."""


def print_page(page: "RatingPage", db: str | None) -> None:
    """Print what a page holds, what it can show, and what to do with it."""
    from rich.text import Text

    at = "" if db is None else f" --db {shlex.quote(db)}"
    say(
        Text(
            f"Page of {_counted(len(page.drawn.shown), 'pair')} from run {page.run.name}: {page.path}",
            style="bold",
        )
    )
    for section in page.drawn.sections:
        _print_planned(section)
    say(
        Text(
            "Temperatures that a guard-rail rules out are rated like the others; a decision leaves them out by itself."
        )
    )
    if is_quiet():
        return
    say(
        Text(
            f"Send it to whoever rates, all of them the same file. What they save: tempkit rate --import FILE.json...{at}"
        )
    )


def _print_planned(section: "SheetSection") -> None:
    from rich.text import Text

    counts = ", ".join(f"{n} at {temperature:g}" for temperature, n in section.pairs.items())
    say(
        Text(
            f"{section.name} on {section.model}: {_counted(section.shown, 'pair')} of {_counted(section.questions, 'question')}; with an answer {counts}."
        )
    )
    if section.power:
        chances = ", ".join(
            f"{each.wins:.0%} of them: {_probability(each.probability)}" for each in section.power
        )
        say(
            Text(
                "  Probability that a better temperature is told from one that wins half of its comparisons, if it wins "
                f"{chances} (simulated for these pairs and one rater who always names a winner)."
            )
        )
    else:
        say(
            Text(
                "  They are of too few questions for any interval, so they will not show how sure a difference is."
            )
        )
    if section.left_out:
        listed = "; ".join(f"{n:,} {reason}" for reason, n in section.left_out.items())
        say(Text(f"  Answers left out: {listed}."))
    if section.ties:
        say(Text(f"  {_counted(section.ties, 'pair')} of equal texts count as ties without being shown."))


def print_imported(
    imported: "Sequence[ImportedRatings]", results: "Mapping[str, RatingResults | None]", where: str
) -> None:
    """Print what came of files, and what the ratings of their runs come to."""
    from rich.text import Text

    from tempkit.running import db_argument

    for each in imported:
        parts = [f"{each.added:,} new"]
        parts += [f"{each.known:,} known already"] if each.known else []
        parts += [f"{each.open:,} not answered"] if each.open else []
        say(Text(f"{each.file}: {each.rater}, {', '.join(parts)}"))
    for name, found in results.items():
        print_results(found, name)
        at = db_argument(where)
        hint(f"Use it: tempkit recommend {shlex.quote(name)} --measure human_preference --margin 0.1{at}")


def print_results(found: "RatingResults | None", name: str = "") -> None:
    """Print what people's ratings come to."""
    from rich.text import Text

    if found is None:
        click.echo("Nobody has rated anything of this run yet: tempkit rate RUN makes a page of pairs.")
        return
    who = ", ".join(f"{each.name or each.id} ({each.answers})" for each in found.raters)
    of = f" of run {name}" if name else ""
    say(Text(f"{found.pairs} of {found.asked} pairs{of} are rated. Raters: {who}.", style="bold"))
    say(Text(_agreement(found.agreement)))
    if found.first_favoured and found.first is not None:
        say(
            Text(
                f"Warning: the answer shown first got {found.first:.0%} of all wins, so the place decided too.",
                style="yellow",
            )
        )
    for section in found.sections:
        _print_section(section)


def _agreement(found: "Agreement | None") -> str:
    if found is None:
        return "No pair was rated by two people, so nothing is known of how far they agree."
    said = f"Raters agree on {found.equal:.0%} of their answers to {_counted(found.pairs, 'pair')} that several rated"
    if found.alpha is None or found.low is None or found.high is None:
        return f"{said}; they named no winner, so there is nothing to agree on beyond chance."
    return f"{said}: alpha {found.alpha:.2f} ({found.low:.2f} to {found.high:.2f}), where 0 is chance."


def _print_section(section: "RatedSection") -> None:
    from rich.text import Text

    from tempkit.measures import titled

    title = f"{section.name} on {section.model}: {_counted(section.pairs, 'pair')} of {_counted(section.questions, 'question')}"
    say(Text(title, style="bold"))
    rows = table(">T", ">won", ">against the average", ">95 % interval", ">pairs")
    for level in section.levels:
        interval = "–" if level.low is None or level.high is None else f"{level.low:.0%} to {level.high:.0%}"
        rows.add_row(
            f"{level.temperature:g}", _share(level.won), _share(level.chance), interval, str(level.pairs)
        )
    print_table(rows)
    reasons = dict.fromkeys(level.reason for level in section.levels if level.reason)
    if reasons:
        click.echo(f"No interval: {'; '.join(map(str, reasons))}.")
    if not section.measures:
        return
    rows = table("prefers what people prefer", ">share", ">95 % interval", ">pairs")
    for each in section.measures[:_MEASURES]:
        found = each.alike
        rows.add_row(
            titled(each.measure),
            f"{found.share:.0%}",
            f"{found.low:.0%} to {found.high:.0%}",
            str(found.pairs),
        )
    print_table(rows)


def _probability(value: float) -> str:
    return ">0.99" if value >= 0.995 else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
