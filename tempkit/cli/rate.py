"""`tempkit rate`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import db_option, json_option, lang_option, open_to_read, print_json
from tempkit.cli.number_options import AtLeast
from tempkit.cli.rate_output import print_imported, print_page, print_results
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.api import RatingPage


@click.command("rate", short_help="Let people compare a run's answers without knowing their temperatures.")
@click.argument("arguments", nargs=-1, metavar="[RUN | FILE.json...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="The page. Default: reports/ID-pairs.html, with the run's id.",
)
@click.option(
    "--pairs",
    type=AtLeast(1),
    default=30,
    show_default=True,
    metavar="N",
    help="Pairs on the page, shared out over use cases and models.",
)
@click.option("--use-case", metavar="NAME", help="Only the prompts of this use case. Default: all.")
@click.option(
    "-t",
    "--temperatures",
    metavar="T,T...",
    help="Only answers at these temperatures: fewer of them can be told apart with fewer pairs. Default: all.",
)
@click.option("--seed", type=int, metavar="N", help="Of the choice and the order. Default: drawn anew.")
@click.option(
    "--import", "importing", is_flag=True, help="Read back what the page saved: FILE.json, one a rater."
)
@click.option("--results", is_flag=True, help="Print what RUN's ratings come to, and stop.")
@lang_option
@db_option
@json_option
def command(
    arguments: tuple[str, ...],
    output: Path | None,
    pairs: int,
    use_case: str | None,
    temperatures: str | None,
    seed: int | None,
    importing: bool,
    results: bool,
    lang: str | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Write a page of pairs of RUN's answers for people to compare, or read back what they said.

    The page is one file that needs no network. Whoever opens it sees a question and two answers, never a temperature, says by a
    key which is better, and saves a small file to send back. Answers that are truncated, empty or equal are not shown.
    What people prefer is then a measure of the run, human_preference, like any other.

    \b
    Examples:
      tempkit rate latest -o pairs.html --pairs 60
      tempkit rate latest -o pairs.html -t 0,0.7,1.3 --use-case creative-writing
      tempkit rate --import ada.json ben.json
      tempkit recommend latest --measure human_preference --margin 0.1
    """
    from tempkit.api import rate, rated
    from tempkit.errors import UsageError

    if importing and results:
        raise UsageError("--import prints the results itself; leave out --results")
    if importing:
        work_is_elsewhere()
        _import(arguments, db, as_json=as_json)
        return
    if len(arguments) > 1:
        raise UsageError(f"one run at a time, not {len(arguments)}; files are read with --import")
    run = arguments[0] if arguments else "latest"
    if results:
        with open_to_read(db) as store:
            record = store.find_run(run)
            found = rated(record, db=store)
        if as_json:
            print_json({"ratings": None if found is None else asdict(found)}, run=record)
        else:
            print_results(found)
        return
    work_is_elsewhere()
    page = rate(
        run,
        output=output,
        db=db,
        pairs=pairs,
        use_case=use_case,
        temperatures=temperatures,
        seed=seed,
        lang=lang,
    )
    if as_json:
        print_json(_facts(page), run=page.run)
    else:
        print_page(page, db)


def _import(files: Sequence[str], db: str | None, *, as_json: bool) -> None:
    from tempkit.api import rated, take_ratings
    from tempkit.store import Store

    with Store.open(db, must_exist=True) as store:
        imported = take_ratings(files, db=store)
        runs = [store.find_run(run_id) for run_id in dict.fromkeys(each.run_id for each in imported)]
        found = {run.name: rated(run, db=store) for run in runs}
        where = store.where
    if as_json:
        results = [None if each is None else asdict(each) for each in found.values()]
        ratings = [{"run": run.name, "ratings": each} for run, each in zip(runs, results, strict=True)]
        print_json({"files": [asdict(each) for each in imported], "results": ratings}, runs=runs)
    else:
        print_imported(imported, found, where)


def _facts(page: "RatingPage") -> dict[str, object]:
    return {
        "page": str(page.path),
        "sheet": page.drawn.sheet.id,
        "pairs": len(page.drawn.shown),
        "sections": [
            {
                **asdict(section),
                "pairs": [{"temperature": t, "pairs": n} for t, n in section.pairs.items()],
                "left_out": {reason.code: n for reason, n in section.left_out.items()},
            }
            for section in page.drawn.sections
        ],
    }
