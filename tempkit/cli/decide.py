"""`tempkit decide`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import db_option, json_option, open_to_read, print_json, say_note, visible
from tempkit.cli.deciding import as_arguments, asked_of, judging_options
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint

if TYPE_CHECKING:
    from tempkit.api import Kept


@click.command(
    "decide", short_help="Keep the temperature to use in the prompt's file, with where it is from."
)
@click.argument("run_and_files", nargs=-1, metavar="[RUN] [FILE.prompty...]")
@judging_options
@click.option(
    "-m", "--model", metavar="LABEL", help="The model that the files are for, where the run has several."
)
@click.option("--write", is_flag=True, help="Write it; else only the changes are printed.")
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    metavar="FILE.md",
    help="Where the record of the decision goes. Default: FILE.decision.md, beside the prompt's file.",
)
@db_option
@json_option
def command(
    run_and_files: tuple[str, ...],
    model: str | None,
    write: bool,
    record: Path | None,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Decide as recommend does for RUN, and keep the decision in the prompts' own files.

    The temperature goes among the model's parameters in each file's front matter, and beside it, under metadata.tempkit.decision,
    goes where it is from: run, model, measure, how sure, and what it may cost at worst. The rest of the file stays as it is, to the
    byte. A record to read goes into FILE.decision.md. Without --write the changes are printed, and nothing is written. Without
    files it is for all Prompty files of the run. What is kept already is replaced. tempkit verify FILE tests it again.

    \b
    Examples:
      tempkit decide latest
      tempkit decide latest --write
      tempkit decide kept prompts/exam.prompty --measure fact_recall --margin 0.05 --write

    Exit codes: 0 done, 1 error, such as no temperature to keep, 2 usage.
    """
    from tempkit.api import decide

    asked = asked_of(judging)
    run, *files = run_and_files or ("latest",)
    if Path(run).suffix == ".prompty":
        run, files = "latest", [run, *files]
    with open_to_read(db) as store, shown() as on_progress:
        found = store.find_run(run)
        made = decide(
            found,
            files,
            db=store,
            model=model,
            record=record,
            write=write,
            **as_arguments(asked),
            on_note=say_note,
            on_progress=on_progress,
        )
    if as_json:
        print_json({"files": [kept_as_data(each) for each in made]}, run=found)
        return
    for each in made:
        print_kept(each)
    if not write and any(each.diff for each in made):
        hint("Nothing is written yet: add --write")


def print_kept(made: "Kept") -> None:
    if made.written:
        hint(
            _visible(
                f"Kept {made.kept.temperature:g} ({_grade(made)}) in {made.path}, and its record in {made.record}"
            )
        )
    elif made.diff:
        click.echo(_visible(made.diff), nl=False)
    else:
        click.echo(_visible(f"{made.path} keeps this decision already"))


def _visible(text: str) -> str:
    return "\n".join(visible(line).plain for line in text.replace("\r\n", "\n").split("\n"))


def _grade(made: "Kept") -> str:
    return "best guess" if made.kept.grade == "guess" else made.kept.grade


def kept_as_data(made: "Kept") -> dict[str, Any]:
    return {
        "file": str(made.path),
        "record": str(made.record),
        "written": made.written,
        "decision": made.kept.entries(),
        "diff": made.diff,
    }
