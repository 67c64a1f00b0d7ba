"""A model as judge of answers that nothing else can be held against: graded by a rubric, or compared in pairs.

It is asked blind, at temperature 0, everything in two forms; what it says counts only where it is shown to go by the texts.
"""

from tempkit.judging.consistency import Consistency
from tempkit.judging.layout import Wanted
from tempkit.judging.requests import Judge
from tempkit.judging.result import JudgedTemperature, Judgement, SectionResult
from tempkit.judging.run import Outline, judge_run, outline

__all__ = [
    "Consistency",
    "Judge",
    "JudgedTemperature",
    "Judgement",
    "Outline",
    "SectionResult",
    "Wanted",
    "judge_run",
    "outline",
]
