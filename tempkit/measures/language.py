"""Whether a text leaves the language it began in, told by scripts and by the commonest words.

A model that falls apart at a high temperature strays into other scripts first. Between languages of one script only
function words are counted, of six languages: no dictionary, no model. Short texts are never judged by words.
"""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

__all__ = ["language", "switches_language"]

_SCRIPTS = (
    (0x0041, "latin"),
    (0x0370, "greek"),
    (0x0400, "cyrillic"),
    (0x0530, "armenian"),
    (0x0590, "hebrew"),
    (0x0600, "arabic"),
    (0x0780, "other"),
    (0x0900, "indic"),
    (0x0E00, "thai"),
    (0x0F00, "other"),
    (0x1100, "east asian"),
    (0x1200, "other"),
    (0x1C80, "cyrillic"),
    (0x1C90, "other"),
    (0x1E00, "latin"),
    (0x1F00, "greek"),
    (0x2000, ""),
    (0x2E80, "east asian"),
    (0xA4D0, "other"),
    (0xAC00, "east asian"),
    (0xD7B0, ""),
    (0xF900, "east asian"),
    (0xFB00, ""),
    (0xFB1D, "hebrew"),
    (0xFB50, "arabic"),
    (0xFE00, ""),
    (0xFE70, "arabic"),
    (0xFF00, ""),
    (0xFF66, "east asian"),
    (0xFFA0, ""),
    (0x20000, "east asian"),
    (0x40000, ""),
)
"""From which code point on a character is of which script, roughly; Chinese, Japanese and Korean mix theirs and are one."""

_STARTS = np.array([0, *(start for start, _ in _SCRIPTS)])
_NAMES = ("", *(name for _, name in _SCRIPTS))

_COMMON = {
    "en": "the of and to a in is it you that he was for on are with as his they at be this from have or by had not but she",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le era había muy este",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec elle mais son",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an er war sie wird aus",
    "it": "di e il la che in un a per è una sono con del si le della non da i al gli dei alla nel più anche ma era suo",
    "pt": "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua era foi",
}
_LANGUAGES: dict[str, set[str]] = {}
for _name, _list in _COMMON.items():
    for _word in _list.split():
        _LANGUAGES.setdefault(_word, set()).add(_name)

_FOREIGN_SHARE = 0.05
_LEAST_FOREIGN = 5
_LEAST_COMMON = 6
_LEAD = 1.5


def switches_language(text: str, found: Sequence[str], prompt: str = "") -> bool:
    """Return whether `text` goes on in another script or language than it began in.

    By script: more than a twentieth of its letters, and 5 or more, are of a script that is neither that of its first letters
    nor Latin (names, code) nor anywhere in `prompt`; or a letter of such a script stands right beside one of another, as
    in no word (Greek aside, which formulas use). By words: its halves are each clearly in a language, and not in one.

    Args:
        text: A completion.
        found: Its words, as from `tempkit.measures.words.words`.
        prompt: What it answers.
    """
    if not text.isascii():
        scripts = _scripts(text)
        letters = [name for name in scripts if name]
        allowed = {"latin", *letters[:_LEAST_FOREIGN], *_scripts(prompt)}
        foreign = sum(name not in allowed for name in letters)
        if foreign >= _LEAST_FOREIGN and foreign > _FOREIGN_SHARE * len(letters):
            return True
        neighbours = itertools.pairwise(scripts)
        allowed |= {"", "greek"}
        if foreign and any(a and b and a != b and {a, b} - allowed for a, b in neighbours):
            return True
    first, second = language(found[: len(found) // 2]), language(found[len(found) // 2 :])
    return first is not None and second is not None and first != second


def language(found: Sequence[str]) -> str | None:
    """Return the language of case-folded words by their function words: `en es fr de it pt`; None when it is not clear.

    Clear is: six or more function words, and half as many again as of any other language.
    """
    counts = Counter(name for word in found for name in _LANGUAGES.get(word, ()))
    (best, most), (_, next_most) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
    return best if most >= _LEAST_COMMON and most >= _LEAD * next_most else None


def _scripts(text: str) -> list[str]:
    """Return the script of each character of `text`; an empty text for one that is no letter."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    places = np.searchsorted(_STARTS, codes, side="right").tolist()
    return [_NAMES[place - 1] if char.isalpha() else "" for place, char in zip(places, text, strict=True)]
