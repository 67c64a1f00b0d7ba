"""Say what token entropies alone make of the temperature (TURN), and how little that is.

It stands beside a recommendation and is no part of it: an entropy knows nothing of what an answer is worth. So whatever is
said of it ends with what it was validated for. Templates are whole sentences, so that they can be translated.
"""

from tempkit.compare.turns import MIN_ITEMS, MIN_TEMPERATURES, SectionTurn
from tempkit.phrases import N_, spoken
from tempkit.usecases.words import at

__all__ = ["turn_sentences"]

_FOUND = N_(
    "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be %(t)s (%(level)d %% interval over "
    "%(items)d items: %(low)s to %(high)s)."
)
_FOUND_NO_INTERVAL = N_(
    "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature would be %(t)s, without an interval: that needs "
    "at least %(least)d items with an entropy at every temperature, and there are %(items)d."
)
_NONE = N_(
    "By the tokens' entropy alone (TURN, arXiv 2502.05234) no temperature stands out: from %(first)s to %(last)s the logarithm "
    "of the entropy does not begin to bend upwards. For such a case the method takes the last temperature but one, %(t)s."
)
_OPEN = N_(
    "By the tokens' entropy alone (TURN, arXiv 2502.05234) the temperature may be anything from %(low)s to %(high)s: only the "
    "most probable tokens are known, and they do not settle it."
)
_NOTE = N_(
    "TURN was validated for mathematics and code answered many times only, and uses no information on the quality of "
    "answers. Tokens of answers that were cut off count."
)
_NOTE_ZERO = N_(
    "TURN was validated for mathematics and code answered many times only, and uses no information on the quality of "
    "answers. Tokens of answers that were cut off count; temperature 0 does not, as there is no entropy there."
)
_TOO_FEW_TEMPERATURES = N_(
    "A temperature by the tokens' entropy alone (TURN, arXiv 2502.05234) was not sought: it needs at least %(least)d "
    "temperatures above 0 with entropies of most items, and there are %(n)d."
)
_TOO_FEW_ITEMS = N_(
    "A temperature by the tokens' entropy alone (TURN, arXiv 2502.05234) was not sought: no item has an entropy above 0 at "
    "every temperature."
)
_NOT_KNOWN = N_(
    "A temperature by the tokens' entropy alone (TURN, arXiv 2502.05234) was not sought, because no entropy is known: "
    "%(reason)s."
)
_NO_SCORES = N_(
    "A temperature by the tokens' entropy alone (TURN, arXiv 2502.05234) was not sought: no entropies were measured."
)


def turn_sentences(found: SectionTurn) -> tuple[str, ...]:
    """Return what TURN says and what it is worth, or in one sentence why it says nothing."""
    match found.status:
        case "found" | "none" | "open":
            return _main(found), spoken(_NOTE_ZERO) if 0.0 in found.left_out else spoken(_NOTE)
        case "too few temperatures":
            return (spoken(_TOO_FEW_TEMPERATURES) % {"least": MIN_TEMPERATURES, "n": len(found.entropies)},)
        case "too few items":
            return (spoken(_TOO_FEW_ITEMS),)
        case "not known":
            return (
                spoken(_NO_SCORES)
                if found.why_missing is None
                else spoken(_NOT_KNOWN) % {"reason": spoken(found.why_missing)},
            )


def _main(found: SectionTurn) -> str:
    first, last = found.entropies[0].temperature, found.entropies[-1].temperature
    if found.temperature is None:
        low, high = found.possible or (first, last)
        return spoken(_OPEN) % {"low": at(low), "high": at(high)}
    t = at(found.temperature)
    if found.status == "none":
        return spoken(_NONE) % {"first": at(first), "last": at(last), "t": t}
    if found.low is None or found.high is None:
        return spoken(_FOUND_NO_INTERVAL) % {"t": t, "least": MIN_ITEMS, "items": found.items}
    return spoken(_FOUND) % {
        "t": t,
        "level": round(found.level * 100),
        "items": found.items,
        "low": at(found.low),
        "high": at(found.high),
    }
