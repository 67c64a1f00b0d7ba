"""What a judge said: a grade or a choice from the last line of its answer, or the reason why there is none.

Tolerant of dress (`**4**`, `Grade: 4/5`, `[[B]]`), strict about content: one digit from 1 to 5, or A, B or TIE, alone on the last
line. "4.5", "3 or 4" and "both" are no answers, and none is ever guessed or filled in.
"""

import re
from dataclasses import dataclass

from tempkit.i18n.reasons import JUDGE_CUT_OFF, NO_CHOICE, NO_GRADE
from tempkit.judging.questions import Form
from tempkit.measures.base import CUT_OFF
from tempkit.types import Completion

__all__ = ["CUT_OFF_REASON", "Reading", "parse_choice", "parse_grade", "read"]

CUT_OFF_REASON = JUDGE_CUT_OFF

_DRESS = " \t*_`'\"“”‘’[](){}<>#"
_LEAD = r"(?:(?:my |the |final |overall |better )*(?:answer|grade|rating|score|verdict|choice|winner)(?: is)?\s*[:=]?[\s*_`\[(]*)?"
_GRADE = re.compile(_LEAD + r"([1-5])[*_`\])]*(?:\s*(?:/|out of)\s*5)?", re.IGNORECASE)
_CHOICE = re.compile(_LEAD + r"(?:answer )?(A|B|TIE)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a judge as it counts."""

    value: float | None
    """A grade from 1 to 5, 5 the best whatever the scale was; of a pair 1 for the answer shown first, 0 for the other, 0.5 for a tie."""
    reason: str | None = None
    """Why there is no value; None when there is one."""


def read(form: Form, answer: Completion) -> Reading:
    """Return what an answer says."""
    if answer.finish_reason in CUT_OFF:
        return Reading(None, CUT_OFF_REASON)
    if form == "pair":
        choice = parse_choice(answer.text)
        return Reading(choice) if choice is not None else Reading(None, NO_CHOICE)
    grade = parse_grade(answer.text)
    if grade is None:
        return Reading(None, NO_GRADE)
    return Reading(float(grade if form == "upwards" else 6 - grade))


def parse_grade(text: str) -> int | None:
    """Return the grade on the last line, 1 to 5; None when there is none."""
    found = _GRADE.fullmatch(_last_line(text))
    return int(found.group(1)) if found else None


def parse_choice(text: str) -> float | None:
    """Return the choice on the last line: 1 for A, 0 for B, 0.5 for TIE; None when there is none."""
    found = _CHOICE.fullmatch(_last_line(text))
    return {"A": 1.0, "B": 0.0, "TIE": 0.5}[found.group(1).upper()] if found else None


def _last_line(text: str) -> str:
    lines = [line.lstrip(_DRESS).rstrip(_DRESS + ".!") for line in text.splitlines()]
    return next((line for line in reversed(lines) if line), "")
