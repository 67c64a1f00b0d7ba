"""`tempkit import`."""

import shlex
from pathlib import Path

import click

from tempkit.cli.common import db_option, json_option, print_json, say_note
from tempkit.cli.quiet import hint
from tempkit.cli.streams import work_is_elsewhere


@click.command("import", short_help="Bring in answers or scores that were made elsewhere.")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.{csv,tsv,jsonl,parquet,eval,json,db}")
@click.option("--name", help="Name of the run. Default: the file's.")
@click.option(
    "--use-case",
    metavar="NAME|FILE.toml",
    help="What the items are for, kept with the run. Default: general.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar='COLUMN="Their Name"',
    help='What a column of the file is here, e.g. item="Problem ID"; may be repeated.',
)
@click.option(
    "--skip", "skipped", multiple=True, metavar="COLUMN", help="Leave a column out; may be repeated."
)
@click.option(
    "--only",
    multiple=True,
    metavar="COLUMN",
    help="Read this column of scores and no others; may be repeated. Default: every other column.",
)
@db_option
@json_option
def command(
    file: Path,
    name: str | None,
    use_case: str | None,
    maps: tuple[str, ...],
    skipped: tuple[str, ...],
    only: tuple[str, ...],
    db: str | None,
    as_json: bool,
) -> None:
    """Bring in answers or scores that were made elsewhere, as a finished run.

    One row per sample, with the columns item, model, temperature, and where there are any replicate and text. Every
    other column is a measure of that name; an empty cell is a missing score, an empty text an empty answer. Logs of
    inspect (.eval, .json, or a folder of them) and llm's logs.db are read as what they are.

    \b
    Examples:
      tempkit import answers.csv --name exam
      tempkit import published.csv --map item="Problem ID" --map model=LLM --map temperature=Temp --only Score
      tempkit import logs/ --name inspected
      tempkit recommend exam --measure accuracy --margin 0.05
    """
    from tempkit.api import import_
    from tempkit.errors import one_line
    from tempkit.interchange import naming
    from tempkit.measures import known
    from tempkit.running import db_argument
    from tempkit.store import resolve

    work_is_elsewhere()
    done = import_(file, db=db, name=name, use_case=use_case, columns=naming(maps, skipped, only))
    for note in done.notes:
        say_note(one_line(f"warning: {note}", 2000))
    for note in done.hints:
        say_note(one_line(f"note: {note}", 2000))
    if as_json:
        print_json({"scores": dict(done.scores)}, run=done.run)
        return
    parts = [f"{done.completions:,} completions"] if done.completions else []
    parts += [f"{count:,} of {measure}" for measure, count in done.scores.items()]
    hint(one_line(f"Imported {', '.join(parts)} as run {done.run.name}.", 2000))
    at = db_argument(resolve(db).where)
    own = next((measure for measure in done.scores if known(measure) is None), None)
    judging = "" if own is None or use_case is not None else f" --measure {shlex.quote(own)} --margin X"
    hint(one_line(f"Decide: tempkit recommend {shlex.quote(done.run.name)}{at}{judging}", 2000))
