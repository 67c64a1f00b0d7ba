"""What is known of a plan's models that a person should hear before anything is sent: their end, and a temperature that is fixed."""

from collections.abc import Mapping
from datetime import date

from tempkit.types import Capabilities, Plan

__all__ = ["forewarned", "known_limits", "other_settings"]

_MILD = 0.5
"""A nucleus that shows that it does something, for an example."""


def forewarned(plan: Plan, capabilities: Mapping[str, Capabilities], today: date) -> list[str]:
    """Return warnings, each once for all the models that it is about.

    Args:
        plan: The plan, which its models can honour.
        capabilities: By model label.
        today: The day that an end lies before or behind.
    """
    found: dict[str, list[str]] = {}
    for model in plan.models:
        can = capabilities[model.label]
        for said in (_ending(can, today), _fixed(can)):
            if said:
                found.setdefault(said, []).append(model.label)
    return [f"warning: {', '.join(labels)}: {said}" for said, labels in found.items()]


def known_limits(can: Capabilities, today: date) -> list[str]:
    """Return why a model is of little use for temperatures, and what to do about it: a line each.

    Args:
        can: What it can.
        today: As `forewarned` takes it.
    """
    lines = [_ending(can, today)]
    instead = can.instead or "choose another model"
    if can.temperature == "ignored":
        lines.append(f"ignores the temperature without a word ({can.source}); {instead}")
    elif can.temperature == "rejected":
        only = " or ".join(f"{t:g}" for t in can.temperature_accepts)
        takes = f"takes no temperature but {only}" if only else "takes no temperature"
        options = other_settings(can)
        settings = f", or compare other settings of it: {options}" if options else ""
        lines.append(f"{takes} ({can.source}); {instead}{settings}")
    return [line for line in lines if line]


def _ending(can: Capabilities, today: date) -> str:
    if can.ends is None:
        return ""
    if can.successor:
        effect = {"ignored": ", which ignores the temperature", "rejected": ", which rejects the temperature"}
        who = f"{can.successor}{effect.get(can.successor_temperature, '')}"
        return (
            f"since {can.ends} this name is answered by {who}"
            if can.ends <= today
            else f"from {can.ends} on this name is answered by {who}; what is found out until then is of another model ({can.source})"
        )
    if can.ends <= today:
        return f"ended on {can.ends}, so its requests are probably refused ({can.source})"
    return f"ends on {can.ends}; what is found out is of use until then ({can.source})"


def _fixed(can: Capabilities) -> str:
    if can.temperature != "rejected" or not can.temperature_accepts:
        return ""
    only = " or ".join(f"{t:g}" for t in can.temperature_accepts)
    how = "none is sent" if "temperature" in can.unsent else f"{only} is sent"
    left = sorted(can.unsent - {"temperature"})
    besides = f", without {', '.join(left)}" if left else ""
    return f"takes no temperature but {only}, so {how}{besides} ({can.source})"


def other_settings(can: Capabilities) -> str:
    """Return the options that compare other settings of a model that has no temperature; "" where none are known."""
    if can.temperature != "rejected" or not can.temperature_accepts:
        return ""
    efforts = [effort for effort in can.efforts if effort != "none"]
    nucleus = "top_p" in can.params and can.top_p is None
    setting = f"reasoning_effort={efforts[0]}" if efforts else f"top_p={_MILD:g}" if nucleus else ""
    at = f"{can.temperature_accepts[0]:g}"
    return f"-t {at} --arm {at},{setting}" if setting else ""
