"""What a plan will cost, roughly, before anything is sent: from below and from above."""

from collections.abc import Mapping
from dataclasses import dataclass

from tempkit.errors import ModelError
from tempkit.types import Capabilities, Plan

__all__ = ["Estimate", "check_budget", "estimate"]

_CHARACTERS_PER_TOKEN = (2.5, 6.0)
"""Between dense text, such as code or a language that tokenizers know little of, and plain English."""

_SHORTEST = 0.1
"""The share of its limit that the shortest sensible answer takes."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan costs at least and at most."""

    model: str
    """The model's label."""
    usd: tuple[float, float] | None
    """None: the price is not known."""
    tokens: tuple[int, int]
    """Of prompts and answers together."""


def estimate(plan: Plan, capabilities: Mapping[str, Capabilities]) -> list[Estimate]:
    """Estimate each model's part: high when every answer runs to its limit, low when each ends after a tenth of it."""
    dense, plain = _CHARACTERS_PER_TOKEN
    asked = [0.0, 0.0]
    answered = [0.0, 0.0]
    for item in plan.items:
        characters = sum(len(message.content) for message in item.messages)
        limit = plan.sampling[item.prompt].max_tokens
        for i, (per_token, share) in enumerate(((plain, _SHORTEST), (dense, 1.0))):
            asked[i] += characters / per_token
            answered[i] += max(1.0, limit * share)
    times = len(plan.temperatures) * plan.repeat
    found = []
    for model in plan.models:
        price = capabilities[model.label].price
        counts = [(round(asked[i] * times), round(answered[i] * times)) for i in (0, 1)]
        usd = None if price is None else (price.of(*counts[0]), price.of(*counts[1]))
        found.append(Estimate(model.label, usd, (sum(counts[0]), sum(counts[1]))))
    return found


def check_budget(plan: Plan, capabilities: Mapping[str, Capabilities]) -> None:
    """Refuse a budget in USD that cannot be kept.

    Raises:
        ModelError: A model's price is not known.
    """
    if plan.budget.usd is None:
        return
    for model in plan.models:
        if capabilities[model.label].price is None:
            raise ModelError(
                f"the price of {model.label} is not known, so a budget in USD cannot be kept; use --budget-tokens"
            )
