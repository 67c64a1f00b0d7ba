"""What a plan will cost, roughly, before anything is sent: from below and from above."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tempkit.errors import ModelError, UsageError
from tempkit.running.spending import Spending, estimated
from tempkit.store import Uncounted
from tempkit.text import DENSE, PLAIN
from tempkit.types import Budget, Capabilities, Item, Plan, SampleKey

__all__ = ["Estimate", "check_budget", "check_promises", "estimate", "promise", "spending_of"]

_CHARACTERS_PER_TOKEN = (PLAIN, DENSE)

_SHARES = (0.1, 1.0)
"""The share of its limit that the shortest sensible answer takes, and the longest."""

_LOW, _HIGH = 0, 1


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan costs at least and at most."""

    model: str
    """The model's label."""
    usd: tuple[float, float] | None
    """None: the price is not known."""
    tokens: tuple[int, int]
    """Of prompts and answers together."""


def estimate(plan: Plan, capabilities: Mapping[str, Capabilities], *, batch: bool = False) -> list[Estimate]:
    """Estimate each model's part: high when every answer runs to its limit, low when each ends after a tenth of it.

    Args:
        plan: The plan.
        capabilities: By model label.
        batch: At the prices of batch APIs, which every model must have.
    """
    sizes = {item.key: [_tokens(plan, item, end) for end in (_LOW, _HIGH)] for item in plan.items}
    found = []
    for model in plan.models:
        samples = {key: sum(row.values()) for key, row in plan.repeats(model.label).items()}
        counts = [
            [round(sum(sizes[key][end][part] * n for key, n in samples.items())) for part in (0, 1)]
            for end in (_LOW, _HIGH)
        ]
        share = _price_share(capabilities[model.label], batch=batch)
        price = capabilities[model.label].price
        low, high = ((price.of(*n) * share if price else 0.0) for n in counts)
        found.append(
            Estimate(model.label, (low, high) if price else None, (sum(counts[_LOW]), sum(counts[_HIGH])))
        )
    return found


def _tokens(plan: Plan, item: Item, end: int) -> tuple[float, float]:
    """Return the tokens of one sample's prompt and answer, at one end of what they may be."""
    characters = sum(len(message.content) for message in item.messages)
    limit = plan.sampling[item.prompt].max_tokens
    return characters / _CHARACTERS_PER_TOKEN[end], max(1.0, limit * _SHARES[end])


def _price_share(can: Capabilities, *, batch: bool) -> float:
    return can.batch.price if batch and can.batch is not None else 1.0


def spending_of(
    plan: Plan,
    capabilities: Mapping[str, Capabilities],
    spent: tuple[float, int, int] = (0.0, 0, 0),
    uncounted: Iterable[Uncounted] = (),
) -> Spending:
    """Return a plan's spending, ready to estimate what comes without a count.

    Args:
        plan: The plan.
        capabilities: By model label.
        spent: In USD and tokens, and for how many completions, as far as they were counted.
        uncounted: What came without a count or a cost.
    """
    spending = Spending(plan.budget, *spent)
    if plan.budget == Budget():
        return spending
    spending.asked = {item.key: estimated(sum(len(m.content) for m in item.messages)) for item in plan.items}
    spending.prices = {label: can.price for label, can in capabilities.items() if can.price is not None}
    for came in uncounted:
        prompt = spending.asked.get(came.item, 0)
        guess = came.prompts * prompt + estimated(came.characters)
        spending.tokens += guess
        spending.guessed += guess
        if price := spending.prices.get(came.model):
            asked = came.unpriced_input + came.unpriced_prompts * prompt
            spending.usd += price.of(asked, came.unpriced_output + estimated(came.unpriced_characters))
    return spending


def promise(
    plan: Plan, capabilities: Mapping[str, Capabilities], keys: Iterable[SampleKey], spending: Spending
) -> None:
    """Set aside what batches of some samples may cost, every answer as long as it may be."""
    if plan.budget == Budget():
        return
    items = {item.key: _tokens(plan, item, _HIGH) for item in plan.items}
    for key in keys:
        can = capabilities[key.model]
        asked, answered = items[key.item]
        usd = can.price.of(round(asked), round(answered)) if can.price else 0.0
        spending.promise(key, usd * _price_share(can, batch=True), round(asked + answered))


def check_promises(spending: Spending) -> None:
    """Refuse what the budget may not allow, because a batch that was submitted cannot be ended at a budget.

    Raises:
        UsageError: Saying how much it may come to.
    """
    if excess := spending.exceeded():
        raise UsageError(
            f"a batch cannot be ended at a budget, and this one may come to {excess}; raise the budget, ask for fewer or "
            "shorter answers, or leave out --batch"
        )


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
