"""`tempkit judge`."""

import math
import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import (
    concurrency_option,
    db_option,
    json_option,
    print_fitting,
    print_json,
    print_table,
    say,
    table,
)
from tempkit.cli.number_options import NUMBER, AtLeast
from tempkit.cli.progress import run_progress
from tempkit.cli.quiet import is_quiet
from tempkit.cli.shared_options import budget_of, budget_options
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tempkit.judging import Consistency, Judgement, Outline, SectionResult
    from tempkit.store import RunRecord


_STEADY = 0.95
"""From this kappa on, nothing is said of differences that look smaller."""


@click.command("judge", short_help="Let a model grade a run's answers, or compare them in pairs.")
@click.argument("run", default="latest")
@click.option(
    "-m",
    "--model",
    "model",
    required=True,
    metavar="BACKEND:NAME",
    help="The judge, as for `tempkit run`.",
)
@click.option(
    "--rubric",
    metavar="TEXT",
    help="What a good answer is. Default: each question's own llm-rubric checks.",
)
@click.option(
    "--pairs",
    type=AtLeast(1),
    metavar="N",
    help="Compare N pairs per question and model, at different temperatures, instead of grading each answer.",
)
@click.option("--use-case", metavar="NAME", help="Only the prompts of this use case. Default: all.")
@click.option(
    "--max-tokens",
    type=AtLeast(1),
    default=200,
    show_default=True,
    help="Longest answer of the judge; one that thinks aloud needs more.",
)
@click.option(
    "-t",
    "--temperature",
    type=NUMBER,
    metavar="T",
    help="Ask the judge at this temperature. Default: 0, or what it takes where that is not 0.",
)
@click.option(
    "--min-kappa",
    type=NUMBER,
    default=0.4,
    show_default=True,
    metavar="K",
    help="Use its scores where its agreement with itself, as kappa, is shown to be at least this.",
)
@concurrency_option
@budget_options("judging")
@click.option(
    "--dry-run", is_flag=True, help="Say how many questions there are and what they would cost, and stop."
)
@db_option
@json_option
def command(
    run: str,
    model: str,
    rubric: str | None,
    pairs: int | None,
    use_case: str | None,
    max_tokens: int,
    temperature: float | None,
    min_kappa: float,
    max_concurrency: int,
    budget_usd: float | None,
    budget_tokens: int | None,
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Let a model grade RUN's answers from 1 to 5, or compare them in pairs, where there are no facts to check them against.

    The judge sees request and answers, never a temperature. It is asked everything twice, with the scale upwards and
    downwards or the answers in both orders, and its scores count only if it is shown to agree with itself. What it says is
    stored: after an interruption the same command goes on, and asks nothing twice.

    \b
    Examples:
      tempkit judge latest -m openai:gpt-5.4-mini --dry-run
      tempkit judge latest -m openai:gpt-5.4-mini --rubric "A story with a surprising end."
      tempkit judge latest -m gguf:/models/judge.gguf --pairs 10
      tempkit recommend latest --measure preference --margin 0.05

    Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed requests, 4 the judge's scores are not used, 130 interrupted.
    """
    from tempkit.api import judge, judge_outline
    from tempkit.errors import UsageError
    from tempkit.planning import parse_model
    from tempkit.store import Store

    if rubric is not None and not rubric.strip():
        raise UsageError("--rubric is empty; say what a good answer is")
    budget = budget_of(budget_usd, budget_tokens)
    asked: dict[str, Any] = {
        "model": parse_model(model),
        "rubric": rubric,
        "pairs": pairs,
        "use_case": use_case,
        "max_tokens": max_tokens,
        "temperature": temperature,
    }
    if not 0 < min_kappa < 1:
        raise UsageError(f"--min-kappa must be above 0 and below 1, not {min_kappa:g}")
    with Store.open(db, must_exist=True, reading=dry_run) as store:
        record = store.find_run(run)
        if dry_run:
            _print_outline(judge_outline(record, db=store, **asked), as_json)
            return
        work_is_elsewhere()
        found = judge(
            record, db=store, **asked, min_kappa=min_kappa, concurrency=max_concurrency, budget=budget,
            progress=run_progress(),
        )  # fmt: skip
        where = store.where
    if as_json:
        print_json(asdict(found), run=record)
    else:
        _print(found, record, where)
    raise SystemExit(3 if found.failed else 0 if found.consistency.shown else 4)


def _print_outline(found: "Outline", as_json: bool) -> None:
    if as_json:
        print_json({"plan": asdict(found)})
        return
    left, usd = found.left, found.left.usd
    rows = table("plan", "")
    rows.add_row("judge", left.model)
    rows.add_row("mode", found.mode)
    rows.add_row("asked", str(found.setting))
    rows.add_row("questions", f"{found.questions:,}")
    rows.add_row("of them repeated", f"{found.asked_again:,}")
    rows.add_row("answered before", f"{found.answered_before:,}")
    rows.add_row("tokens estimated", f"{left.tokens[0]:,} to {left.tokens[1]:,}")
    cost = "unknown"
    if usd is not None:
        cost = f"${usd[0]:.2g} to ${usd[1]:.2g}" if usd[1] else "nothing"
    rows.add_row("cost estimated", cost)
    if found.cut:
        rows.add_row("with a text cut", f"{found.cut:,}")
    print_table(rows)


def _print(found: "Judgement", run: "RunRecord", where: str) -> None:
    from rich.text import Text

    from tempkit.running import db_argument, money

    before = f", {found.answered_before:,} of them answered before" if found.answered_before else ""
    say(
        Text(
            f"Judge {found.judge}: {found.questions:,} questions{before}{money(found.usd, ', ')}.",
            style="bold",
        )
    )
    say(Text(f"It was asked {found.setting}."))
    say(Text(_agreement(found)))
    for warning in found.consistency.warnings:
        say(Text(f"Warning: {warning}.", style="yellow"))
    for what, counts in (
        ("questions could not be used", found.unreadable),
        ("requests failed, and are made again by the same command", found.failed),
        ("completions were not judged", found.not_judged),
    ):
        if counts:
            say(Text(f"{sum(counts.values()):,} {what}: {_listed(counts)}."))
    if any("temperature" in why for why in found.failed):
        say(Text("If it does not take that temperature, name one that it takes with -t."))
    if found.cut:
        say(Text(f"{found.cut:,} questions show only the beginning of a long text."))
    if found.without_rubric:
        say(Text(f"{found.without_rubric:,} items have no rubric and were not judged."))
    for section in found.sections:
        _print_section(section, pairs=found.mode == "pairs")
    if found.scores and not is_quiet():
        at = db_argument(where)
        click.echo(
            f"Use it: tempkit recommend {shlex.quote(run.name)} --measure {found.measure} --margin 0.05{at}"
        )
        kappa = found.consistency.kappa
        if found.mode == "pairs" and kappa is not None and kappa.value < _STEADY:
            click.echo(
                f"Where the judge contradicts itself a win counts as a tie: of a difference it shows about {math.sqrt(kappa.value):.2g} times, "
                "so choose the margin by that."
            )


def _agreement(found: "Judgement") -> str:
    how = found.consistency
    again = (
        f" Asked again in the same words, it changed {how.changed} of {how.again} answers."
        if how.again
        else ""
    )
    return _forms(how) + again


def _forms(how: "Consistency") -> str:
    if not how.compared:
        return "Nothing could be compared, so nothing is known of its consistency."
    share = how.alike / how.compared
    if how.equal is not None:
        return (
            f"Consistency: its two grades of a text, with the scale upwards and downwards, are at most 1 apart for {share:.0%} "
            f"of {how.compared} texts, and equal for {how.equal / how.compared:.0%}{_kappa(how)}."
        )
    first = "" if how.first is None else f" The answer shown first got {how.first:.0%} of its wins."
    return f"Consistency: both orders agree on {share:.0%} of {how.compared} pairs{_kappa(how)}.{first}"


def _kappa(how: "Consistency") -> str:
    k = how.kappa
    return (
        ""
        if k is None
        else f": kappa {k.value:.2f}, at least {k.low:.2f} where {how.min_kappa:g} is asked for"
    )


def _listed(counts: "Mapping[str, int]") -> str:
    return "; ".join(f"{count:,} {reason}" for reason, count in counts.items())


def _print_section(section: "SectionResult", *, pairs: bool) -> None:
    title = f"{section.name} on {section.model}, {section.items} items"
    columns: tuple[str, ...]
    if pairs:
        columns = (">T", ">won", ">against the average", ">95 % interval", ">comparisons", ">missing")
    else:
        columns = (">T", ">mean grade", ">95 % interval", ">graded", ">missing")
    rows: list[list[str]] = []
    for level in section.levels:
        value = level.strength if pairs else _grade(level.share)
        low, high = (level.low, level.high) if pairs else (_grade(level.low), _grade(level.high))
        interval = "–" if low is None or high is None else f"{_shown(low, pairs)} to {_shown(high, pairs)}"
        cells = [f"{level.temperature:g}"]
        cells += [_shown(level.share, pairs=True)] if pairs else []
        cells += [_shown(value, pairs), interval, str(level.judged), str(level.missing)]
        rows.append(cells)
    print_fitting(columns, rows, dropped=(">missing", ">comparisons", ">graded"), title=title, folded=True)
    reasons = dict.fromkeys(level.reason for level in section.levels if level.reason and level.judged)
    if reasons:
        click.echo(f"No interval: {'; '.join(map(str, reasons))}.")


def _grade(share: float | None) -> float | None:
    """Return a share as a grade from 1 to 5."""
    return None if share is None else 1 + 4 * share


def _shown(value: float | None, pairs: bool) -> str:
    if value is None:
        return "–"
    return f"{value:.0%}" if pairs else f"{value:.2f}"
