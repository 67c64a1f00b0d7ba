"""Read a stored run's answers and scores: the one place where the analysis meets the store."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tempkit.analysis.answered import AnsweredRun
from tempkit.analysis.build import compare
from tempkit.analysis.looks import counted, is_given
from tempkit.analysis.result import Comparison, RunFacts
from tempkit.analysis.tables import ScoredSection, tables
from tempkit.running import shutdown_date
from tempkit.types import Score

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["load_comparison", "load_tables"]


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
        note=run.note,
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


def load_tables(store: "Store", run: "RunRecord") -> list[ScoredSection]:
    """Return a run's scores by use case and model.

    Raises:
        StoreError: They cannot be read.
    """
    given: list[Score] = []
    infos = store.model_infos(run.id)
    ignoring = {label for label, info in infos.items() if info.details.get("temperature") == "ignored"}
    answered = AnsweredRun(store, run)
    sections = [
        replace(
            section,
            ignores_temperature=section.model.label in ignoring,
            answerers=answered.of(section.model, section.prompts),
            ends=shutdown_date(infos.get(section.model.label)),
        )
        for section in tables(store.load_plan(run.id), _noting(given, store.each_score(run.id)))
    ]
    return counted(sections, given, store.scored_blocks(run.id), store.looks(run.id))


def _noting(given: list[Score], scores: Iterable[Score]) -> Iterator[Score]:
    """Pass scores on, as there may be too many to keep, and note those that were not computed from answers."""
    versions: dict[str, bool] = {}
    for score in scores:
        if (noted := versions.get(score.version)) is None:
            noted = versions[score.version] = is_given(score)
        if noted:
            given.append(score)
        yield score
