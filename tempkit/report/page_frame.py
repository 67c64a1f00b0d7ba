"""What stands around the page: its policy, its styles, its data and its scripts, out of the reach of every template.

A folder of templates may come from a stranger. It can change all that a reader sees, and nothing that keeps the page from
running other scripts or telling anybody what is in it: the policy stands before anything a template writes, and the tags
that could take the reader elsewhere by themselves are refused (`theme.RESERVED`).
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from tempkit.report.answers.paging import Pages
from tempkit.report.text.characters import plain

__all__ = ["embedded", "framed"]


def framed(
    body: str,
    *,
    lang: str,
    title: str,
    css: str,
    blocks: Mapping[str, str],
    answers: Mapping[str, Pages],
    data: str,
    vega: str | None,
    scripts: list[str],
    own: str,
    renewed_s: int | None = None,
) -> str:
    """Return the whole page.

    Args:
        body: As the templates drew it.
        lang: The language's code.
        title: What a window or a tab is called.
        css: All styles; cannot end their block.
        blocks: Packed data by name.
        answers: With their packed blocks, by section.
        data: JSON that cannot end its block.
        vega: The chart library, packed; None where there are no charts.
        scripts: What may run.
        own: The page's script.
        renewed_s: After how many seconds the script loads the page again; None: never.
    """
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{escape(lang)}">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_policy(scripts))}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="generator" content="tempkit">',
            *([] if renewed_s is None else [f'<meta name="tempkit-renewed" content="{renewed_s}">']),
            f"<title>{escape(plain(title))}</title>",
            '<link rel="icon" href="data:,">',
            f"<style>\n{css}\n</style>",
            "</head>",
            "<body>",
            body.strip("\n"),
            *_packed("application/octet-stream", {f"tokens-{name}": held for name, held in blocks.items()}),
            *_answers(answers),
            *_packed("application/json", {"report-data": data}),
            *_packed("application/octet-stream", {} if vega is None else {"vega": vega}),
            f"<script>{own}</script>",
            "</body>",
            "</html>",
        ]
    )


def _packed(kind: str, blocks: Mapping[str, str]) -> Iterator[str]:
    for name, held in blocks.items():
        yield f'<script type="{kind}" id="{escape(name)}">{held}</script>'


def _answers(answers: Mapping[str, Pages]) -> Iterator[str]:
    for section, held in answers.items():
        for block in held.blocks:
            yield (
                f'<script type="application/octet-stream" id="{escape(block.ident)}" data-section="{escape(section)}" '
                f'data-first="{block.first}" data-count="{block.count}">{block.packed}</script>'
            )


def _policy(scripts: list[str]) -> str:
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def embedded(data: Any) -> Markup:
    """Return JSON in ASCII that cannot end the `<script>` it stands in, whatever its strings hold."""
    encoded = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for char in "<>&":
        encoded = encoded.replace(char, f"\\u{ord(char):04x}")
    return Markup(encoded)  # noqa: S704  (made safe above)
