"""The store's facade: every method is one transaction, and every database error comes out as a `StoreError`.

Nothing is kept in memory between calls but the row ids of a run's items and models, which never change, so several
processes can work on one database, and a killed one leaves whole batches behind and nothing else.
"""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from tempkit.errors import StoreError
from tempkit.store import (
    answerers,
    batches,
    exact,
    looks,
    plans,
    ratings,
    reading,
    runs,
    scores,
    sheets,
    summary,
    usage,
    writing,
)
from tempkit.store.errors import is_duplicate
from tempkit.store.opening import serialize
from tempkit.store.records import AnsweredBy, CellSummary, RunRecord, RunStatus, ScoredBlock, Uncounted
from tempkit.store.score_reading import ScoreReading
from tempkit.store.shared_runs import SharedRuns
from tempkit.store.target import Target
from tempkit.store.upkeep import Upkeep
from tempkit.types import (
    Batch,
    Completion,
    EmbedderChoice,
    ExactAnswers,
    Failure,
    Item,
    Look,
    ModelInfo,
    Outcome,
    Plan,
    Rating,
    SampleKey,
    Score,
    Sheet,
    TopUp,
)

__all__ = ["Store"]


class Store(Upkeep, SharedRuns, ScoreReading):
    """A database of runs. Open one with `Store.open`, as a context manager or with `close` at the end."""

    def __init__(self, engine: Engine, target: Target) -> None:
        super().__init__(engine, target)
        self._ids: dict[str, writing.RunIds] = {}

    def create_run(
        self, plan: Plan, infos: Mapping[str, ModelInfo], *, version: str, environment: Mapping[str, Any]
    ) -> RunRecord:
        """Store a new run with its whole plan, under the plan's name or, where that is taken, `name-2`, `name-3`, ...

        Args:
            plan: What the run will do.
            infos: What was found on each model, by label.
            version: The version of tempkit that makes the run.
            environment: JSON-able facts on the machine and the packages.
        """
        with self._write() as connection:
            serialize(connection)  # two runs of one name begun at once
            run_id = plans.save_plan(connection, plan, infos, version=version, environment=environment)
            return runs.get_run(connection, run_id)

    def find_run(self, ref: str) -> RunRecord:
        """Return the run of this name or id, a unique beginning of one (two digits of an id), or the `latest`."""
        with self._read() as connection:
            return runs.find_run(connection, ref, self.where)

    def runs(self) -> list[RunRecord]:
        """Return all runs, newest first."""
        with self._read() as connection:
            return runs.list_runs(connection)

    def set_status(self, run_id: str, status: RunStatus) -> None:
        """Set a run's status; `finished` also sets its time, the others clear it."""
        with self._write() as connection:
            runs.set_status(connection, run_id, status)

    def set_embedder(self, run_id: str, choice: EmbedderChoice | None) -> None:
        """Note what a run's texts are compared by from now on; None: the bundled embedder."""
        with self._write() as connection:
            runs.set_embedder(connection, run_id, choice)

    def set_reference(self, run_id: str, model: str | None) -> None:
        """Note which reference model a run's texts are scored under from now on."""
        with self._write() as connection:
            runs.set_reference(connection, run_id, model)

    def load_plan(self, run_id: str) -> Plan:
        """Return the plan as it was stored, equal to the one given but for values JSON does not have (dates: text)."""
        with self._read() as connection:
            return plans.load_plan(connection, run_id)

    def model_infos(self, run_id: str) -> dict[str, ModelInfo]:
        """Return what was found on each model when the run began, by label."""
        with self._read() as connection:
            return plans.load_infos(connection, run_id)

    def add(
        self, run_id: str, outcomes: Sequence[Outcome], *, at: datetime | None = None, again: bool = False
    ) -> None:
        """Store a batch of outcomes: all of it, or with an error none of it.

        A sample's earlier failure stops standing when another outcome of the sample arrives.

        Args:
            run_id: The run.
            outcomes: The batch.
            at: Its time, which tells it from every other; None: now.
            again: It was tried before with the same time, and nobody knows whether it was committed: if so, nothing is done.

        Raises:
            StoreError: A sample has a completion already, so another process is at work on this run.
        """
        if not outcomes:
            return
        with self._write() as connection, self._alone(run_id):
            serialize(connection, run_id)  # an earlier try may be under way at the server still
            ids = self._run_ids(connection, run_id)
            if again and at is not None and writing.is_stored(connection, run_id, ids, outcomes[0], at):
                return
            writing.add_outcomes(connection, run_id, ids, outcomes, at or datetime.now(UTC))
            batches.deliver(connection, run_id, ids, outcomes)

    def add_batch(self, run_id: str, batch: Batch) -> None:
        """Write down a batch that is about to be submitted; it outlasts a power cut when this returns.

        Done again, as after a connection broke, it changes nothing.

        Raises:
            StoreError: One of its samples is in another batch, so another process is at work on this run.
        """
        with self._write(durable=True) as connection, self._alone(run_id):
            serialize(connection, run_id)
            if batches.is_saved(connection, batch.tag):
                return
            batches.save(connection, run_id, self._run_ids(connection, run_id), batch)

    def submitted(self, tag: str, remote_id: str) -> None:
        """Note that the provider took a batch, and its id there."""
        with self._write(durable=True) as connection:
            batches.submitted(connection, tag, remote_id)

    def refuse_batch(self, tag: str) -> None:
        """Note that the provider refused a batch: its samples are pending again."""
        with self._write() as connection:
            batches.refuse(connection, tag)

    def batches(self, run_id: str) -> list[Batch]:
        """Return a run's batches that are still to be collected, oldest first."""
        with self._read() as connection:
            return batches.load(connection, run_id)

    def remote_batches(self) -> set[str]:
        """Return the providers' ids of all batches of all runs."""
        with self._read() as connection:
            return batches.remote_ids(connection)

    def done(self, run_id: str) -> set[SampleKey]:
        """Return the samples that have a completion."""
        with self._read() as connection:
            return reading.read_keys(connection, run_id, standing_failures=False)

    def failed(self, run_id: str) -> set[SampleKey]:
        """Return the samples whose failure stands."""
        with self._read() as connection:
            return reading.read_keys(connection, run_id, standing_failures=True)

    def uncounted(self, run_id: str) -> list[Uncounted]:
        """Return for each item on each model what came without a count of the tokens, or without a cost."""
        with self._read() as connection:
            return usage.uncounted(connection, run_id)

    def spent(self, run_id: str) -> tuple[float, int, int]:
        """Return what a run's completions cost in USD as far as known, their tokens with those of the prompts, their number."""
        with self._read() as connection:
            return summary.spent(connection, run_id)

    def completions(
        self,
        run_id: str,
        *,
        tokens: bool = False,
        top: bool | Container[SampleKey] = True,
        of: tuple[str, str] | None = None,
    ) -> Iterator[Completion]:
        """Yield completions by item, model (both as planned), temperature and replicate, in flat memory.

        Args:
            run_id: The run.
            tokens: Read the tokens too; without, every completion's `tokens` is empty.
            top: With `tokens`: read each token's alternatives too, or only those of these samples, since they take most of
                the time.
            of: Only those of this item (its key) on this model (its label).
        """
        return reading.read_completions(self._read, run_id, tokens=tokens, top=top, of=of)

    def failures(self, run_id: str, *, standing: bool = True) -> Iterator[Failure]:
        """Yield failures in the order of `completions`: those that stand, or all there ever were."""
        return reading.read_failures(self._read, run_id, standing=standing)

    def add_topups(
        self,
        run_id: str,
        topups: Sequence[TopUp],
        *,
        after: int,
        items: Mapping[str, Sequence[Item]] | None = None,
    ) -> None:
        """Plan more samples for a run, which is then unfinished, to be resumed.

        Args:
            run_id: The run.
            topups: What to plan; temperatures that the run lacks come with them.
            after: How many top-ups the run had when these were made up.
            items: Further items, by the name of their prompt.

        Raises:
            StoreError: It has other top-ups by now.
        """
        with self._write() as connection:
            serialize(connection)  # two top-ups at once
            plans.add_topups(connection, run_id, topups, after=after, items=items or {})
        self._ids.pop(run_id, None)

    def in_place_of(self, run_id: str) -> RunRecord | None:
        """Return the run whose design took another's place; None where none did."""
        with self._read() as connection:
            found = plans.in_place_of(connection, run_id)
            return None if found is None else runs.get_run(connection, found)

    def replace_scores(
        self,
        run_id: str,
        block: tuple[str, str],
        scored: Sequence[Score],
        *,
        signature: str,
        completions: int,
    ) -> None:
        """Store the computed scores of one item on one model in place of its earlier ones.

        Imported scores stay, and so do a judge's.

        Args:
            run_id: The run.
            block: The item's key and the model's label.
            scored: Its scores.
            signature: By which measures they were taken.
            completions: How many there were.
        """
        with self._write() as connection:
            serialize(connection, run_id)  # two who measure a run at once
            ids = self._run_ids(connection, run_id)
            item_id, model_id = ids.items[block[0]], ids.models[block[1]]
            scores.clear_block(
                connection, run_id, item_id, model_id, signature=signature, completions=completions
            )
            scores.add_scores(connection, run_id, ids, scored)

    def import_scores(self, run_id: str, ready: Sequence[Score]) -> None:
        """Add scores that were made elsewhere."""
        with self._write() as connection:
            scores.add_scores(connection, run_id, self._run_ids(connection, run_id), ready)

    def replace_judged(
        self, run_id: str, measure: str, blocks: Collection[tuple[str, str]], judged: Sequence[Score]
    ) -> None:
        """Store what follows from a judge's answers, in place of what followed from earlier ones.

        Args:
            run_id: The run.
            measure: Of all the scores.
            blocks: Items (their keys) on models (their labels) whose earlier scores go.
            judged: The scores, of these blocks, one block after another; their version begins with `JUDGED`.
        """
        with self._write() as connection:
            ids = self._run_ids(connection, run_id)
            for item, model in blocks:
                scores.clear_judged(connection, run_id, ids.items[item], ids.models[model], measure=measure)
            scores.add_scores(connection, run_id, ids, judged)

    def add_ratings(self, run_id: str, given: Sequence[Rating]) -> None:
        """Add what a person or a judge said of completions.

        Raises:
            StoreError: A sample has no completion.
        """
        with self._write() as connection:
            ratings.add_ratings(connection, run_id, self._run_ids(connection, run_id), given)

    def ratings(self, run_id: str) -> list[Rating]:
        """Return all that was said of a run's completions, oldest first."""
        with self._read() as connection:
            return list(ratings.read_ratings(connection, run_id))

    def add_sheet(self, run_id: str, sheet: Sheet) -> None:
        """Store which answers a page shows to people in pairs."""
        with self._write() as connection:
            sheets.add_sheet(connection, run_id, self._run_ids(connection, run_id), sheet)

    def sheets(self, run_id: str) -> list[Sheet]:
        """Return a run's sheets, oldest first."""
        with self._read() as connection:
            return list(sheets.read_sheets(connection, run_id))

    def run_of_sheet(self, sheet_id: str) -> str | None:
        """Return the id of the run that a sheet is of; None where there is no such sheet."""
        with self._read() as connection:
            return sheets.run_of(connection, sheet_id)

    def sample_measures(self, run_id: str) -> list[tuple[str, str, bool]]:
        """Return the measures of samples with their versions, and whether any value is missing."""
        with self._read() as connection:
            return scores.sample_measures(connection, run_id)

    def scored_blocks(self, run_id: str) -> dict[tuple[str, str], ScoredBlock]:
        """Return what has been scored of each item on each model, by item key and model label."""
        with self._read() as connection:
            return scores.scored_blocks(connection, run_id)

    def replace_exact(self, run_id: str, found: Sequence[ExactAnswers]) -> None:
        """Store what was computed of some items on models, in place of what there was of them."""
        with self._write() as connection:
            exact.replace_exact(connection, run_id, self._run_ids(connection, run_id), found)

    def exact(self, run_id: str) -> list[ExactAnswers]:
        """Return what was computed of a run's answers, by item and model."""
        with self._read() as connection:
            return exact.read_exact(connection, run_id)

    def add_looks(self, run_id: str, seen: Sequence[Look]) -> None:
        """Note that decisions were read from these states of the data; a state that was looked at before is no new look."""
        if not seen:
            return
        with self._write() as connection:
            serialize(connection)  # two reports of one run at once
            looks.add_looks(connection, run_id, seen)

    def looks(self, run_id: str) -> list[Look]:
        """Return the states of the data that decisions were read from, oldest first."""
        with self._read() as connection:
            return looks.read_looks(connection, run_id)

    def characters(self, run_id: str) -> dict[tuple[str, str], int]:
        """Return how long the completions of each item on each model are together, by item key and model label."""
        with self._read() as connection:
            return summary.characters(connection, run_id)

    def _run_ids(self, connection: Connection, run_id: str) -> writing.RunIds:
        if run_id not in self._ids:
            self._ids[run_id] = writing.load_ids(connection, run_id)
        return self._ids[run_id]

    def answerers(self, run_id: str) -> list[AnsweredBy]:
        """Return who made how many of a run's completions, by prompt, model and temperature; who answered first comes first."""
        with self._read() as connection:
            return answerers.answerers(connection, run_id)

    def summary(self, run_id: str) -> list[CellSummary]:
        """Return one summary per model and temperature, planned cells without any sample included."""
        with self._read() as connection:
            return summary.summarize(connection, run_id)

    @contextmanager
    def _alone(self, run_id: str) -> Iterator[None]:
        """Say of a row that is there already what it means: two processes on one run."""
        try:
            yield
        except IntegrityError as error:
            if not is_duplicate(error):
                raise
            raise StoreError(
                f"another process is writing run {run_id} in {self.where}: nothing of this batch was stored; "
                "wait until it is done, then resume the run"
            ) from error
