"""How an answer can fall apart: empty, truncated, caught in a loop, in another language, or refused.

Each is 0 or 1 for a completion, so a mean over completions is a share. They are simple rules that can be read and
argued with; each misses cases, equally at every temperature.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from tempkit.i18n import N_
from tempkit.measures.base import Measure, OfCompletions
from tempkit.measures.block import View
from tempkit.measures.language import switches_language
from tempkit.measures.missing import Found
from tempkit.types import Completion, FinishReason

__all__ = [
    "EMPTY",
    "LANGUAGE_SWITCH",
    "LOOP",
    "MEASURES",
    "REFUSAL",
    "TRUNCATED",
    "is_empty",
    "is_loop",
    "is_refusal",
    "is_truncated",
    "language_switches",
    "loops",
    "switches_language",
]


def _each(fault: Callable[[Completion], bool]) -> OfCompletions:
    return lambda _, completions: [float(fault(c)) for c in completions]


def _loop(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = loops(view)
    return [float(found[c.text]) for c in completions]


def _language(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = language_switches(view)
    return [float(found[c.text]) for c in completions]


def _flag(
    name: str, title: str, definition: str, taken: OfCompletions, breach: str, version: int = 1
) -> Measure:
    return Measure(
        name=name,
        title=title,
        family="degeneration",
        version=version,
        unit="share",
        low=0.0,
        high=1.0,
        direction="lower",
        of_completions=taken,
        breach=breach,
        min_n=1,
        needs=frozenset(),
        definition=definition,
    )


EMPTY = _flag(
    "empty",
    N_("Empty answers"),
    N_("The share of answers without a visible character."),
    _each(lambda c: is_empty(c.text)),
    N_("%(share)s of the answers are empty"),
)

TRUNCATED = _flag(
    "truncated",
    N_("Truncated answers"),
    N_("The share of answers that reached the limit on their length (max_tokens) before they ended."),
    _each(lambda c: is_truncated(c.finish_reason)),
    N_("%(share)s of the answers are truncated"),
)

LOOP = _flag(
    "loop",
    N_("Answers in a loop"),
    N_(
        "The share of answers in which one and the same run of up to 50 words, or of up to 50 characters inside a word, comes "
        "at least three times in a row, over 16 words or 40 characters or more."
    ),
    _loop,
    N_("%(share)s of the answers repeat themselves without end"),
)

LANGUAGE_SWITCH = _flag(
    "language_switch",
    N_("Answers that change language"),
    N_(
        "The share of answers that hold more than a twentieth of letters in a script of neither their beginning nor the "
        "prompt, or such a letter inside a word of another script, or whose halves have the commonest words of two different languages (English, Spanish, French, German, Italian, "
        "Portuguese). A mix of other languages in one script is not seen, nor are a few foreign words."
    ),
    _language,
    N_("%(share)s of the answers slip into another language"),
)

REFUSAL = _flag(
    "refusal",
    N_("Refusals"),
    N_(
        "The share of answers that the provider marks as refusals, or that begin with a usual phrase of refusal, in English or "
        "Spanish. Another refusal in other words is not seen, and an answer that only begins like one counts."
    ),
    _each(lambda c: is_refusal(c.text, c.finish_reason)),
    N_("%(share)s of the answers are refusals"),
    version=2,
)

MEASURES = (LOOP, LANGUAGE_SWITCH, REFUSAL, EMPTY, TRUNCATED)

_LEAST_REPEATS = 3
_LONGEST_PERIOD = 50
_LEAST_WORDS = 16
_LEAST_CHARACTERS = 40

_HEAD = 300
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:very |really |so )?(?:sorry|afraid)[^.!?\n]{0,40}\b(?:can(?:'t|not)|unable|not able|won't)"
    r"|i (?:can(?:'t|not)|won't|will not|am unable to|am not able to) (?:help|assist|provide|answer|comply|fulfil+|do that|write|create|generate)"
    r"|i(?:'m| am) (?:unable|not able) to (?:help|assist|provide|answer|comply|fulfil+)"
    r"|as an (?:ai|artificial intelligence|language model|ai language model),? i (?:can(?:'t|not)|don't|do not|am not|am unable)"
    r"|lo siento[^.!?\n]{0,40}\bno (?:puedo|podemos|me es posible)"
    r"|no (?:puedo|podemos|me es posible) (?:ayudar|asistir|proporcionar|responder|cumplir|escribir|crear|generar)"
    r"|como (?:una? )?(?:modelo de lenguaje|inteligencia artificial|ia),? no (?:puedo|tengo))"
)


def loops(view: View) -> dict[str, bool]:
    """Return for every text of a block whether it is caught in a loop."""
    return view.once("loops", lambda: {text: is_loop(found) for text, found in view.words.items()})


def language_switches(view: View) -> dict[str, bool]:
    """Return for every text of a block whether it changes its language."""
    return view.once(
        "language switches",
        lambda: {text: switches_language(text, found, view.prompt) for text, found in view.words.items()},
    )


def is_empty(text: str) -> bool:
    """Return whether `text` has no visible character."""
    return not text.strip()


def is_truncated(finish_reason: FinishReason) -> bool:
    """Return whether the answer was cut by its limit on length; one cut by a content filter was not."""
    return finish_reason == "length"


def is_refusal(text: str, end: FinishReason = "unstated") -> bool:
    """Return whether an answer ended as a refusal, or holds a usual phrase of one, in English or Spanish, in its first 300 characters."""
    return end == "refusal" or bool(_REFUSAL.search(text[:_HEAD].replace("’", "'").casefold()))


def is_loop(found: Sequence[str]) -> bool:
    """Return whether a run of words, or of characters in one long word, repeats itself at least three times in a row.

    The run has up to 50 words and all its repeats together 16 or more; in a word, up to 50 and 40 characters. Work is
    50 passes over the text.

    Args:
        found: The text's words, as from `tempkit.measures.words.words`.
    """
    if _loops(found, _LEAST_WORDS):
        return True
    return any(_loops(word, _LEAST_CHARACTERS) for word in set(found) if len(word) >= _LEAST_CHARACTERS)


def _loops(parts: Sequence[str], least: int) -> bool:
    # At least 2/3 of a loop says again what its first run said. Most texts repeat far less, which is quick to see.
    fours = set(zip(parts, parts[1:], parts[2:], parts[3:], strict=False))
    if len(parts) < least or len(parts) - 3 - len(fours) < 2 * least // 3 - 3:
        return False
    numbers: dict[str, int] = {}
    ids = np.array([numbers.setdefault(part, len(numbers)) for part in parts])
    for period in range(1, min(_LONGEST_PERIOD, len(ids) // _LEAST_REPEATS) + 1):
        same = np.concatenate([[False], ids[period:] == ids[:-period], [False]])
        edges = np.flatnonzero(np.diff(same.astype(np.int8)))
        longest = int(np.max(edges[1::2] - edges[::2], initial=0)) + period
        if longest >= max(least, _LEAST_REPEATS * period):
            return True
    return False
