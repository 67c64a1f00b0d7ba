"""What backends of other packages, and other databases, are tested with: the suites that tempkit's own pass. Needs pytest."""

import pytest

# Before the suites are imported, so that a failed assertion in one shows its values.
for _suite in (
    "backend_contract",
    "store_contract",
    "store_growth",
    "store_outcomes",
    "store_runs",
    "store_upkeep",
):
    pytest.register_assert_rewrite(f"tempkit.testing.{_suite}")

from tempkit.testing.backend_contract import (  # noqa: E402  (see above)
    QUESTIONS,
    TEMPERATURES,
    BackendContract,
    Swept,
    make_sweeps,
    run_all,
)
from tempkit.testing.store_contract import StoreContract  # noqa: E402

__all__ = ["QUESTIONS", "TEMPERATURES", "BackendContract", "StoreContract", "Swept", "make_sweeps", "run_all"]
