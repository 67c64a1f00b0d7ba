r"""Find a wording in a text as a reader would: whole words, whole numbers, however they were typed.

`in` finds 8 in 80, and `\b` finds 8 in 1.8 and C in C++. Models write Markdown, typographic hyphens and non-breaking
spaces; authors of reference facts do not. So both sides are first brought to one form, and a match counts only where
neither edge cuts a longer word or number. What a wording means is not understood: "not 8" holds "8".
"""

import re
import unicodedata
from functools import lru_cache

__all__ = ["UNSPACED", "contains", "normalize"]

_TYPED: dict[int, str | None] = {
    **{ord(char): "-" for char in "‐‑‒–−﹣－"},
    **{ord(char): " - " for char in "—―"},
    **{ord(char): "'" for char in "’‘ʼ"},
    **{ord(char): '"' for char in "“”„"},
    **{
        ord(char): None for char in "\u00ad\u200b\u2060\ufeff"
    },  # soft hyphen and other characters without width
}

# Length-bounded, so that a line of a million asterisks costs no more than its length.
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|`{1,3}|_(?!_))(?=\S)(.{1,200}?)(?<=[^\s_])\1(?!\w)")
_THOUSANDS = re.compile(r"(?<!\d)(?<!\d[.,])\d{1,3}([,\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*(?!\d)(?!,\d)")

UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that put no space between words (Thai, Lao, Burmese, Khmer, Han, kana) or that attach particles (Hangul)."""


def normalize(text: str) -> str:
    """Return `text` in the form that `contains` searches: NFC, case-folded, plain hyphens and quotes, no emphasis marks.

    Accents are kept, since they tell words apart; thousands separators are dropped, so that 1,000 equals 1000.
    """
    text = unicodedata.normalize("NFC", text).translate(_TYPED)
    for _ in range(2):  # `code` inside **bold**
        text = _EMPHASIS.sub(r"\2", text)
    text = _THOUSANDS.sub(lambda match: re.sub(r"\D", "", match[0]), text)
    return unicodedata.normalize("NFC", text.casefold())


def contains(text: str, wording: str) -> bool:
    """Return whether the normalised `text` holds `wording` (as its author typed it) between word or number boundaries.

    A space matches any run of white space; between words, a space and a hyphen match each other; between a number and
    its unit there may be a space, a hyphen or nothing. An empty wording is in no text.
    """
    wanted, pattern = _compiled(wording)
    start = 0
    while wanted and (found := pattern.search(text, start)):
        if _clear_before(text, found.start(), wanted) and _clear_after(text, found.end(), wanted):
            return True
        start = found.start() + 1
    return False


@lru_cache(maxsize=4096)
def _compiled(wording: str) -> tuple[str, re.Pattern[str]]:
    wanted = " ".join(normalize(wording).split())
    neighbours = zip(" " + wanted[:-1], wanted, wanted[1:] + " ", strict=False)
    return wanted, re.compile("".join(_piece(*three) for three in neighbours))


def _piece(before: str, char: str, after: str) -> str:
    """Return the pattern for one character of a wording, given its neighbours."""
    if char in " -" and _unit(before, after):
        return r"[\s-]*"
    if char in " -" and before.isalnum() and after.isalnum() and not (before.isdigit() and after.isdigit()):
        return r"[\s-]+"
    if char == " ":
        return r"\s+"
    return (r"\s*" if _unit(before, char) else "") + re.escape(char)


def _unit(before: str, after: str) -> bool:
    return before.isdigit() and (after.isalpha() or after in "°%")


def _word(char: str) -> bool:
    return char.isalnum() or char == "_" or unicodedata.category(char).startswith("M")


def _clear_before(text: str, start: int, wanted: str) -> bool:
    """Return whether `wanted` may begin at `start`: nothing in front belongs to the same word or number."""
    if start == 0:
        return True
    edge, before, further = wanted[0], text[start - 1], text[start - 2] if start > 1 else " "
    if edge in "-+":  # a sign or an option: 30-40 does not hold -40, --force does not hold -force
        return not (_word(before) or before == edge)
    if not _word(edge) or UNSPACED.match(edge):
        return True
    if _word(before):
        return bool(UNSPACED.match(before))
    if edge.isdigit() and before in ".,-":
        joined = further.isdigit() if before in ".," else False  # 1.8, 1,8
        bare = before in ".-" and not _word(further) and further not in ".,"  # .8, -8
        return not (joined or bare)
    return True


def _clear_after(text: str, end: int, wanted: str) -> bool:
    """Return whether `wanted` may end at `end`: nothing behind belongs to the same word or number."""
    if end == len(text):
        return True
    edge, after, further = wanted[-1], text[end], text[end + 1 : end + 2]
    if after == "-" and wanted[0] == "-" and wanted[1:2] != "" and not wanted[1].isdigit():
        return not (further and _word(further))  # --force is not --force-with-lease
    if not _word(edge) or UNSPACED.match(edge):
        return not unicodedata.category(after).startswith("M")
    if _word(after):
        return bool(UNSPACED.match(after))
    if edge.isdigit():
        return not (after in ".," and further.isdigit())
    return not (after == "#" or (after == "+" and further == "+"))  # C is not C++ or C#
