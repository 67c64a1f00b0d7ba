"""Draw the view as one HTML file that asks nobody for anything and runs nothing but its own scripts.

What a model wrote may be hostile, so there are three fences, each enough by itself: everything is escaped by the template
engine (and hidden characters are spelled out on the way); data for scripts stand in non-executable blocks and reach the
page as text nodes; and the page's Content-Security-Policy allows scripts by their hashes only, no network, and no
`eval`.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tempkit.atomic import replacing
from tempkit.errors import ReportError
from tempkit.language import current
from tempkit.report.bundle import vega_bundle
from tempkit.report.charts import specifications, vegalite_version
from tempkit.report.figures import drawn
from tempkit.report.labels import labels
from tempkit.report.paging import Pages, pages, room
from tempkit.report.study import Study
from tempkit.report.theme import asset, draw, macro, stylesheet
from tempkit.report.tokens import pack
from tempkit.report.view import view

__all__ = ["render", "render_markdown", "write"]

_SCRIPTS = (
    "page",
    "contents",
    "charts",
    "items",
    "tokens",
    "marking",
    "finding",
    "answers",
    "softmax",
    "retemper",
    "explorer",
    "forks",
    "downloads",
)
"""In the order in which they run: the first one holds what the others share."""


def render(studies: Sequence[Study], templates: Path | None = None) -> str:
    """Return the report of one run or several as one self-contained HTML page.

    Args:
        studies: The runs, in the order in which the page shows them.
        templates: A folder whose templates and styles take the place of ours.

    Raises:
        ReportError: The chart library cannot be put in a page, or the folder cannot be used.
    """
    css = stylesheet(templates)
    data = view(studies)
    own = "".join(asset(f"js/{name}.js") for name in _SCRIPTS)
    charts = drawn(data)
    vega = vega_bundle(vegalite_version()) if charts else None
    for_scripts = {
        "explorer": None
        if data["explorer"] is None
        else {name: data["explorer"][name] for name in ("spots", "hottest")},
        "labels": labels(),
    }
    if charts:
        data["blocks"]["charts"] = pack({"specs": specifications(data["temperatures"]), "charts": charts})
    values = {
        "lang": current().code,
        "view": data,
        "answers": _answers(data, templates),
        "policy": _policy([script for script in (vega, own) if script]),
        "css": Markup(css),  # noqa: S704  (ours or the user's, not data; it cannot end its block)
        "data": _json(for_scripts),
        "vega": None
        if vega is None
        else pack(vega),  # a third of its size, and out of the way until it is used
        "script": Markup(own),  # noqa: S704  (ours, not data)
    }
    return draw("page.html.j2", templates, values)


def render_markdown(studies: Sequence[Study], templates: Path | None = None) -> str:
    """Return a summary in Markdown, short enough for a pull request, from the data that the page is drawn from.

    Raises:
        ReportError: The folder of templates cannot be used.
    """
    return draw("summary.md.j2", templates, {"lang": current().code, "view": view(studies)})


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


def _answers(data: dict[str, Any], templates: Path | None) -> dict[str, Pages]:
    """Draw the answers of each section, by its id."""
    sections = [section for case in data["use_cases"] for section in case["sections"]]
    drawn = macro("item_answers", "answers.html.j2", templates)
    budget = room(len(sections))

    def of(section: dict[str, Any]) -> Pages:
        return pages(section["items"], lambda item: drawn(item, section), section["id"], budget=budget)

    return {section["id"]: of(section) for section in sections}


def _policy(scripts: list[str]) -> str:
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _json(data: Any) -> Markup:
    """Return JSON in ASCII that cannot end the `<script>` it stands in, whatever its strings hold."""
    encoded = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for char in "<>&":
        encoded = encoded.replace(char, f"\\u{ord(char):04x}")
    return Markup(encoded)  # noqa: S704  (made safe above)
