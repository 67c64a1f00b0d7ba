"""What judges have said, as ratings in the store and back.

A judge's answers cost money, so that none is asked for twice. One that cannot be read is kept too, but as a rating of another
name: it has no value that could be averaged by mistake.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tempkit.judging.parse import TRUNCATED_REASON, Reading
from tempkit.judging.questions import Form, Question
from tempkit.types import Completion, Rating, Reason

__all__ = ["UNREADABLE_SUFFIX", "Costs", "answered", "as_rating", "costs_of", "who_answered"]

UNREADABLE_SUFFIX = " unreadable"
"""What the name of a rating ends in that only says that an answer could not be read."""

_NAMES: Mapping[Form, str] = {"upwards": "rubric", "downwards": "rubric", "pair": "preference"}


@dataclass(frozen=True, slots=True)
class Costs:
    """What answers of judges took."""

    tokens: int = 0
    """Of questions and answers together."""
    usd: float = 0.0


def costs_of(ratings: Iterable[Rating]) -> Costs:
    """Return what all answers of judges took that are stored with a run; of those from before it was kept nothing is known."""
    tokens, usd = 0, 0.0
    for rating in ratings:
        said = _said(rating)
        if said is not None:
            tokens += said.get("tokens", 0)
            usd += said.get("usd", 0.0)
    return Costs(tokens, usd)


def _said(rating: Rating) -> dict[str, Any] | None:
    """Return what a judge's rating holds; None for one of a person."""
    try:
        found = json.loads(rating.comment or "")
    except ValueError:
        return None
    return found if isinstance(found, dict) and "question" in found else None


def answered(
    ratings: Iterable[Rating], judge: str, max_tokens: int, temperature: float | None
) -> dict[str, Reading]:
    """Return what a judge has said in earlier calls, by question; of several answers to one question the newest.

    What it said at another temperature is another measurement. An answer that was truncated under another limit of its length is left out: it may end under this one.

    Args:
        ratings: Of a run, oldest first.
        judge: Its name with its file's digest, or without, where any digest will do.
        max_tokens: The limit now.
        temperature: What it is asked at now; None: none. Those that say nothing of it are from when that was 0.
    """
    found: dict[str, Reading] = {}
    for rating in ratings:
        if rating.comment is None or not (rating.rater == judge or rating.rater.startswith(f"{judge}@")):
            continue
        said = json.loads(rating.comment)
        if said.get("temperature", 0.0) != temperature:
            continue
        if not rating.measure.endswith(UNREADABLE_SUFFIX):
            found[said["question"]] = Reading(rating.value)
            continue
        reason = Reason.decoded(said["reason"])
        if reason != TRUNCATED_REASON or said["max_tokens"] == max_tokens:
            found[said["question"]] = Reading(None, reason)
    return found


def who_answered(ratings: Iterable[Rating], judge: str) -> Counter[tuple[str | None, str | None]]:
    """Return how many of a judge's answers came from whom: the model's name and its fingerprint, as far as the server gave them.

    Args:
        ratings: Of a run.
        judge: Its name, with its file's digest where it has one.
    """
    found: Counter[tuple[str | None, str | None]] = Counter()
    for rating in ratings:
        said = _said(rating) if rating.rater == judge else None
        if said is not None:
            found[said.get("model"), said.get("fingerprint")] += 1
    return found


def as_rating(
    question: Question,
    answer: Completion,
    reading: Reading,
    judge: str,
    max_tokens: int,
    *,
    temperature: float | None,
    costs: Costs,
) -> Rating:
    """Return an answer as a rating of the completion that it is about, the whole of what was said in its comment."""
    said: dict[str, object] = {
        "question": question.key,
        "asked": question.form,
        "answer": answer.text,
        "temperature": temperature,
        "tokens": costs.tokens,
        "usd": costs.usd,
    }
    if answer.response_model is not None:
        said["model"] = answer.response_model
    if answer.fingerprint is not None:
        said["fingerprint"] = answer.fingerprint
    if question.again:
        said["again"] = True
    if question.against is not None:
        said["against"] = {
            "temperature": question.against.temperature,
            "replicate": question.against.replicate,
        }
    name = _NAMES[question.form]
    if reading.value is None:
        said |= {"reason": reading.reason and reading.reason.encoded(), "max_tokens": max_tokens}
    return Rating(
        sample=question.about,
        rater=judge,
        measure=name if reading.value is not None else name + UNREADABLE_SUFFIX,
        value=1.0 if reading.value is None else reading.value,
        comment=json.dumps(said, ensure_ascii=False),
    )
