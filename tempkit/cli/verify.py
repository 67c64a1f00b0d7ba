"""`tempkit verify`."""

from pathlib import Path
from typing import Any

import click

from tempkit.cli.common import (
    concurrency_option,
    db_option,
    json_option,
    key_options,
    print_json,
    say,
    say_note,
)
from tempkit.cli.number_options import NUMBER, AtLeast
from tempkit.cli.progress import run_progress, shown
from tempkit.cli.shared_options import budget_of, budget_options, env_option
from tempkit.cli.streams import work_is_elsewhere


@click.command("verify", short_help="Test the temperatures that prompt files keep: do they still hold?")
@click.argument(
    "prompts", nargs=-1, required=True, metavar="PROMPT.prompty...", type=click.Path(path_type=Path)
)
@click.option(
    "-m", "--model", metavar="BACKEND:NAME", help="The model. Default: the one that was decided for."
)
@click.option(
    "--items", type=AtLeast(1), metavar="N", help="At most N questions of every prompt. Default: all."
)
@click.option(
    "-n",
    "--repeat",
    type=AtLeast(1),
    metavar="N",
    help="Answers per question and temperature. Default: as many as the decision rests on.",
)
@click.option(
    "--false-alarms-per-year",
    type=NUMBER,
    metavar="X",
    default=0.5,
    show_default=True,
    help="How many false alarms may be expected in a year, if this is called once a week; of all prompts together.",
)
@budget_options("all of it")
@click.option(
    "--seed", type=AtLeast(0), metavar="N", help="Seed of the answers. Default: another one each time."
)
@click.option(
    "--junit",
    type=click.Path(path_type=Path),
    metavar="FILE.xml",
    help="Write the results as JUnit XML, too.",
)
@click.option(
    "--summary",
    type=click.Path(path_type=Path),
    metavar="FILE.md",
    help="Write them in Markdown, too; what $GITHUB_STEP_SUMMARY names is added to.",
)
@concurrency_option
@key_options("the prompt files")
@env_option
@db_option
@json_option
def command(
    prompts: tuple[Path, ...],
    max_concurrency: int,
    allow_key_env: tuple[str, ...],
    allow_key_to: tuple[str, ...],
    budget_usd: float | None,
    budget_tokens: int | None,
    junit: Path | None,
    summary: Path | None,
    db: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Ask again some of what the decisions kept in prompt files rest on, and say whether they still hold.

    The temperature is compared with those beside it that were tried, on the prompt's own questions, a few more at each look. It ends
    as soon as it is clear whether the temperature is still within the margin of the best of these, or that a guard-rail is broken, or
    when the questions or the budget are used up. The answers are a run of their own, verify-PROMPT.

    \b
    Examples:
      tempkit verify prompts/exam.prompty
      tempkit verify prompts/*.prompty --items 40 --junit verify.xml --summary "$GITHUB_STEP_SUMMARY"

    Exit codes: 0 holds, or nothing is shown against it (it says which), 1 error, 2 usage, 6 no longer holds, 7 the model changed,
    130 interrupted. Of several prompts, 6 goes before 7, and 7 before 1.
    """
    from tempkit.api import verify
    from tempkit.cli.verify_output import as_data, lines, write_junit, write_summary
    from tempkit.errors import UsageError
    from tempkit.planning import Consent

    for option, path in (("--junit", junit), ("--summary", summary)):
        if path is not None and (not path.name or path.is_dir()):
            raise UsageError(f"{option} {path} is a folder; name a file in it")
    budget = budget_of(budget_usd, budget_tokens)
    work_is_elsewhere()
    with shown() as on_progress:
        found = verify(
            prompts,
            db=db,
            budget=budget,
            concurrency=max_concurrency,
            consent=Consent(keys=allow_key_env, servers=allow_key_to),
            progress=run_progress,
            on_note=say_note,
            on_progress=on_progress,
            **asked,
        )
    if as_json:
        print_json({"files": [as_data(each) for each in found]})
    else:
        for each in found:
            for i, line in enumerate(lines(each)):
                say(line, indent=2 if i else 0)
    if junit is not None:
        write_junit(junit, found)
    if summary is not None:
        write_summary(summary, found)
    codes = {each.exit_code for each in found}
    raise SystemExit(next((code for code in (6, 7, 1) if code in codes), 0))
