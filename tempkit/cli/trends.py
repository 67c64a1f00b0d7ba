"""`tempkit trends`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tempkit.cli.common import (
    db_option,
    json_option,
    named_here,
    open_to_read,
    print_fitting,
    print_json,
    say,
    say_note,
)
from tempkit.cli.progress import shown
from tempkit.cli.quiet import is_quiet

if TYPE_CHECKING:
    from tempkit.analysis import MeasureTrend


@click.command("trends", short_help="Show how every measure of a run changes with temperature.")
@click.argument("run", default="latest")
@db_option
@json_option
def command(run: str, db: str | None, as_json: bool) -> None:
    """Show how every measure of RUN changes with temperature, by use case and model.

    \b
    slope   change per unit of temperature: the mean of the questions' own slopes, with its 95 % interval
    rank    Spearman's rank correlation with temperature, within questions
    p       Page's trend test, two-sided, adjusted for all rows together (Benjamini and Hochberg)

    Novelty, typicality, cohesion and incoherence are followed by what Peeperkorn et al. 2024 (arXiv 2405.00492) found when
    people rated stories from 1 to 5. Incoherence needs `tempkit measure RUN --reference MODEL` first.
    """
    from tempkit.analysis import load_tables, measure_trends
    from tempkit.api import measure

    with open_to_read(db) as store:
        record = store.find_run(run)
        with shown() as on_progress:
            measure(record, db=store, on_note=say_note, on_progress=on_progress)
        found = measure_trends(load_tables(store, record))
        here = named_here(store, record)
    if as_json:
        print_json({"trends": [asdict(each) for each in found]}, run=record)
        return
    if not found:
        from rich.text import Text

        say(Text("No measure has a value in this run, so nothing can be said of temperature."))
    for key in dict.fromkeys((each.section, each.model) for each in found):
        _print(*key, [each for each in found if (each.section, each.model) == key], here)


def _print(section: str, model: str, trends: "list[MeasureTrend]", here: str) -> None:
    from rich.text import Text

    from tempkit.decision import amount, at

    columns = ("measure", "means", ">slope", "95 % interval", ">rank", ">p", ">items")
    rows: list[list[str | Text]] = []
    for each in trends:
        found = each.trend
        ends = [(t, m) for t, m in zip(each.temperatures, each.means, strict=True) if m is not None]
        means = "–"
        if ends:
            first, last = ends[0], ends[-1]
            means = f"{amount(first[1], each.unit)} at {at(first[0])}, {amount(last[1], each.unit)} at {at(last[0])}"
        interval = "–"
        if found and found.interval:
            low, high = found.interval.low, found.interval.high
            interval = f"{amount(low, each.unit, sign=True)} to {amount(high, each.unit, sign=True)}"
        rows.append(
            [
                Text(each.title),
                means,
                "–" if found is None or found.slope is None else amount(found.slope, each.unit, sign=True),
                interval,
                "–" if found is None or found.spearman is None else f"{found.spearman:+.2f}",
                "–"
                if each.adjusted_p is None
                else "<0.001"
                if each.adjusted_p < 0.001
                else f"{each.adjusted_p:.3f}",
                "–" if found is None else str(found.n_items),
            ]
        )
        if each.study:
            rows.append(
                [
                    Text("  as people rated it", style="dim"),
                    Text("1 to 5", style="dim"),
                    Text(f"{each.study.slope:+.2f}", style="dim"),
                    Text(f"standard error {each.study.standard_error:.2f}", style="dim"),
                    Text(f"{each.study.spearman:+.2f}", style="dim"),
                    "",
                    "",
                ]
            )
    dropped = (">items", ">rank", "95 % interval", ">p")
    print_fitting(columns, rows, dropped=dropped, title=f"{section} on {model}", folded=True)
    if not is_quiet() and not any(each.measure == "incoherence" for each in trends):
        said = f"Incoherence was not measured: tempkit measure {here} --reference gguf:smollm2"
        say(Text(said, style="dim"))
