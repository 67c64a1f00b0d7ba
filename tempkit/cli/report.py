"""`tempkit report`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import (
    db_option,
    find_runs,
    json_option,
    lang_option,
    named_here,
    open_to_read,
    print_json,
    print_table,
    size,
    table,
    visible,
)
from tempkit.cli.deciding import asked_of, judging_options, looked_at, undecided_hint
from tempkit.cli.streams import work_is_elsewhere

if TYPE_CHECKING:
    from tempkit.decision.overrides import Asked
    from tempkit.store import RunRecord, Store

_STDOUT = Path("-")
_PAGE, _SUMMARY = (".html", ".htm"), (".md", ".markdown")


@click.command("report", short_help="Write an HTML report of a run.")
@click.argument("runs", nargs=-1, metavar="[RUN...]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.{html,md}",
    help="A page, or a short summary in Markdown; - prints the summary. Default: reports/RUN.html.",
)
@click.option("--open", "open_it", is_flag=True, help="Open it in the browser.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    envvar="TEMPKIT_TEMPLATES",
    help="Templates and styles of your own, in place of the bundled ones. Default: $TEMPKIT_TEMPLATES.",
)
@click.option("--list-templates", is_flag=True, help="List the files that such a folder may hold, and stop.")
@judging_options
@lang_option
@db_option
@json_option
def command(
    runs: tuple[str, ...],
    output: Path | None,
    open_it: bool,
    templates: Path | None,
    list_templates: bool,
    lang: str | None,
    db: str | None,
    as_json: bool,
    **judging: Any,
) -> None:
    """Write an HTML report of each RUN: a name, an id, the beginning of one, or latest.

    The report is one file that needs no network: mail it, or keep it beside your code. A run that is still going, or
    was interrupted, can be reported too; the report says so. Several runs stand side by side on one page, to compare
    models, or a before with an after; the page says what else differs between them.

    \b
    Examples:
      tempkit report latest --open
      tempkit report before after -o comparison.html
      tempkit report exam --measure accuracy --margin 0.05
      tempkit report latest -o - >> "$GITHUB_STEP_SUMMARY"
      tempkit report latest --lang es -o informe.html
    """
    from tempkit.errors import UsageError

    if list_templates:
        _list_templates(as_json=as_json)
        return
    printed = output == _STDOUT
    if printed and (as_json or open_it):
        option = "--json" if as_json else "--open"
        raise UsageError(
            f"-o - prints the summary, so there is nothing for {option}: name a file, or leave out {option}"
        )
    asked = asked_of(judging)
    if not printed:
        work_is_elsewhere()
    with open_to_read(db) as store:
        records = find_runs(store, runs or ("latest",))
        path = write_report(store, records, output, templates=templates, lang=lang, asked=asked)
    if as_json:
        named = [{"run": record.name, "id": record.id} for record in records]
        print_json({"runs": named, "report": str(path), "bytes": path.stat().st_size})
    elif not printed:
        names = ", ".join(record.name for record in records)
        click.echo(f"Report of {names}: {path} ({size(path.stat().st_size)})")
    if open_it:
        click.launch(str(path))


def write_report(
    store: "Store",
    records: "Sequence[RunRecord]",
    output: Path | None,
    *,
    templates: Path | None = None,
    lang: str | None = None,
    asked: "Asked | None" = None,
) -> Path:
    """Measure runs, decide, draw them, write that; return the path. English unless `lang` says other.

    Args:
        store: Where the runs are.
        records: The runs.
        output: The file; None: named after the runs.
        templates: A folder of one's own templates.
        lang: The language's code.
        asked: What to judge by; None: the runs' own use cases.

    Raises:
        UsageError: The output is neither a page nor a summary, there is no such language, or what is asked cannot be asked of a
            run.
        ReportError: The templates cannot be used, or the output cannot be written.
    """
    from tempkit.cli.measure import bring_up_to_date
    from tempkit.decision.overrides import AS_THE_RUN_SAYS
    from tempkit.errors import UsageError
    from tempkit.i18n.language import language
    from tempkit.report import load_study, render, render_markdown, write
    from tempkit.report.method.file_names import file_name

    judging = asked or AS_THE_RUN_SAYS
    path = output or Path("reports") / f"{file_name(records)}.html"
    summary = path == _STDOUT or path.suffix.lower() in _SUMMARY
    if not summary and path.suffix.lower() not in _PAGE:
        raise UsageError(
            f"a report is an HTML page or a Markdown summary; name it {path.with_suffix('.html')} or {path.with_suffix('.md')}"
        )
    with language(lang or "en"):  # before the work begins: a typing error should not cost a minute
        for record in records:
            bring_up_to_date(store, record, profile=judging.profile())
        studies = [
            load_study(store, record, tokens=not summary, runs=len(records), asked=judging)
            for record in records
        ]
        drawn = render_markdown(studies, templates) if summary else render(studies, templates)
    if path == _STDOUT:
        click.echo(drawn.encode(), nl=False)
    else:
        write(path, drawn)
    for record, study in zip(records, studies, strict=True):
        looked_at(store, record, study.scored, study.decisions)
        if hint := undecided_hint(study.decisions, named_here(store, record), "report"):
            click.echo(f"note: {visible(f'{record.name}: {hint}').plain}", err=True)
    return path


def _list_templates(*, as_json: bool) -> None:
    from tempkit.report.theme import overridable, shipped_folders

    about, folders = overridable(), shipped_folders()
    if as_json:
        print_json({"files": about, "shipped": [str(folder) for folder in folders]})
        return
    rows = table("file", "what it is", title="A folder for --templates may hold any of these")
    for name, says in about.items():
        rows.add_row(name, says)
    print_table(rows)
    click.echo("Copy what you want to change from:")
    for folder in folders:
        click.echo(f"  {folder}")
