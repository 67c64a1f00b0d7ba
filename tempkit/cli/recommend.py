"""`tempkit recommend`."""

from typing import Literal

import click

from tempkit.cli.common import db_option, json_option
from tempkit.cli.judging import judged_by, print_recommendation, profile_options, recommendations


@click.command("recommend", short_help="Say which temperature to use, how sure that is, and why.")
@click.argument("run", default="latest")
@profile_options
@db_option
@json_option
def command(
    run: str,
    use_case: str | None,
    measure: str | None,
    margin: float | None,
    direction: Literal["higher", "lower"] | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Say which temperature to use for RUN's use cases: a name, an id, the beginning of one, or latest.

    \b
    recommended  a temperature shown to be within the margin of the best, where others were shown to be unsuitable
    tie          all temperatures are shown to be within the margin: any will do
    undecided    the data do not tell; it says how many more samples or items would

    \b
    Examples:
      tempkit recommend latest
      tempkit recommend latest --use-case my-use-case.toml
      tempkit recommend exam --measure accuracy --margin 0.05
    """
    from rich.text import Text

    from tempkit.cli.common import say
    from tempkit.store import Store
    from tempkit.usecases import between, document

    profile = judged_by(use_case, measure, margin, direction)
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        found = recommendations(store, record, profile)
    if as_json:
        click.echo(document(found), nl=False)
        return
    for each in found:
        print_recommendation(each)
    for sentence in between(found):
        say(Text(sentence, style="bold"))
