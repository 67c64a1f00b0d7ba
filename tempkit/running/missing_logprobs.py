"""Logprobs that were asked for and are missing: said once for each model, because measures that need them are then missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from tempkit.types import Completion, Outcome

__all__ = ["Unseen"]

_ASKING = ("logprobs", "top_logprobs", "responseLogprobs")
"""The APIs' names for the parameters that ask for them."""


@dataclass(slots=True)
class _Answers:
    """One model's answers that logprobs were asked for, and that have something in them."""

    asked: int = 0
    without: int = 0
    """Those with which none came."""
    unmatched: int = 0
    """Those whose logprobs are not of their text."""


class Unseen:
    """How many answers should have had logprobs, and how many have them, by model."""

    def __init__(self) -> None:
        self._models: dict[str, _Answers] = {}

    def add(self, outcome: Outcome) -> None:
        """Note an answer that has something in it."""
        if not isinstance(outcome, Completion) or not outcome.text or not _asks(outcome):
            return
        answers = self._models.setdefault(outcome.key.model, _Answers())
        answers.asked += 1
        if outcome.unmatched:
            answers.unmatched += 1
        elif not outcome.tokens:
            answers.without += 1

    def notes(self) -> Iterator[str]:
        """Say what is missing, in a sentence for each model and reason."""
        for model, answers in sorted(self._models.items()):
            if answers.without == answers.asked:
                yield (
                    f"warning: {model} was asked for logprobs and gave none, so that measures which need them are missing; "
                    "to ask for none, use --logprobs 0"
                )
                continue
            if answers.unmatched:
                some = _some(answers.unmatched, answers.asked, model)
                yield (
                    f"warning: the logprobs of {some} do not match the text and are left out: the answers are kept, and "
                    "measures that need logprobs are missing there"
                )
            if answers.without:
                some = _some(answers.without, answers.asked, model)
                yield f"warning: {some} came without readable logprobs, which were asked for: measures that need them are missing there"


def _asks(completion: Completion) -> bool:
    params = completion.params
    return any(params.get(name) for name in _ASKING) or bool(params.get("include"))


def _some(count: int, of: int, model: str) -> str:
    return f"{count:,} of {of:,} {'answer' if of == 1 else 'answers'} of {model}"
