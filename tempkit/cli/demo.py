"""`tempkit demo`."""

from pathlib import Path

import click

from tempkit.cli.common import db_option, json_option, lang_option, print_json, say_note
from tempkit.cli.progress import run_progress, shown
from tempkit.cli.quiet import hint, is_quiet
from tempkit.cli.streams import work_is_elsewhere


@click.command(
    "demo", short_help="Choose a temperature for two use cases on the bundled model, and write a report."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("reports/demo.html"),
    show_default=True,
    metavar="FILE.html",
    help="Where the report goes.",
)
@lang_option
@db_option
@json_option
def command(output: Path, lang: str | None, db: str | None, as_json: bool) -> None:
    """Choose a temperature for two use cases on the bundled model, and write a report: no key, no network.

    Facts and ideas are asked for, twelve questions of each, at four temperatures from 0 to 1.2: a few first, then more where
    that decides. On two processor cores this takes about a minute and a half.
    """
    from tempkit.api import choose_planned, report, report_path
    from tempkit.cli.choose_output import chosen_as_data, ended, round_line
    from tempkit.i18n import language
    from tempkit.planning import read_experiment
    from tempkit.prompts import shipped_prompts
    from tempkit.store import Store

    work_is_elsewhere()
    report_path(output)  # refused before minutes of sampling
    experiment = read_experiment(shipped_prompts() / "demo.yaml")
    with Store.open(db) as store, shown() as on_progress:
        chosen = choose_planned(
            experiment,
            db=store,
            progress=run_progress(),
            on_begin=say_note,
            on_round=lambda done: round_line(done, quiet=as_json or is_quiet()),
            on_note=say_note,
            on_progress=on_progress,
        )
        path = report(
            chosen.run, db=store, output=output, lang=lang, on_note=say_note, on_progress=on_progress
        )
        if as_json:
            print_json(chosen_as_data(chosen, path), run=chosen.run)
        else:
            with language(lang or "en"):
                ended(chosen, store, path)
    if not as_json:
        hint(f"Open the report in a browser: {path.absolute()}")
    raise SystemExit(3 if chosen.run.failures else 0)
