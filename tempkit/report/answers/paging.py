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

__all__ = ["BLOCK_BYTES", "IN_PAGE_BYTES", "SECTION_BYTES", "Page", "Pages", "pages", "room"]

BLOCK_BYTES = 200_000
"""Of markup that is packed together: a reader who opens one item waits for its block, and what is alike packs well together."""

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
    """Yield blocks of as many items as fit, and at least one."""
    held: list[str] = []
    used = 0
    for at, html in enumerate(markup, first):
        size = len(html.encode("utf-8"))
        if held and used + size > BLOCK_BYTES:
            yield _block(held, at - len(held), ident)
            held, used = [], 0
        held.append(str(html))
        used += size
    if held:
        yield _block(held, first + len(markup) - len(held), ident)


def _block(held: Sequence[str], first: int, ident: str) -> Page:
    return Page(f"{ident}-block-{first}", first, len(held), pack(held))
