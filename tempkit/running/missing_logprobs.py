"""Logprobs that were asked for and never came: said once for each model, because measures that need them are then missing."""

from collections.abc import Iterator

from tempkit.types import Completion, Outcome

__all__ = ["Unseen"]

_ASKING = ("logprobs", "top_logprobs", "responseLogprobs")
"""Names on the wire by which they are asked for."""


class Unseen:
    """Which models were asked for logprobs, and which gave any."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._gave: set[str] = set()

    def add(self, outcome: Outcome) -> None:
        """Note an answer that has something in it."""
        if not isinstance(outcome, Completion) or outcome.key.model in self._gave:
            return
        if outcome.tokens:
            self._gave.add(outcome.key.model)
        elif outcome.text and (
            any(outcome.params.get(name) for name in _ASKING) or outcome.params.get("include")
        ):
            self._asked.add(outcome.key.model)

    def notes(self) -> Iterator[str]:
        """Say what is missing, in a sentence for each model."""
        for model in sorted(self._asked - self._gave):
            yield (
                f"note: {model} was asked for logprobs and gave none, so that measures which need them are missing; "
                "to ask for none, use --logprobs 0"
            )
