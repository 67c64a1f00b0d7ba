"""Whether a text leaves the language it began in, told by scripts and by the commonest words.

A model that falls apart at a high temperature strays into other scripts first. Between languages of one script only
function words are counted, of six languages: no dictionary, no model. Short texts are never judged by words.
"""

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
    (0x2000, "none"),
    (0x2E80, "east asian"),
    (0xA4D0, "other"),
    (0xAC00, "east asian"),
    (0xD7B0, "none"),
    (0xF900, "east asian"),
    (0xFB00, "none"),
    (0xFB1D, "hebrew"),
    (0xFB50, "arabic"),
    (0xFE00, "none"),
    (0xFE70, "arabic"),
    (0xFF00, "none"),
    (0xFF66, "east asian"),
    (0xFFA0, "none"),
    (0x20000, "east asian"),
    (0x40000, "none"),
)
"""From which code point on a character is of which script, roughly; Chinese, Japanese and Korean mix theirs and are one."""

_STARTS = np.array([0, *(start for start, _ in _SCRIPTS)])
_NAMES = ("none", *(name for _, name in _SCRIPTS))

_COMMON = {
    "en": "the and of to is that it for was with are this you have from they which or would there their be not",
    "es": "el los las una es por con para del se lo como más pero sus le ya este sí porque muy está y",
    "fr": "le les des est une dans pour pas sur au avec il elle qui ne ce sont cette vous nous mais et du",
    "de": "der die das und ist nicht ein eine zu den mit sich auf für dem von auch als wird sind im es",
    "it": "il di che è un per una non sono con della si gli dei alla nel più anche ma questo ha i",
    "pt": "o os as um uma não é em para com dos das mais por como mas foi ao ele seu sua são e",
}
_LANGUAGES: dict[str, set[str]] = {}
for _name, _list in _COMMON.items():
    for _word in _list.split():
        _LANGUAGES.setdefault(_word, set()).add(_name)

_FOREIGN_SHARE = 0.1
_LEAST_FOREIGN = 5
_LEAST_COMMON = 6
_LEAD = 3.0


def switches_language(text: str, found: Sequence[str], prompt: str = "") -> bool:
    """Return whether `text` goes on in another script or language than it began in.

    By script: more than a tenth of its letters, and 5 or more, are of a script that is neither that of its first letters
    nor Latin (names, code) nor anywhere in `prompt`. By words: its halves are each clearly in a language, and not in one.

    Args:
        text: A completion.
        found: Its words, as from `tempkit.measures.words.words`.
        prompt: What it answers.
    """
    if not text.isascii():
        names = _letters(text)
        allowed = {"latin", *names[:_LEAST_FOREIGN], *_letters(prompt)}
        foreign = sum(name not in allowed for name in names)
        if foreign >= _LEAST_FOREIGN and foreign > _FOREIGN_SHARE * len(names):
            return True
    first, second = language(found[: len(found) // 2]), language(found[len(found) // 2 :])
    return first is not None and second is not None and first != second


def language(found: Sequence[str]) -> str | None:
    """Return the language of case-folded words by their function words: `en es fr de it pt`; None when it is not clear.

    Clear is: six or more function words, and three times as many as of any other language.
    """
    counts = Counter(name for word in found for name in _LANGUAGES.get(word, ()))
    (best, most), (_, next_most) = (*counts.most_common(2), ("", 0), ("", 0))[:2]
    return best if most >= _LEAST_COMMON and most >= _LEAD * next_most else None


def _letters(text: str) -> list[str]:
    """Return the script of each letter of `text`."""
    letters = "".join(char for char in text if char.isalpha())
    codes = np.frombuffer(letters.encode("utf-32-le"), dtype="<u4")
    found = [_NAMES[i - 1] for i in np.searchsorted(_STARTS, codes, side="right").tolist()]
    return [name for name in found if name != "none"]
