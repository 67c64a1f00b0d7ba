"""Read a stored run into a comparison: the one place where the comparison meets the store."""

from typing import TYPE_CHECKING

from tempkit.compare.build import compare
from tempkit.compare.result import Comparison, RunFacts

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["load_comparison"]


def load_comparison(store: "Store", run: "RunRecord") -> Comparison:
    """Return the comparison of a run as far as it has come, without tokens.

    Raises:
        StoreError: The run cannot be read.
        ReportError: The run's data contradict its plan.
    """
    facts = RunFacts(
        name=run.name,
        id=run.id,
        status=run.status,
        created_at=run.created_at,
        finished_at=run.finished_at,
        version=run.tempkit_version,
        environment=run.environment,
        planned=run.planned,
    )
    return compare(
        facts,
        store.load_plan(run.id),
        store.model_infos(run.id),
        store.completions(run.id, tokens=False),
        store.failures(run.id, standing=False),
    )
