"""`tempkit choose`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.choose_output import end, round_line
from tempkit.cli.common import (
    concurrency_option,
    db_option,
    json_option,
    key_options,
    lang_option,
    print_json,
    say,
    say_note,
)
from tempkit.cli.deciding import as_arguments, asked_of, judging_options
from tempkit.cli.number_options import WHOLE
from tempkit.cli.progress import run_progress
from tempkit.cli.quiet import is_quiet
from tempkit.cli.shared_options import (
    arm_option,
    budget_of,
    budget_options,
    data_option,
    executor_of,
    executor_options,
    ignored_temperature_option,
    probe_option,
    server_options,
)
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.planning import Experiment


@click.command("choose", short_help="Find the temperature for your prompts on a model, in one go.")
@click.argument("prompts", nargs=-1, metavar="[EXPERIMENT.yaml | PROMPT | DATA...]")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="BACKEND:NAME",
    help="A model, with options as in gguf:smollm2,n_threads=2. Several run in one race.",
)
@click.option(
    "--for",
    "use_case_for_prompts",
    metavar="USE-CASE|FILE.toml",
    help="What the answers are for. Default: what each prompt says.",
)
@click.option(
    "--expect",
    metavar="TEXT",
    help="What every answer must contain: | between wordings, ; between facts.",
)
@click.option(
    "--judge",
    metavar="BACKEND:NAME",
    help="Let this model judge each round's answers, and decide by that; the budget is for both.",
)
@click.option(
    "--rubric", metavar="TEXT", help="With --judge: what a good answer is. Default: it compares pairs."
)
@judging_options
@click.option(
    "-t",
    "--temperatures",
    metavar="LIST",
    help="Try these alone. Default: five from 0 to 1.6, then those around what leads.",
)
@arm_option
@data_option
@click.option(
    "-n", "--repeat", type=WHOLE, metavar="N", help="Answers per question at first. Default: 2 or 4."
)
@click.option("--max-tokens", type=WHOLE, metavar="N", help="Longest answer; it is then never raised.")
@click.option("--seed", type=WHOLE, metavar="N", help="Seed of the run. Default: 0.")
@server_options
@concurrency_option
@executor_options
@budget_options("the run")
@click.option("--time-limit", metavar="TIME", help="Take no longer, e.g. 90s, 30m, 2h.")
@ignored_temperature_option
@probe_option
@key_options("the experiment file, or the run that goes on,")
@click.option(
    "--allow-outside", is_flag=True, help="Read files outside of the experiment's, or the current, folder."
)
@click.option("--name", help="Name of the run; a number is added when it is taken.")
@click.option(
    "--continue",
    "continued",
    metavar="RUN",
    help="Go on with a run that choose began: with a new budget, or with more questions from the files named.",
)
@click.option(
    "--require",
    type=click.Choice(["guess", "likely", "shown"]),
    default="likely",
    show_default=True,
    help="The least that exit code 0 stands for.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Where the report goes. Default: reports/RUN.html.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be asked first, and stop.")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option(
    "--write", is_flag=True, help="Keep the temperature in the .prompty files, with a record of why."
)
@lang_option
@db_option
@json_option
def command(
    prompts: tuple[str, ...],
    models: tuple[str, ...],
    use_case_for_prompts: str | None,
    expect: str | None,
    judge: str | None,
    rubric: str | None,
    temperatures: str | None,
    arms: tuple[str, ...],
    data: str | None,
    repeat: int | None,
    max_tokens: int | None,
    seed: int | None,
    base_url: str | None,
    api_key_env: str | None,
    max_concurrency: int,
    executor: str | None,
    ray_address: str | None,
    budget_usd: float | None,
    budget_tokens: int | None,
    time_limit: str | None,
    allow_ignored_temperature: bool,
    no_probe: bool,
    allow_key_env: tuple[str, ...],
    allow_key_to: tuple[str, ...],
    allow_outside: bool,
    name: str | None,
    continued: str | None,
    require: str,
    output: Path | None,
    dry_run: bool,
    no_report: bool,
    write: bool,
    lang: str | None,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Find the temperature for your prompts on a model, in one go.

    A few questions are asked at a few temperatures first; then more, only where that can decide which temperature is best: one that
    a guard-rail rules out, or that is known to be behind, gets no more. It ends when the answer is shown, at the budget or the
    time limit, or when nothing more that could be asked would help. Everything is stored as a run, to be reported and topped up like any other.

    \b
    Examples:
      tempkit choose questions.csv -m gguf:smollm2
      tempkit choose questions.csv -m gguf:smollm2 --arm recommended --arm 0.7,top_p=0.9
      tempkit choose prompts/brainstorming.prompty -m gguf:smollm2 --time-limit 5m
      tempkit choose "Describe a bamboo toothbrush." -m openai:gpt-5.4-mini --for creative-writing
      tempkit choose --continue questions more.csv --budget-usd 2

    Exit codes: 0 shown or likely (see --require), 4 a best guess only, 5 nothing could be scored, 1 error, 2 usage,
    130 interrupted (go on with --continue).
    """
    from rich.text import Text

    from tempkit.api import choice_outline, choose_planned, go_on_choosing, refuse_unkept, report_path
    from tempkit.errors import UsageError
    from tempkit.planning import Consent
    from tempkit.prompts import seconds
    from tempkit.store import Store
    from tempkit.types import Budget

    if use_case_for_prompts is not None:
        if judging["use_case"] is not None:
            raise UsageError("--for and --use-case are the same; name one")
        judging["use_case"] = use_case_for_prompts
    budget = budget_of(budget_usd, budget_tokens)
    if output is not None and no_report:
        raise UsageError("--no-report leaves nothing for -o; leave out one of them")
    if output is not None:
        report_path(output)  # refused before anything is asked
    show: dict[str, Any] = {
        "concurrency": max_concurrency,
        "executor": executor_of(executor, ray_address),
        "time_s": seconds(time_limit, "--time-limit"),
        "progress": run_progress(),
        "on_round": lambda done: round_line(done, quiet=as_json or is_quiet()),
        "on_note": say_note,
    }
    consent = Consent(keys=allow_key_env, servers=allow_key_to, outside=allow_outside)
    if continued is not None:
        given = {
            "-m": models, "-t": temperatures, "--arm": arms, "--data": data, "-n": repeat, "--max-tokens": max_tokens, "--seed": seed,
            "--name": name, "--dry-run": dry_run or None, "--base-url": base_url, "--api-key-env": api_key_env, "--expect": expect,
            "--judge": judge, "--rubric": rubric,
            "--for": use_case_for_prompts, **{f"--{key.replace('_', '-')}": value for key, value in judging.items()},
        }  # fmt: skip
        if wrong := next((option for option, value in given.items() if value not in (None, ())), None):
            raise UsageError(f"--continue goes on as the run began; leave out {wrong}")
        work_is_elsewhere()
        with Store.open(db, must_exist=True) as store:
            if write:
                refuse_unkept(store.load_plan(store.find_run(continued).id))
            chosen = go_on_choosing(
                continued, files=prompts, db=store, budget=None if budget == Budget() else budget,
                allow_ignored_temperature=allow_ignored_temperature, consent=consent, **show,
            )  # fmt: skip
            end(chosen, store, output, require, lang, no_report=no_report, write=write, as_json=as_json)
    experiment, judge = _settled(
        prompts, judging, models=models, temperatures=temperatures, base_url=base_url, api_key_env=api_key_env,
        memory=None, budget=budget, batch=None, consent=consent, name=name, repeat=repeat, seed=seed,
        max_tokens=max_tokens, expect=expect, arms=arms, data=data, write=write, judge=judge,
    )  # fmt: skip
    asked = asked_of({**judging, "use_case": experiment.use_case if judge else None})
    if dry_run:
        lines = choice_outline(
            experiment,
            allow_ignored_temperature=allow_ignored_temperature,
            on_note=say_note,
            **as_arguments(asked),
        )
        if as_json:
            print_json({"plan": {"first": lines}})
        else:
            for line in lines:
                say(Text(line))
        return
    work_is_elsewhere()
    with Store.open(db) as store:
        chosen = choose_planned(
            experiment,
            db=store,
            judge=judge,
            rubric=rubric,
            allow_ignored_temperature=allow_ignored_temperature,
            ask_first=not no_probe,
            on_begin=say_note,
            **show,
            **as_arguments(asked),
        )
        end(chosen, store, output, require, lang, no_report=no_report, write=write, as_json=as_json)


def _settled(
    prompts: tuple[str, ...], judging: dict[str, Any], *, write: bool, judge: str | None, **asked: Any
) -> "tuple[Experiment, str | None]":
    """Return what is asked for, with what its answers are for, and the judge; somebody at a terminal is asked where nothing says it."""
    from tempkit.api import refuse_unkept
    from tempkit.cli.ask_use_case import use_case_for
    from tempkit.cli.run import experiment_of
    from tempkit.decision import build_plan

    experiment = experiment_of(prompts, use_case=judging["use_case"], **asked)
    plan = build_plan(replace(experiment, arms=()))
    if write:
        refuse_unkept(plan)
    if judging["measure"] is not None or judge is not None:
        return experiment, judge
    answer = use_case_for(plan.prompts, experiment.use_case)
    found = replace(
        experiment,
        use_case=experiment.use_case or answer.use_case,
        expect=experiment.expect or answer.expect,
    )
    return found, answer.judge
