"""Use cases: what is wanted of an answer, and which temperature serves it."""

from tempkit.decision.decide import decide
from tempkit.decision.profile import UseCase, read_profile, shipped, use_case
from tempkit.decision.result import Decision, as_data, document
from tempkit.decision.run import decide_run

__all__ = [
    "Decision",
    "UseCase",
    "as_data",
    "decide",
    "decide_run",
    "document",
    "read_profile",
    "shipped",
    "use_case",
]
