"""Which beginnings of an answer can still become one that passes its checks.

A check may close the set of answers: `equals` leaves one text, and a pattern bound to the start, as `^(yes|no)$`, a few. Then
most beginnings are lost with their first letter, and whatever follows them need not be looked at. Other checks, such as
`contains`, can be met by any beginning. Saying that a beginning is lost must be sure; saying that it is not need not be.
"""

import codecs
import re
from collections.abc import Sequence

from tempkit.sandbox import helper
from tempkit.text import held_back, stop_at
from tempkit.types import Check

__all__ = ["Beginnings"]

_NO_TEXT = ("\ue000\ue001\ue002\ue003", "\ue004\n\ue005\n\ue006", "\ue007 \ue008 \ue009")
"""Beginnings that no author means: a pattern that they can satisfy leaves out too little to be of use."""

_ODD = re.compile(
    r"\(\?(?!:|[isx]+[:)])|\(\*"  # groups that look around, repeat others or capture by name, and ^ at every line
    r"|[*+?}]\+"  # possessive
    r"|\{[^0-9,]"  # fuzzy
    r"|\\[0-9bBgkGKRXLNmM]"  # references, and places that depend on what comes next
)
"""What is in patterns whose unfinished matches are not known for sure."""

_REPLACED = "\ufffd"
"""What bytes that are no character become, so that a text that holds it can be spelled in many ways."""


class Beginnings:
    """Tells lost beginnings from others, for one question and its stop texts.

    Args:
        checks: Of the question.
        stops: What ends an answer and is not a part of it.
    """

    def __init__(self, checks: Sequence[Check], stops: Sequence[str] = ()) -> None:
        self._stops = [stop.encode("utf-8", "surrogatepass") for stop in stops]
        self._texts = [
            str(check.value).encode()
            for check in checks
            if check.type == "equals" and _REPLACED not in str(check.value) and _is_text(str(check.value))
        ]
        patterns = [str(check.value) for check in checks if check.type == "regex"]
        self._patterns = [pattern for pattern in patterns if _closes(pattern)]
        self._known: dict[tuple[str, str], bool] = {}

    @property
    def closed(self) -> bool:
        """Whether any check closes the set."""
        return bool(self._texts or self._patterns)

    def open(self, beginnings: Sequence[bytes]) -> list[bool]:
        """Return for each beginning whether an accepted answer may still come of it; False is sure.

        A beginning is all that the model wrote, a stop text that is complete now and what is behind it included.
        """
        settled = [self._settled(data) for data in beginnings]
        found = [all(text.startswith(data) for text in self._texts) for data in settled]
        for pattern in self._patterns:
            texts = [_characters(data) for data in settled]
            ask = dict.fromkeys(
                text
                for text, still in zip(texts, found, strict=True)
                if still and (pattern, text) not in self._known
            )
            for text, reaches in zip(ask, _reach(pattern, list(ask)), strict=True):
                self._known[pattern, text] = reaches
            found = [still and self._known[pattern, text] for text, still in zip(texts, found, strict=True)]
        return found

    def _settled(self, data: bytes) -> bytes:
        """Return what stays in the answer whatever follows."""
        cut = stop_at(data, self._stops, 0)
        if cut is None:
            return data[: len(data) - held_back(data, self._stops)]
        # A longer stop text may begin before the one that is complete, and be complete once more is written.
        longest = max(map(len, self._stops))
        begins = (
            at
            for at in range(max(0, cut - longest), cut)
            if any(stop.startswith(data[at : at + longest]) for stop in self._stops)
        )
        return data[: next(begins, cut)]


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character, which no bytes spell
        return False
    return True


def _characters(data: bytes) -> str:
    """Return the text so far, without the first bytes of a character whose others are missing."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(data)


def _closes(pattern: str) -> bool:
    """Whether a pattern rules out what nobody means, and is of a kind whose unfinished matches are known for sure."""
    return _ODD.search(pattern) is None and not any(_reach(pattern, _NO_TEXT))


def _reach(pattern: str, texts: Sequence[str]) -> list[bool]:
    """Return for each text whether a pattern may be found once it goes on; True where that takes too long to say."""
    answers = helper().run("tempkit.sandbox.patterns:reaching", pattern, list(texts))
    return [answer.value is not False for answer in answers]
