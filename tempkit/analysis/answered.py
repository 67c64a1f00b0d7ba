"""Who answered a stored run: of a section for its decision, and of each model for whoever looks at the run."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tempkit.running import Answerer, Answerers, address_of, shutdown_date
from tempkit.types import ModelSpec, Prompt

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["AnsweredModel", "AnsweredRun", "who_answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredModel:
    """Who answered for one model of a run."""

    model: ModelSpec
    answerers: Answerers
    ends: date | None
    """When its provider switches it off; None where that is not known."""


class AnsweredRun:
    """Who answered a stored run, read once.

    Raises:
        StoreError: The run cannot be read.
    """

    def __init__(self, store: "Store", run: "RunRecord") -> None:
        self._rows = store.answerers(run.id)
        self.infos = store.model_infos(run.id)

    def of(self, model: ModelSpec, prompts: Collection[Prompt] | None = None) -> Answerers | None:
        """Return who answered for a model; None where nobody did yet.

        Args:
            model: Of the run.
            prompts: Their questions alone; None: all.
        """
        names = None if prompts is None else {prompt.name for prompt in prompts}
        found = Answerers(model, address_of(self.infos.get(model.label)))
        for row in self._rows:
            if row.model == model.label and (names is None or row.prompt in names):
                found.add(Answerer(row.name, row.fingerprint, row.address), row.temperature, row.n)
        return found if found.whole else None


def who_answered(store: "Store", run: "RunRecord") -> list[AnsweredModel]:
    """Return who answered for each model of a stored run.

    Raises:
        StoreError: The run cannot be read.
    """
    answered = AnsweredRun(store, run)
    return [
        AnsweredModel(
            model=model,
            answerers=answered.of(model) or Answerers(model),
            ends=shutdown_date(answered.infos.get(model.label)),
        )
        for model in store.load_plan(run.id).models
    ]
