"""Make what cannot be seen visible: control, bidirectional and other invisible characters become labelled chips.

A completion at a high temperature, or a hostile prompt, may hold characters that reorder a line, hide text or do nothing
visible. A reader who compares texts must see them. Line breaks and tabs stay what they are, and so do joiners between
letters of other scripts and inside emoji, where they are ordinary spelling.
"""

import re
import unicodedata

from markupsafe import Markup, escape

__all__ = ["marked", "plain", "said", "shown", "split"]

_PATTERN = re.compile(
    "["
    "\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # C0 and C1 controls, without tab and line feed
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"  # half of a pair: no character at all, and no UTF-8
    "]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"  # joiners with nothing to join
)

_BREAKS = re.compile(r"(?<=\d) (?=%)|(?<=\bT) (?==)|(?<=\bT =) (?=\d)|(?<=\bT\u00a0=) (?=\d)")
"""Spaces at which a line should not end."""

# Control characters have no Unicode name, only an abbreviation; these are the ones that turn up.
_CONTROLS = {
    0: "NUL",
    7: "BEL",
    8: "BS",
    11: "VT",
    12: "FF",
    13: "CR",
    27: "ESC",
    127: "DEL",
    133: "NEL",
    155: "CSI",
}


def split(text: str) -> list[str]:
    """Return `text` as alternating pieces: visible, hidden, visible, ...; a hidden one as its label, `U+202E NAME`.

    The list has an odd length; it has one element when nothing is hidden.
    """
    pieces, start = [], 0
    for match in _PATTERN.finditer(text):
        pieces += [text[start : match.start()], _label(match[0])]
        start = match.end()
    return [*pieces, text[start:]]


def _label(char: str) -> str:
    return f"U+{ord(char):04X} {_CONTROLS.get(ord(char)) or unicodedata.name(char, '')}".strip()


def plain(text: str) -> str:
    """Return `text` with every hidden character spelled out, for places that take no markup (titles, attributes)."""
    return "".join(f"⟨{piece.split()[0]}⟩" if i % 2 else piece for i, piece in enumerate(split(text)))


def shown(text: str) -> Markup:
    """Return somebody's text as HTML that keeps to itself: escaped, isolated, hidden characters as chips, never translated."""
    return Markup('<bdi dir="auto" translate="no">{}</bdi>').format(marked(text))


def said(text: str) -> Markup:
    """Return a sentence of ours, which may hold somebody's names, in the same way; a browser may translate it.

    No line ends between a number and its per cent sign, or inside of `T = 0.7`.
    """
    return Markup('<bdi dir="auto">{}</bdi>').format(marked(_BREAKS.sub("\u00a0", text)))


def marked(text: str) -> Markup:
    """Return `text` as HTML, escaped and with hidden characters as chips: a part of what its place must isolate."""
    chip = Markup('<span class="hidden-char" title="{}">{}</span>')
    pieces = (
        chip.format(piece, piece.split()[0]) if i % 2 else escape(piece)
        for i, piece in enumerate(split(text))
    )
    return Markup("").join(pieces)
