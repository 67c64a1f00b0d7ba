"""From answers at a grid of temperatures to what the temperature does, and the sentence that says it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tempkit.probing.by_texts import found_by_texts
from tempkit.probing.curves import Curve, explained
from tempkit.probing.drawn import Drawn
from tempkit.probing.opening import GRID, Scouted
from tempkit.probing.result import Effect, Temperature
from tempkit.probing.rows import tokens_seen

__all__ = ["temperature_found"]

_STEADY = 0.08
"""How far slopes of tempered logprobs may lie from the ratio of the temperatures."""


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
        found = found_by_texts(drawn, positive)
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
    curve = explained(rows, max(GRID), tokens_seen(drawn.everything))
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
        f"it does what it says; at {high.temperature:g} one that is {100 * worst:.0f} % lower would have been seen"
        if worst < 1
        else f"it does what it says, as far as can be seen (one that is {100 * best:.0f} % lower, at best)"
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
