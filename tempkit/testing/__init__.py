"""What backends of other packages are tested with: the suites that tempkit's own pass. Needs pytest."""

import pytest

# Before the suites are imported, so that a failed assertion in one shows its values.
pytest.register_assert_rewrite("tempkit.testing.backend_contract")

from tempkit.testing.backend_contract import (  # noqa: E402  (see above)
    QUESTIONS,
    TEMPERATURES,
    BackendContract,
    Swept,
    make_sweeps,
    run_all,
)

__all__ = ["QUESTIONS", "TEMPERATURES", "BackendContract", "Swept", "make_sweeps", "run_all"]
