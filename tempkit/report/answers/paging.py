"""Answers drawn item by item: the first ones stand in the page, the others in packed blocks that its script unpacks.

Ten thousand answers are ten megabytes of markup that a browser would have to lay out before it shows anything. So each
section has as many items in the page as a budget of bytes allows, and at least one, for readers without a script; the
others are the very same markup, from the same template, deflated and put in blocks that are no document yet.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tempkit.report.answers.tokens import pack

__all__ = ["IN_PAGE_BYTES", "ON_A_PAGE", "SECTION_BYTES", "Page", "Pages", "pages", "room"]

ON_A_PAGE = 10
"""Items that the reader is shown at once."""

SECTION_BYTES, IN_PAGE_BYTES = 60_000, 180_000
"""Of markup that stands in the page: of one section, and of all together."""


@dataclass(frozen=True, slots=True)
class Page:
    """The markup of several items, one after another."""

    ident: str
    first: int
    """Place of its first item in the section, from 0."""
    count: int
    packed: str
    """A JSON list with one string per item, packed as tokens are."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A section's items as they go into the page."""

    drawn: Sequence[Markup]
    """The first items."""
    blocks: Sequence[Page]
    """The others."""
    count: int
    size: int = ON_A_PAGE


def room(sections: int) -> int:
    """Return how many bytes of markup each of so many sections may have in the page."""
    return min(SECTION_BYTES, IN_PAGE_BYTES // max(1, sections))


def pages(items: Sequence[Any], draw: Callable[[Any], Markup], ident: str, *, budget: int) -> Pages:
    """Draw items, in the page while the budget lasts.

    Args:
        items: Of a section, as the template takes them.
        draw: The template.
        ident: Of the section; its blocks' begin with it.
        budget: In bytes of markup; the first item stands in the page whatever its size.
    """
    drawn: list[Markup] = []
    markup: list[Markup] = []
    used = 0
    for item in items:
        html = draw(item)
        used += len(html.encode("utf-8"))
        (drawn if not markup and (used <= budget or not drawn) else markup).append(html)
    return Pages(drawn, list(_blocks(markup, len(drawn), ident)), len(items))


def _blocks(markup: Sequence[Markup], first: int, ident: str) -> Iterator[Page]:
    """Yield blocks that end where a reader's page ends, so that a page needs one of them, or two for the first."""
    at = 0
    while at < len(markup):
        count = min(ON_A_PAGE - (first + at) % ON_A_PAGE, len(markup) - at)
        packed = pack([str(html) for html in markup[at : at + count]])
        yield Page(f"{ident}-block-{first + at}", first + at, count, packed)
        at += count
