"""Cut a text into words, sentences and list items, in any script and without a model.

Counting measures need the same simple rule for every language, fast enough for ten thousand answers. A word is what
stands between white space, without the punctuation around it; scripts that put no space between words (Chinese, Thai, ...)
are cut into characters. Sentences end with a full stop, a question or exclamation mark, or a line. Both are wrong here
and there ("Dr. Who" is two sentences), equally at every temperature.
"""

import re

from tempkit.measures.wording import UNSPACED

__all__ = ["finished_sentences", "list_items", "words"]

_EDGES = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¿¡«»‹›“”„‘’‚…·•‣◦–—―、。，．！？；：「」『』（）【】《》،؛؟।"
_JOINS = re.compile("[—―…]|--")

_SENTENCE = re.compile(r"(?<=[.!?…؟।])[\"'”’»)\]*_]{0,3}\s+|(?<=[。！？])|\n+")
_ENDED = re.compile(r"[.!?…؟।。！？][\"'”’»)\]*_]{0,3}$")
_LETTER = re.compile(r"[^\W\d_]")

_NUMBERED = re.compile(r"[ \t>#*_]{0,12}\(?(\d{1,3})[.):\]][*_]{0,3}[ \t]+(\S.*)")
_BULLET = re.compile(r"([ \t>]{0,12})[-*+•‣◦–][ \t]+(\S.*)")
_IN_LINE = re.compile(r"(?:^|(?<=\s))\(?(\d{1,2})[.)][ \t]+(?=\S)")
_MARKS = re.compile(r"[*_`#]{1,3}")

_LONGEST_ITEM = 300
"""Characters: what a list item says is said by then, and a runaway line must not cost more than its list."""


def words(text: str) -> list[str]:
    """Return the case-folded words of `text` in order; an emoji that stands alone counts as one."""
    folded = text.casefold()
    if not folded.isascii():
        folded = UNSPACED.sub(r" \g<0> ", _JOINS.sub(" ", folded))
    elif "--" in folded:
        folded = folded.replace("--", " ")
    return [word for part in folded.split() if (word := part.strip(_EDGES))]


def finished_sentences(text: str, *, truncated: bool = False) -> list[str]:
    """Return the sentences of `text` that hold a letter; of a text that was `truncated`, without its unfinished last one."""
    found = [part.strip() for part in _SENTENCE.split(text)]
    found = [part for part in found if _LETTER.search(part)]
    if truncated and found and not _ENDED.search(text.rstrip()[-4:]):
        found.pop()
    return found


def list_items(text: str) -> list[str]:
    """Return the items of the list in `text`, without numbers, bullets and emphasis; an empty list when there is none.

    Numbered lines go before bullets, and of bullets only the outermost are taken, so that remarks below an idea are no
    ideas. A list may also stand in one line, numbered from 1. One item alone is no list.
    """
    lines = text.splitlines()
    found = [match[2] for line in lines if (match := _NUMBERED.match(line))]
    if len(found) < 2:
        bullets = [(len(match[1]), match[2]) for line in lines if (match := _BULLET.match(line))]
        outermost = min((indent for indent, _ in bullets), default=0)
        found = [item for indent, item in bullets if indent == outermost]
    if len(found) < 2:
        found = _in_line(text)
    items = [_MARKS.sub("", item[:_LONGEST_ITEM]).strip() for item in found]
    items = [item for item in items if _LETTER.search(item)]
    return items if len(items) > 1 else []


def _in_line(text: str) -> list[str]:
    wanted, starts = 1, []
    for match in _IN_LINE.finditer(text):
        if int(match[1]) == wanted:
            starts.append(match)
            wanted += 1
    ends = [match.start() for match in starts[1:]] + [len(text)] * bool(starts)
    return [text[match.end() : end].strip() for match, end in zip(starts, ends, strict=True)]
