"""What a run may cost, and what it has cost so far."""

from dataclasses import dataclass

from tempkit.types import Budget, Completion, Outcome

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

    def add(self, outcome: Outcome) -> None:
        """Count an outcome; what a failure cost, nobody tells."""
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
        limits = ((self.budget.usd, self.usd), (self.budget.tokens, self.tokens))
        return any(limit is not None and spent * more >= limit for limit, spent in limits)

    def __str__(self) -> str:
        parts = []
        if self.budget.usd is not None:
            parts.append(f"the budget of ${self.budget.usd:g} is reached: ${self.usd:.4g} spent")
        if self.budget.tokens is not None:
            parts.append(f"the budget of {self.budget.tokens:,} tokens is reached: {self.tokens:,} spent")
        return ", ".join(parts)
