"""Whether the temperature does something, from how much answers agree; where no logprobs tell more."""

from collections.abc import Sequence
from typing import Any

from tempkit.probing.agreement import Texts, falls_no_more, spread_test
from tempkit.probing.determinism import by_prompt
from tempkit.probing.drawn import Drawn
from tempkit.probing.result import Temperature
from tempkit.types import Completion

__all__ = ["HALF", "found_by_texts"]

HALF = 0.5
"""The temperature whose answers tell how fast agreement falls."""
_ALPHA = 0.002
_ALIKE = 0.75
"""Where answers at the highest temperature agree so much, greedy and sampled answers cannot be told apart."""
_SOME = 0.02
"""Agreement at 1 that there must be, for it to become less above."""
_UNLIKELY = 0.06
"""Of agreement's going on to fall: it is only asked where no difference was found between 1 and the highest temperature."""
_FAR = 0.015
"""Agreement that no honest temperature far above the usual ones leaves, where next to every token is as likely as another."""


def found_by_texts(drawn: Drawn, positive: Sequence[float]) -> Temperature:
    """Judge by how much answers agree."""
    lowest = 0.0 if drawn.answers.get(0.0) else positive[0]
    highest = positive[-1]
    low, high = _texts(drawn.answers[lowest]), _texts(drawn.answers[highest])
    ends = spread_test(low, high)
    common: dict[str, Any] = {"by": "texts", "scale_seen": False, "p_value": ends.p_value}
    agree = f"answers agree to {100 * ends.lower:.0f} % at {lowest:g} and to {100 * ends.higher:.0f} % at {highest:g}"
    if ends.p_value > _ALPHA:
        if ends.higher >= _ALIKE:
            why = f"{agree}: sampled and greedy answers cannot be told apart"
            return Temperature(status="unknown", why=why, **common)
        if lowest == 0 or ends.lower < _ALIKE:
            return Temperature(status="ignored", why=f"it makes no difference: {agree}", **common)
        return Temperature(status="unknown", why=f"{agree}, which could be chance", **common)
    if highest <= 1 or 1.0 not in positive:
        return Temperature(status="honoured", why=f"it makes a difference: {agree}", **common)
    at_one = _texts(drawn.answers[1.0])
    above = spread_test(at_one, high)
    if above.p_value <= 5 * _ALPHA:
        return Temperature(status="honoured", why=f"it makes a difference: {agree}", **common)
    far = max((t for t in drawn.answers if t > highest), default=None)
    if far is not None:
        beyond = spread_test(at_one, _texts(drawn.answers[far]))
        both = (
            f"answers agree to {100 * beyond.lower:.0f} % at 1 and to {100 * beyond.higher:.0f} % at {far:g}"
        )
        if beyond.p_value <= 5 * _ALPHA:
            return Temperature(status="honoured", why=f"it makes a difference: {both}", **common)
        if beyond.higher >= max(_FAR, beyond.lower / 2):
            why = f"honoured up to 1; 1 and {far:g} do the same: {both}"
            return Temperature(status="clamped", why=why, limit=1.0, **common)
    at_half = _texts(drawn.answers.get(HALF, []))
    if above.lower >= _SOME and falls_no_more(at_half, at_one, high) <= _UNLIKELY:
        also = f"1 and {highest:g} do the same: answers agree to {100 * above.lower:.0f} % and to {100 * above.higher:.0f} %"
        return Temperature(status="clamped", why=f"honoured up to 1; {also}", limit=1.0, **common)
    each = min((len(some) for some in at_one.values()), default=0)
    why = f"it makes a difference up to 1; whether it still does so above, {each} answers to a prompt do not tell"
    return Temperature(status="unknown", why=why, **common)


def _texts(completions: Sequence[Completion]) -> Texts:
    return {name: [each.text for each in some] for name, some in by_prompt(completions).items()}
