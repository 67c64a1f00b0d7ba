"""What `tempkit choose` prints: a few lines for each round, and at the end what to set, why, what it may cost, and what to do next.

How it ended is its exit code, too.
"""

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.quiet import hint

if TYPE_CHECKING:
    from tempkit.api import Chosen, RoundDone
    from tempkit.store import Store

__all__ = ["chosen_as_data", "end", "ended", "round_line"]

_EXIT = {"shown": 0, "likely": 0, "guess": 4, "none": 5}
_ORDER = ("none", "guess", "likely", "shown")
_WHY = {
    "shown": "",
    "looks": "as many rounds as were planned are done",
    "data": "there are no further questions to ask",
    "nothing": "more answers to these questions would not decide it",
    "budget": "the rest of the budget pays for no further round",
    "time": "the time left allows no further round",
}


def round_line(done: "RoundDone", *, quiet: bool = False) -> None:
    """Print on stderr what a round brought: what dropped out and why, what leads, what comes next."""
    from rich.console import Console
    from rich.text import Text

    from tempkit.cli.common import visible

    if quiet:
        return
    console = Console(stderr=True, highlight=False)
    text = "".join(f"{part}. " for part in _parts(done)).strip()
    head = f"round {done.number}"
    if done.use_case:
        head += f", {done.use_case}"
    line = Text.assemble((head, "bold"), "   ", visible(Text(text)))
    if console.is_terminal:
        console.print(line)
    else:
        click.echo(line.plain, err=True)


def _parts(done: "RoundDone") -> "Iterator[str]":
    from tempkit.decision import at, bound, usable_pick
    from tempkit.running import duration, money

    several = len(done.decisions) > 1
    for why, said in (
        ("ruled_out", "ruled out by a guard-rail"),
        ("behind", "shown not to be the best"),
        ("cannot_lead", "not better than what leads by more than matters"),
        ("unscored", "too few of its answers could be scored"),
    ):
        names = [
            f"{each.model} at {at(each.temperature)}" if several else at(each.temperature)
            for each in done.dropped
            if each.why == why
        ]
        if names:
            yield f"{_listed(names)} {'are' if names[1:] else 'is'} asked no further: {said}"
    leader = done.leader
    if leader is not None and (pick := usable_pick(leader)) is not None:
        worst = (
            ""
            if leader.regret_upper is None
            else f", at most {bound(leader.regret_upper, leader.unit)} behind the best"
            if leader.regret_upper > 0
            else ", none of those tried is better"
        )
        who = f"{leader.model} at {at(pick)}" if several else at(pick)
        yield f"{who} leads ({_GRADES[done.grade]}{worst})"
    if done.stopped is None:
        takes = "" if done.seconds is None else f", about {duration(done.seconds)}"
        yield f"{done.samples:,} more answers{takes}{money(done.usd or 0.0, ', about ')}"
    elif _WHY[done.stopped]:
        yield _WHY[done.stopped].capitalize()


_GRADES = {"shown": "shown", "likely": "likely", "guess": "a best guess", "none": "not enough data"}


def _listed(names: "Sequence[str]") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ended(chosen: "Chosen", store: "Store", report: Path | None) -> None:
    """Print the decisions, where the report is, and how to go on."""
    from rich.text import Text

    from tempkit.cli.common import say
    from tempkit.cli.deciding import typed_here
    from tempkit.cli.decision_output import print_decision
    from tempkit.decision import AS_THE_RUN_SAYS, between_models
    from tempkit.planning import allowing
    from tempkit.running import db_argument

    typed = typed_here(store, chosen.run, AS_THE_RUN_SAYS)
    for done in chosen.rounds:
        leading = [done.leader] if done.leader is not None else []
        for each in [*leading, *(other for other in done.decisions if other not in leading)]:
            print_decision(each, typed)
    for sentence in between_models(chosen.decisions):
        say(Text(sentence, style="bold"))
    if chosen.interrupted_by is not None:
        click.echo(f"Stopped early: {str(chosen.interrupted_by).partition(';')[0]}.")
    allowed = allowing(store.load_plan(chosen.run.id).models)
    here = f"{shlex.quote(chosen.run.name)}{allowed}{db_argument(store.where)}"
    hint(f"{chosen.run.completions:,} answers in run {chosen.run.name}.")
    if report is not None:
        hint(f"Report: {report}")
    hint(f"Go on, with more questions or another budget: tempkit choose --continue {here}")


def end(
    chosen: "Chosen",
    store: "Store",
    output: Path | None,
    require: str,
    lang: str | None,
    *,
    no_report: bool,
    write: bool,
    as_json: bool,
) -> None:
    """Print what was chosen, write the report, and leave with the exit code that it stands for."""
    from tempkit.api import keep_chosen, report
    from tempkit.cli.common import print_json, say_note
    from tempkit.cli.decide import kept_as_data, print_kept
    from tempkit.cli.progress import shown
    from tempkit.errors import TempkitError

    kept = keep_chosen(chosen, db=store, on_note=say_note) if write else []
    path = None
    if not no_report:
        target = output or Path("reports") / f"{chosen.run.name}.html"
        with shown() as on_progress:
            try:
                path = report(
                    chosen.run, db=store, output=target, lang=lang, on_note=say_note, on_progress=on_progress
                )
            except TempkitError:
                if not as_json:  # what was paid for is told, whatever becomes of the page
                    ended(chosen, store, None)
                raise
    if as_json:
        kept_too = {"kept": [kept_as_data(each) for each in kept]}
        print_json(chosen_as_data(chosen, path) | kept_too, run=chosen.run)
    else:
        ended(chosen, store, path)
        for each in kept:
            print_kept(each)
    enough = _ORDER.index(chosen.grade) >= _ORDER.index(require)
    sys.exit(0 if enough else _EXIT[chosen.grade] or 4)


def chosen_as_data(chosen: "Chosen", report: Path | None) -> dict[str, Any]:
    """Return what was chosen as JSON has it."""
    from tempkit.decision import as_data

    return {
        "grade": chosen.grade,
        "stopped": {done.use_case: done.stopped for done in chosen.rounds},
        "rounds": {done.use_case: done.number for done in chosen.rounds},
        "report": None if report is None else str(report),
        "decisions": [as_data(each) for each in chosen.decisions],
    }
