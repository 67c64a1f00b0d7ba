"""`tempkit topup`."""

from typing import Literal

import click

from tempkit.cli.common import db_option, json_option
from tempkit.cli.judging import judged_by, print_recommendation, profile_options, recommendations


@click.command("topup", short_help="Draw just the samples that decide an undecided recommendation.")
@click.argument("run", default="latest")
@profile_options
@click.option(
    "-n",
    "--repeat",
    "more",
    type=click.IntRange(1),
    metavar="N",
    help="More samples per item and temperature. Default: as many as are estimated to decide it, at most twice those there are.",
)
@click.option(
    "-j",
    "--max-concurrency",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Requests at once (remote).",
)
@click.option("--dry-run", is_flag=True, help="Say what would be drawn and stop.")
@db_option
@json_option
def command(
    run: str,
    use_case: str | None,
    measure: str | None,
    margin: float | None,
    direction: Literal["higher", "lower"] | None,
    more: int | None,
    max_concurrency: int,
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Draw just the samples that decide an undecided recommendation of RUN.

    Temperatures that are out of the race get no more samples. Where only more items would decide, it says so and draws
    nothing. Each top-up is another look at the data, so the next recommendation asks for more confidence.
    """
    from tempkit.compare import load_tables
    from tempkit.running import make_progress, resume
    from tempkit.running.preparing import Limits
    from tempkit.running.runner import refuse_imported
    from tempkit.store import Store
    from tempkit.usecases import document
    from tempkit.usecases.racing import next_round

    profile = judged_by(use_case, measure, margin, direction)
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        refuse_imported(record, store.load_plan(record.id))
        found = recommendations(store, record, profile)
        sections = {(section.model.label, section.name): section for section in load_tables(store, record)}
        plan = store.load_plan(record.id)
        rounds = [next_round(plan, sections[each.model, each.section], each, more) for each in found]
        for part in rounds:
            click.echo(part.says, err=as_json)
        topups = [part.topup for part in rounds if part.topup is not None]
        if topups and not dry_run:
            for topup in topups:
                store.add_topup(record.id, topup)
            resume(
                store,
                store.find_run(record.id),
                make_progress(),
                Limits(concurrency=max_concurrency),
                retry_errors=False,
            )
            found = recommendations(store, record, profile)
    if as_json:
        click.echo(document(found), nl=False)
    elif topups and not dry_run:
        for each in found:
            print_recommendation(each)
