"""Make any text safe to stand in Markdown: what a model or a user wrote must show as it is, and do nothing.

Three readers follow each other, and each must find nothing to act on: the Markdown parser (marks, tables, HTML), its
extensions (bare addresses become links), and the site that shows the result (GitHub and GitLab turn `@name` into a
notice to a person, `#12` into a link to an issue, `:smile:` into a picture, `$x$` into a formula). The last of them reads text
after the parser has taken escapes away, so a backslash does not stop it; a zero-width space between sign and name does.
"""

import re

from markupsafe import Markup

from tempkit.errors import one_line
from tempkit.report.text.characters import plain

__all__ = ["code", "escaped"]

_LIMIT, _NAME_LIMIT = 400, 120
_MARKS = re.compile(r"[\\`*_\[\]~!|]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;", "\u200b": "&#8203;"})
_ACTIVE = re.compile(
    r"(?<=[@#])(?=\S)|(?<=:)(?=[^\s\d])|(?<!\d:)(?<=:)(?=\d)|(?<=www)(?=\.)|(?<=\bGH)(?=-\d)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^(#+|[-+=]|\d{1,9}(?=[.)](\s|$)))")
_TAME = re.compile(r"[^`|$]+")


def escaped(text: str, limit: int = _LIMIT) -> str:
    """Return `text` as one line of Markdown that shows it and nothing else; longer text is cut, with an ellipsis."""
    line = _ACTIVE.sub("\u200b", one_line(plain(text), limit))
    line = _MARKS.sub(r"\\\g<0>", line)
    line = _LEADING.sub(_not_leading, line)
    return line.translate(_ENTITIES)


def code(text: str, limit: int = _NAME_LIMIT) -> Markup:
    """Return a name as inline code, as it is: in backticks, or where they or a table cannot hold it, in a tag."""
    line = one_line(plain(text), limit)
    made = f"`{line}`" if _TAME.fullmatch(line) else f"<code>{escaped(line, limit)}</code>"
    return Markup(made)  # noqa: S704  (escaped for Markdown, HTML included)


def _not_leading(match: re.Match[str]) -> str:
    """Keep a line from beginning a heading, a list or an underline."""
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"
