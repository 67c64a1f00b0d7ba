"""From answers at a grid of temperatures to what the temperature does, and the sentence that says it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tempkit.probing.agreement import Texts, falls_no_more, spread_test
from tempkit.probing.curves import Curve, explained
from tempkit.probing.determinism import by_prompt
from tempkit.probing.kinds import KindFound
from tempkit.probing.opening import GRID, Scouted
from tempkit.probing.result import Effect, Temperature
from tempkit.probing.rows import Rows, rows_of, tokens_seen
from tempkit.types import Completion

__all__ = ["Drawn", "temperature_found"]

_ALPHA = 0.002
_ALIKE = 0.75
"""Where answers at the highest temperature agree so much, greedy and sampled answers cannot be told apart."""
_SOME = 0.02
"""Agreement at 1 that there must be, for it to become less above."""
_UNLIKELY = 0.06
"""Of agreement's going on to fall: it is only asked where no difference was found between 1 and the highest temperature."""
_FAR = 0.015
"""Agreement that no honest temperature far above the usual ones leaves, where next to every token is as likely as another."""
_STEADY = 0.08
"""How far slopes of tempered logprobs may lie from the ratio of the temperatures."""


@dataclass(slots=True)
class Drawn:
    """What was asked."""

    scouted: Scouted
    answers: dict[float, list[Completion]] = field(default_factory=dict)
    """By temperature."""
    kind: KindFound = field(default_factory=lambda: KindFound("none"))
    asked: int = 0
    """Alternatives per token that were asked for."""

    @property
    def everything(self) -> list[Completion]:
        """All answers; where nothing was drawn, those that only tried which temperatures are taken."""
        return [each for some in self.answers.values() for each in some] or list(
            self.scouted.answers.values()
        )

    def rows(self, temperature: float) -> Rows:
        return rows_of(self.answers.get(temperature, []), self.asked)


def temperature_found(drawn: Drawn) -> Temperature:
    """Say what the temperature does."""
    scouted = drawn.scouted
    known = _refusals(scouted)
    positive = [t for t in scouted.drawn_at if drawn.answers.get(t)]
    if known["refused"] and len(scouted.drawn_at) < 2:
        only = ", ".join(f"{t:g}" for t in scouted.accepted)
        why = f"every temperature but {only} is refused" if only else "every temperature is refused"
        return Temperature(status="rejected", why=why, by="refusals", scale_seen=False, **known)
    if len(positive) + bool(drawn.answers.get(0.0)) < 2 or not positive:
        return Temperature(
            status="unknown",
            why="too few temperatures were answered",
            by="nothing",
            scale_seen=False,
            **known,
        )
    if drawn.kind.kind == "raw":
        found = _from_raw(drawn)
    elif drawn.kind.kind == "tempered":
        found = _from_tempered(drawn, positive)
    else:
        found = _from_texts(drawn, positive)
    return replace(found, **known)


def _refusals(scouted: Scouted) -> dict[str, Any]:
    """Return which temperatures are taken."""
    accepted = scouted.accepted
    refused = tuple(sorted(scouted.says))
    largest = max(accepted, default=None)
    above = [t for t in refused if largest is None or t > largest]
    return {
        "accepts": accepted,
        "refused": refused,
        "says": scouted.says[refused[0]] if refused else "",
        "largest": largest,
        "bounded": bool(above) and largest is not None,
        "zero": (0.0 in accepted) if 0.0 in accepted or 0.0 in refused else None,
    }


def _from_raw(drawn: Drawn) -> Temperature:
    rows = {t: drawn.rows(t) for t in drawn.answers}
    curve = explained(rows, HIGHEST, tokens_seen(drawn.everything))
    effects = tuple(
        Effect(
            temperature=e.temperature, behaves_like=e.value, se=e.se, tokens=e.tokens, detectable=e.detectable
        )
        for e in curve.effective
    )
    common: dict[str, Any] = {
        "by": "logprobs", "scale_seen": True, "effects": effects, "p_value": curve.p_value,
    }  # fmt: skip
    zero = _zero_is_sampled(drawn)
    if curve.explanation == "honoured" and zero is not None:
        return Temperature(
            status="remapped", why=f"T = 0 behaves like {zero:.2f}; the others do what they say", **common
        )
    return _worded(curve, effects, common)


def _zero_is_sampled(drawn: Drawn) -> float | None:
    """Return the temperature that 0 behaves like, where it does not take the most probable token."""
    rows = drawn.rows(0.0)
    if len(rows) < 20:
        return None
    away = rows.gap[rows.listed] > 0.5
    if away.mean() < 0.02 or away.sum() < 3:
        return None
    from tempkit.softmax import effective_temperature

    found = effective_temperature(rows.top[rows.listed], rows.drawn[rows.listed])
    return None if found is None or found.value < 0.15 else found.value


