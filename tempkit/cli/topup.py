"""`tempkit topup`."""

from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import counted, db_option, json_option, named_here
from tempkit.cli.deciding import (
    asked_of,
    decided,
    judging_options,
    looked_at,
    print_decision,
    scored_and_decided,
    typed_here,
)
from tempkit.cli.number_options import AtLeast
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.decision.result import Decision
    from tempkit.planning.consent import Consent
    from tempkit.store import RunRecord, Store
    from tempkit.types import TopUp


@click.command(
    "topup", short_help="Draw more answers, only where they could settle which temperature to use."
)
@click.argument("run", default="latest")
@judging_options
@click.option(
    "-n",
    "--repeat",
    "more",
    type=AtLeast(1),
    metavar="N",
    help="More samples per item and temperature. Default: as many as are estimated to settle it, at most twice those there are.",
)
@click.option(
    "-j",
    "--max-concurrency",
    type=AtLeast(1),
    default=8,
    show_default=True,
    help="Requests at once (remote).",
)
@click.option(
    "--allow-key-env",
    multiple=True,
    metavar="NAME",
    help="Let the run send the key in this environment variable; may be repeated.",
)
@click.option(
    "--allow-key-to",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Let the run send a key to this server; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be drawn and stop.")
@db_option
@json_option
def command(
    run: str,
    more: int | None,
    max_concurrency: int,
    allow_key_env: tuple[str, ...],
    allow_key_to: tuple[str, ...],
    dry_run: bool,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Draw more answers for RUN, only where they could settle which temperature to use.

    Temperatures that are out of the race get no more: a guard-rail rules them out, or they are shown to be behind by more
    than the margin. Where only more items would settle it, it says so and draws nothing. What is drawn is another look at
    the data, so the next decision is made with more confidence. What was planned before and is not drawn yet comes first.

    Exit codes: 0 done, 1 error, 2 usage, 3 some of the run's samples failed, 130 interrupted.
    """
    from tempkit.cli.run import say_failures
    from tempkit.decision.result import document
    from tempkit.decision.topup import next_round
    from tempkit.planning.consent import Consent, check_stored
    from tempkit.running.runner import refuse_imported
    from tempkit.store import Store

    asked, consent = asked_of(judging), Consent(keys=allow_key_env, servers=allow_key_to)
    if not dry_run:
        work_is_elsewhere()
    with Store.open(db, must_exist=True, reading=dry_run) as store:
        record = store.find_run(run)
        plan = store.load_plan(record.id)
        refuse_imported(record, plan)
        if not dry_run:
            check_stored(f"run {record.name}", plan.models, consent)
        if owed := record.planned - record.completions - record.failures:
            click.echo(
                f"{record.name}: {owed:,} samples that are planned already are still to be drawn; these first, and nothing new is planned",
                err=as_json,
            )
            found: list[Decision] = []
            topups: list[TopUp] = []
        else:
            found, scored = scored_and_decided(store, record, asked)
            sections = {(section.model.label, section.name): section for section in scored}
            here = f"{named_here(store, record)}{asked.options}"
            rounds = [
                next_round(plan, sections[each.model, each.section], each, more, here) for each in found
            ]
            for part in rounds:
                click.echo(part.says, err=as_json)
            topups = [part.topup for part in rounds if part.topup is not None]
        draws = bool(owed or topups) and not dry_run
        try:
            if draws:
                _draw(store, record, topups, max_concurrency, consent)
        finally:
            # What could not be begun is as if it had not been asked for: nothing is stored, and nothing was looked at.
            if found and (not draws or len(store.load_plan(record.id).topups) > len(plan.topups)):
                looked_at(store, record, scored, found)
        if draws:
            record = store.find_run(record.id)
            say_failures(store, record)
            found = decided(store, record, asked)
    if as_json:
        click.echo(document(found), nl=False)
    elif draws:
        click.echo(f"Run {record.name}: {counted(record, store.where)}.")
        for each in found:
            print_decision(each, typed_here(store, record, asked))
    raise SystemExit(3 if draws and record.failures else 0)


def _draw(
    store: "Store", record: "RunRecord", topups: "list[TopUp]", concurrency: int, consent: "Consent"
) -> None:
    from tempkit.running import make_progress, resume
    from tempkit.running.preparing import Limits

    limits = Limits(concurrency=concurrency)
    resume(store, record, make_progress(), limits, retry_errors=False, topups=topups, consent=consent)
