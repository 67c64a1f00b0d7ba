"""`tempkit recommend`."""

from typing import TYPE_CHECKING, Any, Literal

import click

from tempkit.cli.common import db_option, json_option, named_here, open_to_read, print_json, say, say_note
from tempkit.cli.deciding import as_arguments, asked_of, judging_options, print_decision, typed_here
from tempkit.cli.progress import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tempkit.decision import Decision

_NOT_REACHED, _NOTHING = 4, 5


@click.command("recommend", short_help="Say which temperature to use, what it could cost, and why.")
@click.argument("run", default="latest")
@judging_options
@click.option(
    "--require",
    type=click.Choice(["shown", "likely"]),
    help="Exit with 4 where no decision is at least so well founded, with 5 where nothing could be scored.",
)
@db_option
@json_option
def command(
    run: str, require: Literal["shown", "likely"] | None, db: str | None, as_json: bool, **judging: Any
) -> None:
    """Say which temperature to use for RUN's use cases: a name, an id, the beginning of one, or latest.

    There is a pick whenever anything can be compared, with what it could cost at worst and how well that is shown:

    \b
    ●●● shown            it is within the margin of the best of those tried, and keeps every guard-rail
    ●●○ likely           that is at least 80 % probable
    ●○○ best guess       neither, or a guard-rail was not measured
    ○○○ not enough data  nothing to go by; it says what to do first

    \b
    Examples:
      tempkit recommend latest
      tempkit recommend latest --use-case my-use-case.toml
      tempkit recommend exam --measure accuracy --margin 0.05
      tempkit recommend exam --measure accuracy --margin 0.05 --policy best-of:5 --scope these-items
      tempkit recommend latest --require likely --json

    Exit codes with --require: 0 reached, 4 not reached, 5 nothing could be scored.
    """
    from rich.text import Text

    from tempkit.api import recommend, undecided_hint
    from tempkit.decision import as_data, between_models, between_use_cases

    asked = asked_of(judging)
    with open_to_read(db) as store:
        record = store.find_run(run)
        with shown() as on_progress:
            found = recommend(
                record, db=store, **as_arguments(asked), on_note=say_note, on_progress=on_progress
            )
        here, typed = named_here(store, record), typed_here(store, record, asked)
    if as_json:
        print_json({"decisions": [as_data(each) for each in found]}, run=record)
    elif hint := undecided_hint(found, here):
        say(Text(hint))
    else:
        for each in found:
            print_decision(each, typed)
        for sentence in (*between_use_cases(found), *between_models(found)):
            say(Text(sentence, style="bold"))
    raise SystemExit(0 if require is None else _reached(found, require))


def _reached(found: "Sequence[Decision]", require: Literal["shown", "likely"]) -> int:
    """Return the exit code that says whether some decision is at least so well founded."""
    if all(each.measure is None for each in found):
        return _NOTHING
    enough = ("shown",) if require == "shown" else ("shown", "likely")
    return 0 if any(each.grade in enough for each in found) else _NOT_REACHED
