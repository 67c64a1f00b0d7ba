"""Settings beside temperature: what `--arm` says, as further models of a plan.

An arm is a model once more, under a label of its own, at one temperature, with sampling parameters that go before the run's and
with an effort of its own to reason. So it stands in the same race, the same table and the same charts as the temperatures that it is compared with.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tempkit.errors import UsageError, nearest, one_line
from tempkit.planning.recommendations import recommendation_for
from tempkit.planning.temperatures import temperature
from tempkit.prompts import sampling_params
from tempkit.types import SHAPING, Arm, Later, ModelSpec, Plan

__all__ = ["RECOMMENDED", "parse_arms", "with_arms"]

RECOMMENDED = "recommended"
"""Stands for the model's own recommendation."""

_OPTIONS = ("reasoning_effort",)
"""Options of a model that an arm may set, too."""
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,30}", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an arm's text says; without a temperature it is the recommendation."""

    temperature: float | None = None
    sampling: dict[str, float] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        if self.temperature is None:
            return RECOMMENDED
        numbers = (f"{name}={value:g}" for name, value in self.sampling.items())
        words = (f"{name}={value}" for name, value in self.options.items())
        return ",".join([f"{self.temperature:g}", *numbers, *words])


def parse_arms(given: Sequence[str], name: str = "--arm") -> tuple[str, ...]:
    """Check texts such as `recommended` and `0.7,top_p=0.9`, and return them as labels have them.

    Args:
        given: The texts.
        name: What to call one in errors.

    Raises:
        UsageError: One cannot be read, sets nothing beside the temperature, or is given twice.
    """
    found = [_parse(text, f"{name} {one_line(text, 60)!r}").text for text in given]
    for text in found:
        if found.count(text) > 1:
            raise UsageError(f"{name} {text!r} is given twice; leave one out")
    return tuple(found)


def with_arms(plan: Plan, given: Sequence[str]) -> Plan:
    """Return a plan with arms: each of them for every model that it has.

    Args:
        plan: Without any.
        given: Texts, as `parse_arms` returns them.

    Raises:
        UsageError: Nothing is known of a recommendation, or the arm's label is that of a model.
        ModelError: A model's file, in which recommendations are looked for, cannot be used.
    """
    models = list(plan.models)
    arms: dict[str, Arm] = {}
    for model in plan.models:
        for text in given:
            label = f"{model.label} @ {text}"
            if any(label == each.label for each in models):
                raise UsageError(f"an arm would be called {label!r}, as a model is; give that another label")
            asked = _parse(text, f"arm {text!r}")
            models.append(replace(model, label=label, options={**model.options, **asked.options}))
            arms[label] = _arm(model, asked)
    alone = {arm.temperature for arm in arms.values()} - set(plan.temperatures)
    for value in alone:
        beside = next((t for t in plan.temperatures if f"{t:g}" == f"{value:g}"), None)
        if beside is not None:
            raise UsageError(
                f"temperatures {value!r} and {beside!r} would both be shown as {value:g}; write the arm with {beside:g}"
            )
    return replace(
        plan,
        models=tuple(models),
        temperatures=tuple(sorted({*plan.temperatures, *alone})),
        later=Later(items=plan.later.items, temperatures=plan.later.temperatures | alone),
        arms=arms,
    )


def _arm(model: ModelSpec, asked: _Asked) -> Arm:
    if asked.temperature is not None:
        return Arm(
            of=model.label, temperature=asked.temperature, sampling=asked.sampling, options=asked.options
        )
    found = recommendation_for(model)
    return Arm(
        of=model.label,
        temperature=found.temperature,
        sampling=found.sampling,
        source=found.source,
        left_out=found.left_out,
    )


def _parse(text: str, where: str) -> _Asked:
    first, *rest = (part.strip() for part in text.split(","))
    if first == RECOMMENDED:
        if rest:
            raise UsageError(f"{where}: {RECOMMENDED} stands alone; write the settings out to change one")
        return _Asked()
    if not first or "=" in first or re.search("[a-z]{3}", first):
        close = nearest(first, [RECOMMENDED])
        raise UsageError(
            f"{where} must be {RECOMMENDED}, or a temperature and what goes with it, as in 0.7,top_p=0.9{close}"
        )
    try:
        value = temperature(first)
    except UsageError as e:
        raise UsageError(f"{where}: {e}") from e
    sampling: dict[str, float] = {}
    options: dict[str, str] = {}
    for part in rest:
        key, equals, given = (each.strip() for each in part.partition("="))
        if not equals or not given:
            raise UsageError(
                f"{where}: {one_line(part, 40)!r} must be a parameter and its value, as in top_p=0.9"
            )
        if key in sampling or key in options:
            raise UsageError(f"{where}: {key} is given twice")
        if key in _OPTIONS:
            options[key] = _word(key, given, where)
        elif key in SHAPING:
            sampling[key] = _number(key, given, where)
        else:
            raise UsageError(f"{where}: {_unknown(key)}")
    if not rest:
        raise UsageError(f"{where} sets nothing beside the temperature; name it with -t")
    return _Asked(value, sampling, options)


def _unknown(key: str) -> str:
    if key in ("max_tokens", "stop", "logprobs"):
        return f"{key} is the same for all that is compared; leave it out here, and set it for the run"
    known = (*SHAPING, *_OPTIONS)
    return f"unknown sampling parameter {key!r}{nearest(key, known)}; known: {', '.join(known)}"


def _word(key: str, given: str, where: str) -> str:
    if not _WORD.fullmatch(given):
        raise UsageError(f"{where}: {key} must be a word such as low or high, not {one_line(given, 40)!r}")
    return given


def _number(key: str, given: str, where: str) -> float:
    value: Any = (
        int(given) if _WHOLE.fullmatch(given) else float(given) if _NUMBER.fullmatch(given) else given
    )
    try:
        checked: float = getattr(sampling_params({key: value}), key)
    except UsageError as e:
        raise UsageError(f"{where}: {e}") from e
    return checked
