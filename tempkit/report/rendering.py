"""Draw the view as one HTML file that asks nobody for anything and runs nothing but its own scripts.

What a model wrote may be hostile, so there are three lines of defence, each enough by itself: everything is escaped by the template
engine (and hidden characters are spelled out on the way); data for scripts stand in non-executable blocks and reach the
page as text nodes; and the page's Content-Security-Policy allows scripts by their hashes only, no network, and no
`eval`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tempkit.errors import ReportError
from tempkit.files import replacing
from tempkit.i18n import current
from tempkit.report.answers.paging import Pages, pages, room
from tempkit.report.answers.tokens import pack
from tempkit.report.charts.bundle import vega_bundle
from tempkit.report.charts.figures import drawn
from tempkit.report.charts.vega import specifications, vegalite_version
from tempkit.report.isolated import Apart
from tempkit.report.page_frame import embedded, framed
from tempkit.report.page_script import page_script
from tempkit.report.study import Study
from tempkit.report.text.characters import plain
from tempkit.report.text.labels import labels
from tempkit.report.text.text import gettext as _
from tempkit.report.theme import Own, draw, macro, own_files, stylesheet
from tempkit.report.view import view

__all__ = ["render", "render_markdown", "write"]


def render(studies: Sequence[Study], templates: Path | None = None, *, renewed_s: int | None = None) -> str:
    """Return the report of one run or several as one self-contained HTML page.

    Args:
        studies: The runs, in the order in which the page shows them.
        templates: A folder whose templates and styles take the place of ours.
        renewed_s: After how many seconds the page loads itself again, as its file is going to be written anew; None: never.

    Raises:
        ReportError: The chart library cannot be put in a page, or the folder cannot be used.
    """
    own = None if templates is None else own_files(templates)
    data = view(studies)
    script = page_script()
    charts = drawn(data)
    vega = vega_bundle(vegalite_version()) if charts else None
    for_scripts = {
        "explorer": None
        if data["explorer"] is None
        else {name: data["explorer"][name] for name in ("spots", "hottest")},
        "labels": labels(),
        # What a reader marked is kept under it.
        "identity": "+".join(each.comparison.run.id for each in studies),
    }
    if charts:
        block = {"specs": specifications(data["temperatures"]), "charts": charts, "source": _source(data)}
        data["blocks"]["charts"] = pack(block)
    body, answers = _body(data, own, renewed=renewed_s is not None)
    return framed(
        body,
        lang=current().code,
        title=f"{data['title']} – {_('temperature report')}",
        css=stylesheet(own),
        blocks=data["blocks"],
        answers=answers,
        data=embedded(for_scripts),
        # A third of its size, and out of the way until it is used.
        vega=None if vega is None else pack(vega),
        scripts=[each for each in (vega, script) if each],
        own=script,
        renewed_s=renewed_s,
    )


def _source(data: dict[str, Any]) -> str:
    """Return the line below a chart that is saved: whose numbers these are."""
    return _("%(runs)s, made with tempkit") % {"runs": plain(data["title"])}


def render_markdown(studies: Sequence[Study], templates: Path | None = None) -> str:
    """Return a summary in Markdown, short enough for a pull request, from the data that the page is drawn from.

    Raises:
        ReportError: The folder of templates cannot be used.
    """
    values = {"lang": current().code, "view": view(studies)}
    if templates is None:
        return draw("summary.md.j2", None, values)
    with Apart(own_files(templates)) as apart:
        return apart.draw("summary.md.j2", values)


def write(path: Path, html: str) -> None:
    """Write a page, whole or not at all: beside its place first, then moved there. Missing folders are made.

    Raises:
        ReportError: It cannot be written there.
    """
    content = html.encode("utf-8")  # as bytes: a changed line end would change the scripts' hashes
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as e:
        raise ReportError(
            f"the report cannot be written to {str(path)!r}: {e.strerror or e}; choose another file with -o"
        ) from e


def _body(data: dict[str, Any], own: Own | None, *, renewed: bool) -> tuple[str, dict[str, Pages]]:
    """Draw what the templates draw; return the page's body, and the answers of each section by its id."""
    sections = [section for case in data["use_cases"] for section in case["sections"]]
    values: dict[str, Any] = {"lang": current().code, "view": data, "renewed": renewed}
    if own is None:
        one = macro("item_answers", "answers.html.j2", None)
        answers = _paged(sections, (one(*call) for call in _calls(sections)))
        return draw("page.html.j2", None, {**values, "answers": answers}), answers
    with Apart(own) as apart:
        answers = _paged(sections, iter(apart.macro("item_answers", "answers.html.j2", _calls(sections))))
        plain = {
            section: {"drawn": held.drawn, "blocks": len(held.blocks), "count": held.count}
            for section, held in answers.items()
        }
        return apart.draw("page.html.j2", {**values, "answers": plain}), answers


def _calls(sections: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return what the template of an item's answers is given, in the order in which they are drawn."""
    return [(item, section) for section in sections for item in section["items"]]


def _paged(sections: Sequence[Any], drawn: Iterator[Markup]) -> dict[str, Pages]:
    budget = room(len(sections))
    return {
        section["id"]: pages(section["items"], lambda _: next(drawn), section["id"], budget=budget)
        for section in sections
    }
