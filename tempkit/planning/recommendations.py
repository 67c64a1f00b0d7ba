"""From what a model recommends, in the words of its makers, to what tempkit can set."""

from collections.abc import Mapping
from typing import Any

from tempkit.backends import advice_for
from tempkit.errors import UsageError, one_line
from tempkit.planning.temperatures import temperature
from tempkit.prompts import sampling_params
from tempkit.types import SHAPING, Advice, Capabilities, ModelSpec, Recommendation, SamplingParams

__all__ = ["known_recommendation", "recommendation_for"]

_TEMPERATURES = ("temperature", "temp")

_NOTHING: Mapping[str, float] = {
    "penalty_repeat": 1,
    "repetition_penalty": 1,
    "mirostat": 0,
    "xtc_probability": 0,
    "typical_p": 1,
    "num_beams": 1,
    "num_return_sequences": 1,
    "length_penalty": 1,
    "no_repeat_ngram_size": 0,
    "epsilon_cutoff": 0,
    "eta_cutoff": 0,
}
"""Values that change nothing, of parameters that tempkit does not know."""

_OF = {
    "penalty_last_n": ("penalty_repeat",),
    "mirostat_tau": ("mirostat",),
    "mirostat_eta": ("mirostat",),
    "xtc_threshold": ("xtc_probability",),
}
"""Parameters that say nothing without another one."""


def known_recommendation(model: ModelSpec) -> tuple[Recommendation | None, tuple[str, ...]]:
    """Return what is recommended for a model, or None, and the places that were looked in.

    Raises:
        UsageError: The temperature that is recommended is none.
        ModelError: The model's file cannot be found or read.
    """
    found, looked, can = advice_for(model)
    return (None if found is None else _settable(model, found, can)), looked


def recommendation_for(model: ModelSpec) -> Recommendation:
    """Return what is recommended for a model.

    Raises:
        UsageError: Nothing is known of it.
        ModelError: As `known_recommendation`.
    """
    found, looked = known_recommendation(model)
    if found is None:
        raise UsageError(
            f"no recommendation for {model.id} is known; looked in: {', '.join(looked)}. "
            "Write the settings out, as in --arm 0.7,top_p=0.9"
        )
    return found


def _settable(model: ModelSpec, found: Advice, can: Capabilities) -> Recommendation:
    named = next((name for name in _TEMPERATURES if name in found.values), None)
    source = found.source if named else f"{found.source}; it names no temperature, so 1 is taken"
    try:
        degree = temperature(found.values[named]) if named else 1.0
    except UsageError as e:
        raise UsageError(f"{model.id} recommends what cannot be used ({found.source}): {e}") from e
    sampling: dict[str, float] = {}
    left_out = []
    for name, value in found.values.items():
        if name == named or _changes_nothing(name, found.values):
            continue
        checked = _checked(name, value)
        if checked is None:
            left_out.append(_written(name, value))
        elif name in can.params:
            sampling[name] = checked
        elif checked != getattr(SamplingParams(), name):  # what is neutral needs no setting
            left_out.append(_written(name, value))
    return Recommendation(
        temperature=degree, sampling=sampling, left_out=tuple(left_out), source=one_line(source, 300)
    )


def _checked(name: str, value: Any) -> float | None:
    """Return a parameter's value as tempkit sets it; None where it cannot."""
    if name not in SHAPING:
        return None
    if name == "top_k" and isinstance(value, int | float) and value == int(value):
        value = max(0, int(value))  # elsewhere -1 stands for no limit, too
    try:
        checked: float = getattr(sampling_params({name: value}), name)
    except UsageError:
        return None
    return checked


def _changes_nothing(name: str, values: Mapping[str, Any]) -> bool:
    if name in _NOTHING:
        return bool(values[name] == _NOTHING[name])
    needs = _OF.get(name)
    return needs is not None and all(each not in values or _changes_nothing(each, values) for each in needs)


def _written(name: str, value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return one_line(f"{name}={value:g}" if number else f"{name}={value}", 80)
