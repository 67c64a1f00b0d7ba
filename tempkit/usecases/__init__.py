"""Use cases: what is wanted of an answer, and which temperature serves it."""

from tempkit.usecases.between import between
from tempkit.usecases.profile import UseCase, read_profile, shipped, use_case
from tempkit.usecases.recommend import ad_hoc, recommend
from tempkit.usecases.result import Recommendation, as_data, document
from tempkit.usecases.run import recommend_known, recommend_run

__all__ = [
    "Recommendation",
    "UseCase",
    "ad_hoc",
    "as_data",
    "between",
    "document",
    "read_profile",
    "recommend",
    "recommend_known",
    "recommend_run",
    "shipped",
    "use_case",
]