def _worded(curve: Curve, effects: Sequence[Effect], common: Mapping[str, Any]) -> Temperature:
    value = curve.value
    high = max(effects, key=lambda e: e.temperature, default=None)
    like = _like(high)
    match curve.explanation:
        case "honoured":
            return Temperature(status="honoured", why=_seen(effects), **common)
        case "ignored":
            assert value is not None  # noqa: S101
            cold = (
                "the most probable token is always taken"
                if value < 0.05
                else f"every temperature behaves like {value:.2f}"
            )
            return Temperature(status="ignored", why=cold, **common)
        case "clamped":
            return Temperature(
                status="clamped",
                why=f"honoured up to {value:.2g}, and no higher: {like}",
                limit=value,
                **common,
            )
        case "factor":
            return Temperature(
                status="remapped",
                why=f"every temperature is multiplied by {value:.2f}: T = 1 behaves like {value:.2f}",
                factor=value,
                **common,
            )
        case "min_p" | "top_k" | "top_p":
            setting = f"{curve.explanation} of about {value:.2g}"
            return Temperature(
                status="remapped",
                why=f"{like}: something truncates before temperature (as {setting} would)",
                truncation=curve.explanation,
                **common,
            )
        case "cuts":
            return Temperature(
                status="remapped",
                why=f"{like}: something truncates before temperature",
                truncation="some",
                **common,
            )
        case "cut":
            return Temperature(
                status="remapped",
                why="improbable tokens are drawn too rarely at high temperatures: something truncates",
                truncation="some",
                **common,
            )
        case "other":
            return Temperature(
                status="remapped",
                why=f"other temperatures are at work than are sent: {_all(effects)}",
                **common,
            )
        case _:
            return Temperature(status="unknown", why="too few open choices came to tell", **common)


def _like(effect: Effect | None) -> str:
    if effect is None or effect.behaves_like is None:
        return "the highest temperature takes the most probable token alone"
    return f"T = {effect.temperature:g} behaves like {effect.behaves_like:.2f} ± {effect.se:.2f}"


def _all(effects: Sequence[Effect]) -> str:
    return ", ".join(
        f"{e.temperature:g} is {e.behaves_like:.2f} ± {e.se:.2f}"
        for e in effects
        if e.behaves_like is not None
    )


def _seen(effects: Sequence[Effect]) -> str:
    best = min((e.detectable for e in effects if e.detectable is not None), default=math.nan)
    high = max(effects, key=lambda e: e.temperature)
    worst = high.detectable if high.detectable is not None else math.nan
    return (
        f"it does what it says; at {high.temperature:g} a difference of {100 * worst:.0f} % would have been seen"
        if worst < 1
        else f"it does what it says, as far as can be seen (differences of {100 * best:.0f} % at best)"
    )


def _from_tempered(drawn: Drawn, positive: Sequence[float]) -> Temperature:
    """Judge by slopes: tempered logprobs show the temperature at work itself, but for a factor common to all."""
    slopes = {t: s for t, s in drawn.kind.slopes.items() if t in positive}
    reference = drawn.kind.reference or 1.0
    like = {t: reference / s for t, s in sorted(slopes.items()) if s > 0}
    within = max(_STEADY, 3 * drawn.kind.spread)
    effects = tuple(
        Effect(temperature=t, behaves_like=v, se=drawn.kind.spread * v, tokens=0, detectable=within)
        for t, v in like.items()
    )
    common: dict[str, Any] = {"by": "logprobs", "scale_seen": False, "effects": effects}

    def close(a: float, b: float) -> bool:
        return abs(a / b - 1) <= within

    if all(close(v, t) for t, v in like.items()):
        if drawn.kind.cut:
            return _cut(common)
        return Temperature(
            status="honoured",
            why="it does what it says; a factor on all temperatures alike could not be seen",
            **common,
        )
    ordered = sorted(like)
    for count in range(1, len(ordered)):
        below, above = ordered[:count], ordered[count:]
        # The reference may itself be above the limit, so the lowest temperature sets the scale.
        scale = below[0] / like[below[0]]
        limit = scale * sum(like[t] for t in above) / len(above)
        same = all(close(scale * like[t], limit) for t in above)
        if (
            same
            and all(close(scale * like[t], t) for t in below)
            and limit < above[0] * (1 + within)
            and len(above) > 1
        ):
            highest = f"T = {above[-1]:g} behaves like {limit:.2f}"
            return Temperature(
                status="clamped",
                why=f"honoured up to {limit:.2g}, and no higher: {highest}",
                limit=limit,
                **common,
            )
    return Temperature(
        status="remapped", why=f"other temperatures are at work than are sent: {_all(effects)}", **common
    )


def _cut(common: Mapping[str, Any]) -> Temperature:
    return Temperature(
        status="remapped",
        why="improbable tokens are missing from the listed ones: something truncates",
        truncation="some",
        **common,
    )


def _texts(completions: Sequence[Completion]) -> Texts:
    return {name: [each.text for each in some] for name, some in by_prompt(completions).items()}


def _from_texts(drawn: Drawn, positive: Sequence[float]) -> Temperature:
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


HIGHEST = max(GRID)
HALF = 0.5
