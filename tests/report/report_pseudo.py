"""A language that nobody speaks: every message in brackets, so that what bypasses the catalogues stands outside of them."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from gettext import NullTranslations
from typing import Any

from playwright.sync_api import Page

from tempkit.i18n.languages import Language

__all__ = ["PSEUDO", "bare", "corpus", "outside", "seen"]


class _Brackets(NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return f"⟦{message}⟧"


PSEUDO = Language("en", _Brackets())

_SEEN = """() => {
  const attributes = ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt"];
  const found = [];
  const about = (element) => ({
    data: element.closest("[translate]")?.translate === false || Boolean(element.closest("code")),
    facts: Boolean(element.closest(".pairs, .run-facts, .words, #tip")),
    where: element.tagName.toLowerCase() + (element.id && `#${element.id}`) + (element.className && `.${element.className}`),
  });
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.currentNode; node; node = walker.nextNode()) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    if (!element || element.closest("script, style")) continue;
    if (node.nodeType === Node.TEXT_NODE) {
      found.push({ text: node.data, running: true, ...about(element) });
      continue;
    }
    for (const name of attributes)
      if (element.hasAttribute(name) && !element.closest("[aria-hidden=true]")) found.push({ text: element.getAttribute(name), running: false, ...about(element) });
    for (const part of ["::before", "::after"]) {
      const content = getComputedStyle(element, part).content;
      if (!["none", "normal", "open-quote", "close-quote"].includes(content)) found.push({ text: content, running: false, ...about(element) });
    }
  }
  return found;
}"""


def seen(page: Page) -> list[dict[str, Any]]:
    """Return every text of a page, folded away or not: its text nodes, what is said of elements, and what styles add."""
    found: list[dict[str, Any]] = page.evaluate(_SEEN)
    return found


def outside(texts: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the texts, or parts of them, that stand outside of brackets; a sentence may run over several text nodes.

    Raises:
        AssertionError: A bracket is not closed, or somebody's text is a message.
    """
    depth = 0
    for each in texts:
        kept, inside = [], depth if each["running"] else 0
        for char in each["text"]:
            assert not (each["data"] and char in "⟦⟧"), f"marked as somebody's text, and a message: {each}"
            inside += (char == "⟦") - (char == "⟧")
            assert inside >= 0, each
            if not inside and char != "⟧":
                kept.append(char)
        depth = inside if each["running"] else depth
        assert each["running"] or not inside, each
        if re.search(r"[^\W\d_]", "".join(kept)):
            yield {**each, "outside": " ".join("".join(kept).split())}
    assert not depth


def bare(text: str) -> str:
    """Return a text without brackets and spacing, as the page may have broken it."""
    return " ".join(re.sub(r"[⟦⟧␣↵⇥]", " ", text).split())


def corpus(*things: Any) -> set[str]:
    """Return every string in nested data, with the names of its mappings."""
    return set(filter(None, map(bare, _strings(things))))


def _strings(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for name, value in thing.items():
            yield from _strings(name)
            yield from _strings(value)
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from _strings(getattr(thing, field.name))
    elif isinstance(thing, (list, tuple, set, frozenset)):
        for each in thing:
            yield from _strings(each)
