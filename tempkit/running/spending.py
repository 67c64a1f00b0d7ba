"""What a run may cost, and what it has cost so far."""

from dataclasses import dataclass, field

from tempkit.types import Budget, Completion, Outcome, SampleKey

__all__ = ["Spending"]


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
            output = len(outcome.tokens) if outcome.output_tokens is None else outcome.output_tokens
            self.usd += outcome.cost_usd or 0.0
            self.tokens += (outcome.input_tokens or 0) + output
            self.counted += 1

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
            parts.append(f"the budget of {self.budget.tokens:,} tokens is reached: {self.tokens:,} spent")
        if self._promises:
            parts.append(f"samples in batches still to come: {len(self._promises):,}")
        return ", ".join(parts)
