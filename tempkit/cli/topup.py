"""`tempkit topup`."""

from typing import Any

import click

from tempkit.cli.common import (
    concurrency_option,
    counted,
    db_option,
    json_option,
    key_options,
    print_json,
    say,
    say_note,
)
from tempkit.cli.deciding import as_arguments, asked_of, judging_options, print_decision, typed_here
from tempkit.cli.number_options import AtLeast
from tempkit.cli.progress import run_progress, shown
from tempkit.cli.quiet import hint, is_quiet
from tempkit.cli.shared_options import executor_of, executor_options
from tempkit.cli.streams import work_is_elsewhere


@click.command(
    "topup", short_help="Ask for more answers, only where they could settle which temperature to use."
)
@click.argument("run", default="latest")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@judging_options
@click.option(
    "-n",
    "--repeat",
    "more",
    type=AtLeast(1),
    metavar="N",
    help="More answers per question and temperature. Default: as many as are estimated to settle it, at most twice those there are.",
)
@click.option(
    "--items",
    type=AtLeast(1),
    metavar="N",
    help="Ask N further questions instead: of the run's own files, or of FILES.",
)
@click.option(
    "--allow-outside", is_flag=True, help="Read the run's files where they lie outside of the current folder."
)
@concurrency_option
@executor_options
@key_options("the run")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and stop.")
@db_option
@json_option
def command(
    run: str,
    files: tuple[str, ...],
    more: int | None,
    items: int | None,
    allow_outside: bool,
    max_concurrency: int,
    executor: str | None,
    ray_address: str | None,
    allow_key_env: tuple[str, ...],
    allow_key_to: tuple[str, ...],
    dry_run: bool,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Ask for more answers in RUN, only where they could settle which temperature to use.

    A temperature gets no more answers once a guard-rail rules it out, or once it is known to be behind by more than the
    margin. Where only more questions would settle it, the command says so and asks for nothing. Each top-up is another look
    at the data, so the next decision asks for stronger evidence. With --items, further questions are asked instead. Samples that were planned earlier and are missing come first.

    Exit codes: 0 done, 1 error, 2 usage, 3 some of the run's samples failed, 130 interrupted.
    """
    from tempkit.api import topup
    from tempkit.decision import as_data
    from tempkit.errors import UsageError
    from tempkit.planning import Consent
    from tempkit.store import Store

    asked = asked_of(judging)
    consent = Consent(keys=allow_key_env, servers=allow_key_to, outside=allow_outside)
    if files and items is None:
        raise UsageError("files are where further questions come from: say how many with --items N")
    if items is not None and more is not None:
        raise UsageError("--items asks further questions, --repeat more answers to the same ones; name one")
    if not dry_run:
        work_is_elsewhere()
    with Store.open(db, must_exist=True, reading=dry_run) as store, shown() as on_progress:
        done = topup(
            run,
            db=store,
            more=more,
            items=items,
            files=files,
            **as_arguments(asked),
            concurrency=max_concurrency,
            executor=executor_of(executor, ray_address),
            consent=consent,
            dry_run=dry_run,
            progress=run_progress(),
            on_plan=lambda line: _planned(line, as_json=as_json, asked_for=dry_run),
            on_note=say_note,
            on_progress=on_progress,
        )
        typed = typed_here(store, done.run, asked)
        where = store.where
    if as_json:
        decisions = [as_data(each) for each in done.decisions]
        print_json({"drawn": done.drawn, "decisions": decisions}, run=done.run)
    elif done.drawn:
        hint(f"Run {done.run.name}: {counted(done.run, where)}.")
        for each in done.decisions:
            print_decision(each, typed)
    raise SystemExit(3 if done.drawn and done.run.failures else 0)


def _planned(line: str, *, as_json: bool, asked_for: bool) -> None:
    """Print what is to be asked: what `--dry-run` is for, and else by the way."""
    from rich.text import Text

    if as_json:
        say_note(line)
    elif asked_for or not is_quiet():
        say(Text(line))
