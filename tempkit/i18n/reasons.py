"""Why a score is missing that no measure was asked for: what an import and a judge say in its place.

They are kept apart from those who say them, so that whoever shows a stored reason knows it without loading a judge.
"""

from tempkit.i18n.messages import N_

__all__ = [
    "BEYOND",
    "EMPTY_ANSWER",
    "END_UNKNOWN",
    "FILTERED",
    "JUDGE_DECLINED",
    "JUDGE_NOT_SHOWN",
    "JUDGE_SILENT",
    "JUDGE_TRUNCATED",
    "NOT_FINITE",
    "NO_CHOICE",
    "NO_GRADE",
    "TOKEN_LIMIT",
    "UNKNOWN",
]

UNKNOWN = N_("unknown")
TOKEN_LIMIT = N_("cut off by max_tokens")
FILTERED = N_("cut off by the provider's content filter")
END_UNKNOWN = N_("how it ended is not known, so it may not be whole")
EMPTY_ANSWER = N_("the answer is empty")
BEYOND = N_("not a number between -1e100 and 1e100")
# Tables with such a cell are refused now; runs that were imported before hold it.
NOT_FINITE = N_("not a finite number in the imported table")

JUDGE_TRUNCATED = N_("the judge's answer was cut off before its end")
JUDGE_DECLINED = N_("the judge declined to answer")
JUDGE_NOT_SHOWN = N_("the judge was not shown to go by the texts")
JUDGE_SILENT = N_("the judge did not answer")
NO_CHOICE = N_("the judge named neither A, B nor TIE")
NO_GRADE = N_("the judge gave no grade from 1 to 5")
