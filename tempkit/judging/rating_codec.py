"""What judges have said, as ratings in the store and back.

A judge's answers cost money, so that none is asked for twice. One that cannot be read is kept too, but as a rating of another
name: it has no value that could be averaged by mistake.
"""

import json
from collections.abc import Iterable, Mapping

from tempkit.judging.parse import TRUNCATED_REASON, Reading
from tempkit.judging.questions import Form, Question
from tempkit.types import Completion, Rating, Reason

__all__ = ["UNREADABLE_SUFFIX", "answered", "as_rating"]

UNREADABLE_SUFFIX = " unreadable"
"""What the name of a rating ends in that only says that an answer could not be read."""

_NAMES: Mapping[Form, str] = {"upwards": "rubric", "downwards": "rubric", "pair": "preference"}


def answered(ratings: Iterable[Rating], judge: str, max_tokens: int) -> dict[str, Reading]:
    """Return what a judge has said in earlier calls, by question; of several answers to one question the newest.

    An answer that was truncated under another limit of its length is left out: it may end under this one.

    Args:
        ratings: Of a run, oldest first.
        judge: Its name with its file's digest, or without, where any digest will do.
        max_tokens: The limit now.
    """
    found: dict[str, Reading] = {}
    for rating in ratings:
        if rating.comment is None or not (rating.rater == judge or rating.rater.startswith(f"{judge}@")):
            continue
        said = json.loads(rating.comment)
        if not rating.measure.endswith(UNREADABLE_SUFFIX):
            found[said["question"]] = Reading(rating.value)
            continue
        reason = Reason.decoded(said["reason"])
        if reason != TRUNCATED_REASON or said["max_tokens"] == max_tokens:
            found[said["question"]] = Reading(None, reason)
    return found


def as_rating(
    question: Question, answer: Completion, reading: Reading, judge: str, max_tokens: int
) -> Rating:
    """Return an answer as a rating of the completion that it is about, the whole of what was said in its comment."""
    said: dict[str, object] = {"question": question.key, "asked": question.form, "answer": answer.text}
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
