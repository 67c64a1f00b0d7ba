"""`tempkit exact`."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import db_option, json_option, print_fitting, print_json, say_note
from tempkit.cli.number_options import NUMBER, AtLeast
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.exact import Compared, Exact


@click.command("exact", short_help="Compute how probable accepted answers are at every temperature (local).")
@click.argument("run", default="latest")
@click.option(
    "--within",
    type=NUMBER,
    default=0.01,
    show_default=True,
    metavar="SHARE",
    help="Stop once the bounds are so close together at every temperature.",
)
@click.option(
    "--passes",
    type=AtLeast(1),
    default=200,
    show_default=True,
    help="Ask the model about at most so many beginnings of answers to a question.",
)
@click.option(
    "--all",
    "open_too",
    is_flag=True,
    help="Also questions whose checks accept too many answers to go through them, as contains does; their bounds may stay wide.",
)
@click.option("--anew", is_flag=True, help="Compute everything again, whether it changed or not.")
@db_option
@json_option
def command(
    run: str, within: float, passes: int, open_too: bool, anew: bool, db: str | None, as_json: bool
) -> None:
    """Compute how probable it is that an answer of RUN passes its question's checks, at every temperature, without samples.

    For local models and questions whose checks leave few answers: equals, or a pattern that is bound to the start, such as
    ^(yes|no)$. The model itself gives the probability of each of them, however it may be spelled, at all temperatures at
    once. What was not looked into is in the upper bound, so the two bounds always hold the truth. A truncated answer counts as
    not accepted, and so does one after thoughts. Reports draw the bounds beside the samples.

    \b
    Examples:
      tempkit exact latest
      tempkit exact latest --within 0.001 --passes 2000
      tempkit exact latest --all --json
    """
    from tempkit.api import exact
    from tempkit.exact import compared
    from tempkit.store import Store

    work_is_elsewhere()
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        with shown() as on_progress:
            done = exact(
                record, db=store,
                within=within, passes=passes, open_too=open_too, anew=anew,
                on_note=say_note, on_progress=on_progress,
            )  # fmt: skip
        wanted = {(each.item, each.model) for each in done.answers}
        found = [c for c in compared(store, record) if (c.exact.item, c.exact.model) in wanted]
        plan = store.load_plan(record.id)
    if as_json:
        print_json(
            {
                "exact": [_facts(each) for each in found],
                "computed": done.renewed,
                "left_out": [{"what": each.what, "why": each.why} for each in done.left_out],
            },
            run=record,
        )
        return
    for label in dict.fromkeys(each.exact.model for each in found):
        _print(label, [each for each in found if each.exact.model == label], plan.asked_at(label))
    _say_rest(done)


def _facts(each: "Compared") -> dict[str, Any]:
    exact = each.exact
    return {
        "item": exact.item,
        "model": exact.model,
        "closed": exact.closed,
        "temperatures": exact.temperatures,
        "lower": exact.lower,
        "upper": exact.upper,
        "passes": exact.passes,
        "tokens": exact.tokens,
        "answers": [{"text": answer.text, "probabilities": answer.probabilities} for answer in exact.answers],
        "samples": [
            {"temperature": t, "accepted": counted.accepted, "of": counted.of}
            for t, counted in sorted(each.counted.items())
        ],
    }


def _print(label: str, found: "list[Compared]", asked: tuple[float, ...]) -> None:
    """Print the mean over a model's questions at the temperatures of its samples."""
    from tempkit.decision import amount
    from tempkit.exact import mean_bounds

    mean = mean_bounds(found)
    if mean is None:
        return
    count = f"{mean.questions} question{'s' * (mean.questions != 1)}"
    columns = (">temperature", ">at least", ">at most", ">in the samples", "95 % interval", ">samples")
    rows: list[list[str]] = []
    sampled = {each.temperature: each for each in mean.sampled}
    for temperature, lower, upper in zip(mean.temperatures, mean.lower, mean.upper, strict=True):
        if temperature not in asked:
            continue
        share = sampled.get(temperature)
        rows.append(
            [
                f"{temperature:g}",
                _percent(lower),
                _percent(upper),
                "–" if share is None else _percent(share.share),
                "–" if share is None else f"{amount(share.low, 'share')} to {amount(share.high, 'share')}",
                "–" if share is None else str(share.samples),
            ]
        )
    title = f"Accepted answers of {label}, mean over {count}"
    print_fitting(columns, rows, dropped=(">samples", "95 % interval", ">in the samples"), title=title)
    passes, tokens = sum(each.exact.passes for each in found), sum(each.exact.tokens for each in found)
    hint(f"{passes} passes, {tokens} tokens evaluated, for {len(mean.temperatures)} temperatures.")


def _percent(value: float) -> str:
    """Return a share with a decimal: bounds are often closer together than a percent."""
    return f"{100 * value:.1f} %"


def _say_rest(done: "Exact") -> None:
    from tempkit.errors import one_line

    why = Counter(each.why for each in done.left_out)
    for reason, times in why.items():
        first = one_line(next(each.what for each in done.left_out if each.why == reason), 60)
        others = f" and {times - 1} more" if times > 1 else ""
        say_note(f"warning: not computed: {first}{others}: {reason}")
    if not done.answers:
        click.echo("There is nothing to compute in this run.")
