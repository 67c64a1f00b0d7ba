"""What a judge said: a grade or a choice from the last line of its answer, or the reason why there is none.

Tolerant of dress (`**4**`, `Grade: 4/5`, `[[B]]`), strict about content: one digit from 1 to 5, or A, B or TIE, alone on the last
line. "4.5", "3 or 4" and "both" are no answers, and none is ever guessed or filled in. Neither is what a judge says while it thinks,
what it says as it declines, nor the end of an answer that may be incomplete.
"""

import re
from dataclasses import dataclass

from tempkit.judging.questions import Form
from tempkit.measures import TRUNCATED_ENDS
from tempkit.types import Completion, Reason

__all__ = ["TRUNCATED_REASON", "Reading", "parse_choice", "parse_grade", "read"]

TRUNCATED_REASON = Reason("judge_truncated")

_DRESS = " \t*_`'\"“”‘’[](){}<>#"
_LEAD = r"(?:(?:my |the |final |overall |better )*(?:answer|grade|rating|score|verdict|choice|winner)(?: is)?\s*[:=]?[\s*_`\[(]*)?"
_GRADE = re.compile(_LEAD + r"([1-5])[*_`\])]*(?:\s*(?:/|out of)\s*5)?", re.IGNORECASE | re.ASCII)
_CHOICE = re.compile(_LEAD + r"(?:answer )?(A|B|TIE)", re.IGNORECASE | re.ASCII)
_COMPARED = re.compile(r"<[^<>]*\Z")
"""A bracket that is none: `<4` is less than 4."""
_THOUGHTS = re.compile(
    r"^[ \t]*(?:<(?:think|thinking|thoughts?|reasoning|seed:think)>|\[THINK\]|<\|START_THINKING\|>|◁think▷|<\|channel\|>(?!\s*final))",
    re.IGNORECASE | re.MULTILINE,
)
_NO_MORE = re.compile(
    r"</(?:think|thinking|thoughts?|reasoning|seed:think)>|\[/THINK\]|<\|END_THINKING\|>|◁/think▷|<\|channel\|>\s*final",
    re.IGNORECASE,
)
"""Marks of thoughts behind an answer; those before it were taken out with what they mark."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a judge as it counts."""

    value: float | None
    """A grade from 1 to 5, 5 the best whatever the scale was; of a pair 1 for the answer shown first, 0 for the other, 0.5 for a tie."""
    reason: Reason | None = None
    """Why there is no value; None when there is one."""


def read(form: Form, answer: Completion) -> Reading:
    """Return what an answer says."""
    if answer.finish_reason in TRUNCATED_ENDS:
        return Reading(None, TRUNCATED_REASON)
    if answer.finish_reason == "unknown":
        return Reading(None, Reason("end_unknown"))
    if answer.finish_reason == "refusal":
        return Reading(None, Reason("judge_declined"))
    if form == "pair":
        choice = parse_choice(answer.text)
        return Reading(choice) if choice is not None else Reading(None, Reason("judge_no_choice"))
    grade = parse_grade(answer.text)
    if grade is None:
        return Reading(None, Reason("judge_no_grade"))
    return Reading(float(grade if form == "upwards" else 6 - grade))


def parse_grade(text: str) -> int | None:
    """Return the grade on the last line, 1 to 5; None when there is none."""
    found = _GRADE.fullmatch(_verdict(text))
    return int(found.group(1)) if found else None


def parse_choice(text: str) -> float | None:
    """Return the choice on the last line: 1 for A, 0 for B, 0.5 for TIE; None when there is none."""
    found = _CHOICE.fullmatch(_verdict(text))
    return {"A": 1.0, "B": 0.0, "TIE": 0.5}[found.group(1).upper()] if found else None


def _verdict(text: str) -> str:
    """Return the last line without its dress; nothing where it is part of thoughts that have no end."""
    lines = [line for line in text.splitlines() if line.strip(_DRESS + ".!")]
    if not lines or _COMPARED.search(lines[-1].strip()) or _is_thinking(text):
        return ""
    return lines[-1].lstrip(_DRESS).rstrip(_DRESS + ".!")


def _is_thinking(text: str) -> bool:
    """Whether thoughts begin on a line of a text, behind its answer, and never end."""
    begins = [found.end() for found in _THOUGHTS.finditer(text)]
    return bool(begins) and _NO_MORE.search(text, begins[-1]) is None
