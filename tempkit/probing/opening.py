"""The first requests of a probe: in which form does the model answer at all, and which temperatures does it take?

A server that takes no seed, no logprobs or no top_k refuses every request that has them. What its refusal names is left out, one
thing after the other, and noted, until it answers.
"""

import re
from dataclasses import dataclass, field

from tempkit.errors import ModelError, UsageError, one_line
from tempkit.probing.asking import Asker, refusal
from tempkit.probing.questions import OPEN
from tempkit.types import Completion, Failure

__all__ = ["BEYOND", "GRID", "Opening", "Scouted", "names_temperature", "open_model", "scout"]

GRID = (0.0, 0.3, 0.5, 1.0, 1.5, 2.0)
"""Temperatures that are tried; two above 1, where clamping shows."""
BEYOND = (5.0, 100.0)
"""Tried once each where all of the grid is accepted."""
SHORT = 8
"""Tokens of most answers."""
_LEAST = 16
"""What some APIs want as the longest answer's length at least."""
_THINKING = (64, 256)
"""Longest answers that are tried where nothing but thoughts comes."""
_TRIES = 8
_NAMED = re.compile(
    r"""['"`]temperature['"`]|argument supplied: temperature|\btemperature (is|does|must|should|and top_p)\b"""
    r"""|\bparam(eter)?s?:? temperature\b|\binvalid temperature\b""",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:at most|up to|maximum(?: of)?|between \d+ and|<=?|less than or equal to) ?(\d{1,2})\b"
)


@dataclass(slots=True)
class Opening:
    """In which form the model answers."""

    first: Completion | None = None
    """Its first answer; None: it refuses temperature 1, too."""
    left_out: dict[str, str] = field(default_factory=dict)
    """What is not asked for because it was refused, with the provider's words: logprobs, seed, top_k, ..."""


@dataclass(slots=True)
class Scouted:
    """Which temperatures are taken."""

    answers: dict[float, Completion] = field(default_factory=dict)
    says: dict[float, str] = field(default_factory=dict)
    """The provider's words for those that are refused."""

    @property
    def accepted(self) -> tuple[float, ...]:
        return tuple(sorted(self.answers))

    @property
    def drawn_at(self) -> tuple[float, ...]:
        """Temperatures of the grid above 0 that are taken."""
        return tuple(t for t in GRID if t > 0 and t in self.answers)


def names_temperature(failure: Failure) -> bool:
    """Return whether a refusal is of the temperature, by the provider's words: it names the parameter, which is more than the word."""
    return failure.kind == "rejected" and _NAMED.search(failure.message) is not None


async def open_model(asker: Asker) -> Opening:
    """Find a form in which the model answers.

    Raises:
        ModelError: There is none, or the model cannot be reached.
    """
    found = Opening()
    for _ in range(_TRIES):
        (outcome,) = await asker.ask([asker.question(OPEN[0], 1.0, asker.params(SHORT))])
        if isinstance(outcome, Completion):
            longer = next((n for n in _THINKING if n > asker.longest), None)
            if outcome.text or longer is None or outcome.finish_reason != "length":
                found.first = outcome
                return found
            asker.longest = longer  # it thinks first, and that takes all that it may write
        elif (failure := refusal(outcome)) is not None and not await _leave_out(asker, failure, found):
            if names_temperature(failure):
                return found
            break
    said = one_line(outcome.message) if isinstance(outcome, Failure) else "its answers are empty"
    raise ModelError(f"{asker.model.id}: it refuses whatever a probe asks: {said}")


async def _leave_out(asker: Asker, failure: Failure, found: Opening) -> bool:
    """Ask for less from now on: what the refusal names first; return whether anything is left to leave out."""
    said = failure.message.lower()
    words = one_line(failure.message)
    named = {
        "logprobs": "logprob" in said,
        "seed": "seed" in said,
        "extended": "top_k" in said or "min_p" in said or "top-k" in said or "repetition_penalty" in said,
        "length": re.search(r"max_(completion_|output_)?tokens", said) is not None,
    }
    if names_temperature(failure) and not any(named.values()):
        return False
    order = sorted(named, key=lambda name: not named[name])
    for name in order:
        if name == "logprobs" and asker.logprobs:
            fewer = [n for n in (*map(int, _COUNT.findall(said)), 5, 0) if n < asker.logprobs]
            asker.logprobs = fewer[0] if named[name] else 0
            asker.anew.most_logprobs = asker.logprobs
            await asker.change()
            if not asker.logprobs:
                found.left_out["logprobs"] = words
            return True
        if name == "length" and named[name] and asker.longest < _LEAST:
            asker.longest = _LEAST
            return True
        if name == "seed" and "seed" not in found.left_out and await _changed(asker, seeds=False):
            found.left_out["seed"] = words
            return True
        if name == "extended" and name not in found.left_out:
            found.left_out[name] = words
            if await _changed(asker, extended_sampling=False):
                return True
    return False


async def _changed(asker: Asker, **options: object) -> bool:
    try:
        await asker.change(**options)
    except UsageError:  # a backend that has no such option sends no such thing
        return False
    return True


async def scout(asker: Asker, opening: Opening) -> Scouted:
    """Ask once at every temperature of the grid, and beyond where all are taken.

    Raises:
        ModelError: The model cannot be reached any more.
    """
    found = Scouted()
    if opening.first is not None:
        found.answers[1.0] = opening.first
    for temperatures in (tuple(t for t in GRID if t not in found.answers), *((t,) for t in BEYOND)):
        if temperatures[0] in BEYOND and found.says:
            break
        limit = 1 if temperatures[0] in BEYOND else SHORT
        questions = [asker.question(OPEN[0], t, asker.params(limit)) for t in temperatures]
        for question, outcome in zip(questions, await asker.ask(questions), strict=True):
            if isinstance(outcome, Completion):
                found.answers[question.temperature] = outcome
            elif (failure := refusal(outcome)) is not None:
                found.says[question.temperature] = one_line(failure.message)
    return found
