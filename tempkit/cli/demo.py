"""`tempkit demo`."""

from pathlib import Path

import click

from tempkit.cli.common import counted, db_option, lang_option, say_note
from tempkit.cli.progress import shown
from tempkit.cli.streams import work_is_elsewhere


@click.command("demo", short_help="Sweep the bundled model over two use cases and write a report.")
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
def command(output: Path, lang: str | None, db: str | None) -> None:
    """Sweep the bundled model over two use cases and write a report: no key, no network.

    Twelve facts and twelve lists of ideas are asked three times each at four temperatures from 0 to 1.2. On two processor
    cores this takes about a minute.
    """
    from tempkit.api import report
    from tempkit.api import run as run_plan
    from tempkit.cli.headlines import decided_or_said_why_not, say_headlines
    from tempkit.decision import build_plan
    from tempkit.i18n import language
    from tempkit.planning import read_experiment
    from tempkit.prompts import shipped_prompts
    from tempkit.running import make_progress
    from tempkit.store import Store

    work_is_elsewhere()
    with language(lang or "en"):
        pass  # a language that is not there is refused before minutes of sampling
    plan = build_plan(read_experiment(shipped_prompts() / "demo.yaml"))
    with Store.open(db) as store:
        run = run_plan(plan, db=store, progress=make_progress(), on_note=say_note).run
        click.echo(f"Run {run.name}: {counted(run, store.where)}.")
        with language(lang or "en"):
            say_headlines(store, run, decided_or_said_why_not(store, run))
        with shown() as on_progress:
            path = report(run, db=store, output=output, lang=lang, on_note=say_note, on_progress=on_progress)
    click.echo(f"Open the report in a browser: {path.absolute()}")
    raise SystemExit(3 if run.failures else 0)
