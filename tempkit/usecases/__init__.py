"""Use cases: what is wanted of an answer, and which temperature serves it."""

from tempkit.usecases.decide import decide
from tempkit.usecases.decision import Decision, as_data, document
from tempkit.usecases.profile import UseCase, read_profile, shipped, use_case
from tempkit.usecases.run import decide_run

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
