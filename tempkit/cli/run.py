"""`tempkit run`."""

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import (
    concurrency_option,
    counted,
    db_option,
    json_option,
    key_options,
    print_json,
    say_note,
)
from tempkit.cli.number_options import NUMBER, WHOLE
from tempkit.cli.plan_output import print_plan
from tempkit.cli.progress import run_progress
from tempkit.cli.quiet import is_quiet
from tempkit.cli.shared_options import (
    arm_option,
    budget_of,
    budget_options,
    data_option,
    env_option,
    executor_of,
    executor_options,
    ignored_temperature_option,
    probe_option,
    server_options,
)
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.planning import Consent, Experiment
    from tempkit.running import RunResult, Shard
    from tempkit.store import Store
    from tempkit.types import Budget


@click.command("run", short_help="Send prompts to models at several temperatures and store every answer.")
@click.argument("prompts", nargs=-1, metavar="[EXPERIMENT.yaml | PROMPT...]")
@click.option(
    "-m",
    "--model",
    "models",
    multiple=True,
    metavar="BACKEND:NAME",
    help="A model, with options as in gguf:smollm2,n_threads=2; may be repeated.",
)
@click.option(
    "-t",
    "--temperatures",
    metavar="LIST",
    help="0,0.3,0.7 or start:stop:step, both ends included, or both mixed. Default: 0,0.4,0.8,1.2,1.6.",
)
@arm_option
@click.option(
    "-n", "--repeat", type=WHOLE, metavar="N", help="Answers per question and temperature. Default: 4."
)
@click.option("--items", type=WHOLE, metavar="N", help="Only the first N questions of every prompt.")
@click.option(
    "--max-tokens", type=WHOLE, metavar="N", help="Longest answer. Default: the prompt's own, else 256."
)
@click.option(
    "--seed",
    type=WHOLE,
    metavar="N",
    help="Seed of the run; every sample's seed follows from it. Default: 0.",
)
@click.option(
    "--logprobs", type=WHOLE, metavar="K", help="Alternatives kept per token; 0 keeps none. Default: 20."
)
@click.option("--top-p", type=NUMBER, metavar="P", help="Nucleus truncation. Default: 1, none.")
@click.option("--top-k", type=WHOLE, metavar="K", help="Only the K most probable tokens. Default: 0, all.")
@click.option(
    "--min-p",
    type=NUMBER,
    metavar="P",
    help="Only tokens at least P times as probable as the best. Default: 0.",
)
@click.option(
    "--memory",
    metavar="SIZE",
    help="For gguf: models: the most memory one may take, e.g. 4GB. Default: 80% of what is free.",
)
@server_options
@concurrency_option
@budget_options("the run")
@click.option("--time-limit", metavar="TIME", help="Begin nothing more after so long, e.g. 90s, 30m, 2h.")
@ignored_temperature_option
@probe_option
@key_options("the experiment file, or the run that goes on,")
@click.option(
    "--allow-outside",
    is_flag=True,
    help="Let the experiment file name prompts and use cases outside of its own folder.",
)
@click.option(
    "--batch/--no-batch",
    default=None,
    help="Use the provider's batch API, at half the price and with answers within a day (openai:, anthropic:).",
)
@click.option(
    "--use-case",
    metavar="NAME|FILE.toml",
    help="What the answers are for, kept with the run. Default: what each prompt says, else general.",
)
@env_option
@data_option
@click.option("--name", help="Name of the run; a number is added when it is taken.")
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
@click.option(
    "--resume",
    metavar="RUN",
    help="Go on with a stored run: do only what is missing; with FILES, ask their further questions too.",
)
@click.option(
    "--shard",
    metavar="K/N",
    help="Do part K of N only, e.g. 3/16: every Nth question. Calls with the same files and options, here or elsewhere, do the others.",
)
@executor_options
@click.option("--retry-errors", is_flag=True, help="With --resume: do failed samples again too.")
@db_option
@json_option
def command(
    prompts: tuple[str, ...],
    max_concurrency: int,
    dry_run: bool,
    resume: str | None,
    shard: str | None,
    executor: str | None,
    ray_address: str | None,
    retry_errors: bool,
    budget_usd: float | None,
    budget_tokens: int | None,
    time_limit: str | None,
    allow_ignored_temperature: bool,
    no_probe: bool,
    allow_key_env: tuple[str, ...],
    allow_key_to: tuple[str, ...],
    allow_outside: bool,
    batch: bool | None,
    db: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Send prompts to models at several temperatures and store every answer.

    Give an experiment file or promptfoo's, or prompt files (.prompty, .prompt, .j2, .md), tables (.csv, .tsv, .jsonl,
    .parquet) or lines (.txt) of questions, a quoted prompt, or - for one from a pipe, with models and temperatures;
    options given here go before what the file says.

    \b
    Examples:
      tempkit run prompts/technical-documentation.prompty -m gguf:smollm2 -t 0:1.6:0.4 -n 4
      tempkit run "Name a colour." -m openai:gpt-5.4-mini -t 0,1 -n 20 --max-tokens 10
      tempkit run prompts/chatbot.prompty -m openai:local --base-url http://localhost:8080/v1
      tempkit run experiment.yaml --batch
      tempkit run promptfooconfig.yaml -t 0:1:0.25
      tempkit run --resume latest --retry-errors
      tempkit run --resume latest --base-url http://other:8000/v1
      tempkit run --resume latest questions.csv
      tempkit run experiment.yaml --shard 3/16
      tempkit run experiment.yaml --executor ray

    Exit codes: 0 all done, 1 error, 2 usage, 3 finished with failed samples, 130 interrupted (go on with --resume).
    """
    from tempkit.api import estimate, plan_of
    from tempkit.api import resume as resume_run
    from tempkit.api import run as run_plan
    from tempkit.errors import UsageError
    from tempkit.planning import Consent
    from tempkit.prompts import seconds
    from tempkit.running import Shard
    from tempkit.store import Store
    from tempkit.types import Budget

    limits: dict[str, Any] = {
        "concurrency": max_concurrency,
        "time_s": seconds(time_limit, "--time-limit"),
        "allow_ignored_temperature": allow_ignored_temperature,
        "executor": executor_of(executor, ray_address),
    }
    part = None if shard is None else Shard.parse(shard)
    budget = budget_of(budget_usd, budget_tokens)
    consent = Consent(keys=allow_key_env, servers=allow_key_to, outside=allow_outside)
    if resume is not None:
        base_url = asked.pop("base_url")
        given = [name for name, value in asked.items() if value not in (None, ())]
        if given or dry_run:
            what = "--dry-run" if dry_run else _option(given[0])
            raise UsageError(f"--resume takes its plan from the store; leave out {what}")
        work_is_elsewhere()
        with Store.open(db, must_exist=True) as store:
            result = resume_run(
                resume,
                files=prompts,
                db=store,
                retry_errors=retry_errors,
                budget=None if budget == Budget() else budget,
                **limits,
                batch=bool(batch),
                shard=shard,
                consent=consent,
                base_url=base_url,
                progress=run_progress(),
                on_note=say_note,
            )
            _finish(result, store, as_json, part)
    if retry_errors:
        raise UsageError("--retry-errors needs --resume RUN, e.g. --resume latest")
    executor = limits.pop("executor")
    experiment = experiment_of(
        prompts, budget=budget, batch=batch, consent=consent, executor=executor, **asked
    )
    plan, batched = plan_of(experiment, on_note=say_note), bool(experiment.batch)
    if dry_run:
        if part is not None:
            plan = part.of_plan(plan)
        expected = estimate(
            plan,
            batch=batched,
            allow_ignored_temperature=allow_ignored_temperature,
            on_note=say_note,
        )
        print_plan(plan, expected, as_json)
        return
    work_is_elsewhere()
    with Store.open(db) as store:
        result = run_plan(
            plan,
            db=store,
            **limits,
            executor=experiment.executor,
            batch=batched,
            shard=shard,
            ask_first=not no_probe,
            progress=run_progress(),
            on_note=say_note,
        )
        _finish(result, store, as_json, part)


def _option(parameter: str) -> str:
    """Return how the option of a parameter is written."""
    command_ = click.get_current_context().command
    return next(max(each.opts, key=len) for each in command_.params if each.name == parameter)


def experiment_of(
    prompts: tuple[str, ...], *, budget: "Budget", consent: "Consent", **asked: Any
) -> "Experiment":
    """Put the command line over the experiment file, if one was named; `-` is what comes through a pipe."""
    from tempkit.api import experiment_of as asked_for

    return asked_for(
        tuple(_piped() if prompt == "-" else prompt for prompt in prompts),
        consent=consent,
        budget_usd=budget.usd,
        budget_tokens=budget.tokens,
        **asked,
    )


def _piped() -> str:
    """Return what comes through a pipe as the text of a prompt.

    Raises:
        PromptError: It is no UTF-8, or blank.
    """
    from tempkit.errors import PromptError
    from tempkit.planning import LiteralText

    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as e:
        raise PromptError("-: what comes through the pipe is not UTF-8; convert it, or name a file") from e
    if not text.strip():
        raise PromptError(
            "-: nothing comes through the pipe; pipe a prompt, as in: tempkit run - < prompt.txt"
        )
    return LiteralText(text)


def _finish(result: "RunResult", store: "Store", as_json: bool, part: "Shard | None") -> None:
    """Print how a run ended; of a part of one nothing is decided before the others are there, and measured for them in vain."""
    from tempkit.cli.headlines import decided_or_said_why_not, say_headlines
    from tempkit.decision import as_data
    from tempkit.planning import allowing
    from tempkit.running import db_argument

    run, where = result.run, store.where
    if is_quiet() and not as_json:  # nobody reads what would be decided, so it is no look at the data
        raise SystemExit(3 if run.failures else 0)
    others = part is not None and run.status != "finished"
    found = () if others else decided_or_said_why_not(store, run)
    if as_json:
        print_json(
            {
                "stored_now": result.stored,
                "db": where,
                "decisions": [as_data(each) for each in found],
            },
            run=run,
        )
    else:
        at, name = db_argument(where), shlex.quote(run.name)
        click.echo(f"Run {run.name}: {counted(run, where)}.")
        if run.failures:
            allowed = allowing(store.load_plan(run.id).models)
            click.echo(f"Try the failed ones again: tempkit run --resume {name} --retry-errors{allowed}{at}")
        if others:
            click.echo(f"Part {part} is done; the others are not all there yet.")
            raise SystemExit(3 if run.failures else 0)
        say_headlines(store, run, found)
        click.echo(f"Look at it: tempkit recommend {name}{at}   or   tempkit report {name}{at}")
    raise SystemExit(3 if run.failures else 0)
