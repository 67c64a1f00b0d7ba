"""What a run may cost, and what it has cost so far.

Not every server counts tokens. Where one does not they are estimated from the texts, rather too many than too few, so that a budget
holds all the same; and what is told of the spending says how many these are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tempkit.text import DENSE
from tempkit.types import Budget, Completion, Outcome, Price, SampleKey

__all__ = ["Spending", "estimated"]


def estimated(characters: int) -> int:
    """Return how many tokens a text may have come to; of a plain one, too many."""
    return round(characters / DENSE)


@dataclass
class Spending:
    """A run's spending against its budget, the samples stored earlier included."""

    budget: Budget
    usd: float = 0.0
    tokens: int = 0
    """Of prompts and answers together."""
    counted: int = 0
    """Completions in the sums."""
    promised_usd: float = 0.0
    """What batches may cost whose results are still to come."""
    promised_tokens: int = 0
    guessed: int = 0
    """How many of the tokens are estimated, because they came without a count."""
    asked: Mapping[str, int] = field(default_factory=dict)
    """The tokens of each item's prompt, by estimate."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By model, for what came without a count."""
    _promises: dict[SampleKey, tuple[float, int]] = field(default_factory=dict)

    def promise(self, key: SampleKey, usd: float, tokens: int) -> None:
        """Set aside what a sample in a batch may cost."""
        self._promises[key] = usd, tokens
        self.promised_usd += usd
        self.promised_tokens += tokens

    def add(self, outcome: Outcome) -> None:
        """Count an outcome, in the place of what was set aside for it; what a failure cost, nobody tells."""
        usd, tokens = self._promises.pop(outcome.key, (0.0, 0))
        self.promised_usd -= usd
        self.promised_tokens -= tokens
        if isinstance(outcome, Completion):
            asked, answered = self._tokens(outcome)
            price = self.prices.get(outcome.key.model)
            if outcome.cost_usd is not None:
                self.usd += outcome.cost_usd
            elif price is not None:
                self.usd += price.of(asked, answered)
            self.tokens += asked + answered
            self.counted += 1

    def _tokens(self, completion: Completion) -> tuple[int, int]:
        """Return the tokens of prompt and answer, estimated where they were not counted."""
        asked, answered = completion.input_tokens, completion.output_tokens
        if asked is None:
            asked = self.asked.get(completion.key.item, 0)
            self.guessed += asked
        if answered is None:
            listed = len(completion.tokens) + (completion.thinking_tokens or 0)
            guess = estimated(len(completion.text) + len(completion.thinking or ""))
            answered = listed or guess
            self.guessed += 0 if listed else guess
        return asked, answered

    def reached(self, under_way: int = 0) -> bool:
        """Say whether the budget allows no further request.

        Args:
            under_way: Requests still to be answered, each expected to cost what those before did on average.
        """
        more = 1 + (under_way / self.counted if self.counted else 0.0)
        limits = (
            (self.budget.usd, self.usd * more + self.promised_usd),
            (self.budget.tokens, self.tokens * more + self.promised_tokens),
        )
        return any(limit is not None and spent >= limit for limit, spent in limits)

    def exceeded(self) -> str:
        """Say by how much spending and promises together are beyond the budget; nothing when they are not."""
        usd, tokens = self.usd + self.promised_usd, self.tokens + self.promised_tokens
        if self.budget.usd is not None and usd > self.budget.usd:
            return f"${usd:.4g} where the budget is ${self.budget.usd:g}, ${self.usd:.4g} spent included"
        if self.budget.tokens is not None and tokens > self.budget.tokens:
            return f"{tokens:,} tokens where the budget is {self.budget.tokens:,}, {self.tokens:,} spent included"
        return ""

    def __str__(self) -> str:
        parts = []
        if self.budget.usd is not None:
            parts.append(f"the budget of ${self.budget.usd:g} is reached: ${self.usd:.4g} spent")
        if self.budget.tokens is not None:
            guessed = (
                f" ({self.guessed:,} of them estimated: they came without a count)" if self.guessed else ""
            )
            parts.append(
                f"the budget of {self.budget.tokens:,} tokens is reached: {self.tokens:,} spent{guessed}"
            )
        if self._promises:
            parts.append(f"samples in batches still to come: {len(self._promises):,}")
        return ", ".join(parts)
