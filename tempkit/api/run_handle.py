"""A stored run as an object, for programs and notebooks: its answers as data frames, what it decides, its report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack, overload

from tempkit.api.database import Database, OnNote, find_run, no_note, no_progress, opened
from tempkit.api.deciding import JudgedBy, asked_by, decided
from tempkit.api.exporting import Exported, export
from tempkit.api.judging import judge
from tempkit.api.measuring import measure
from tempkit.api.reporting import report
from tempkit.api.sampling import resume
from tempkit.api.topping_up import ToppedUp, topup
from tempkit.decision import Decision, Here, usable_pick, words
from tempkit.errors import StoreError
from tempkit.event_loop import outside_event_loop
from tempkit.interchange import Frame, Table, framed, kind_of_frame, table
from tempkit.judging import Judgement
from tempkit.planning import allowing
from tempkit.report import notebook_cards
from tempkit.running import db_argument
from tempkit.store import RunRecord
from tempkit.types import Plan

__all__ = ["Decisions", "Run", "open_run", "runs"]


class Decisions(Sequence[Decision]):
    """What a run decides, for each use case and model; a notebook shows it as cards."""

    def __init__(self, found: Sequence[Decision], here: Here) -> None:
        self._found, self._here = tuple(found), here

    @overload
    def __getitem__(self, place: int) -> Decision: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Decision]: ...

    def __getitem__(self, place: int | slice) -> Decision | Sequence[Decision]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)

    @property
    def temperature(self) -> float | None:
        """The pick, where there is one decision; None: there is no usable one.

        Raises:
            ValueError: There are decisions for several use cases or models.
        """
        if len(self._found) != 1:
            raise ValueError(
                f"there are {len(self._found)} decisions, for different use cases or models; look at each of them"
            )
        return usable_pick(self._found[0])

    def __repr__(self) -> str:
        return "\n\n".join(self._paragraphs()) or "nothing to decide"

    def _repr_html_(self) -> str:
        return notebook_cards(self._found, self._here)

    def _paragraphs(self) -> Iterator[str]:
        for each in self._found:
            said = words(each, self._here)
            parts = (*said.first, *said.because, *said.risk)
            yield f"{each.use_case}, {each.model}: {said.verdict} ({said.grade}). {' '.join(parts)}".strip()


@dataclass(frozen=True)
class Run:
    """A run in a database. It holds no connection: each call opens the database and closes it."""

    id: str
    name: str
    db: Database = None

    def record(self) -> RunRecord:
        """Return the run's counts and status, as they are now.

        Raises:
            StoreError: The run is not there any more.
        """
        with opened(self.db, reading=True) as store:
            return store.find_run(self.id)

    def plan(self) -> Plan:
        """Return what was planned: prompts, models, temperatures, parameters."""
        with opened(self.db, reading=True) as store:
            return store.load_plan(self.id)

    def answers(self, frame: Frame | None = None, *, messages: bool = False, scores: bool = True) -> Any:
        """Return a row for each answer, and for each sample that failed, with its scores; the columns are those of `tempkit export --list-columns` but `format_version`.

        Args:
            frame: A frame of `polars` or of `pandas`, or `rows` as dictionaries; None: a frame of what is imported already, else of
                what is installed, else rows.
            messages: Add the prompt, as it was sent.
            scores: Measure first what was not measured yet.

        Raises:
            UsageError: The package is not installed.
            StoreError: The run cannot be read.
        """
        return self._table("answers", frame, messages=messages, scores=scores)

    def tokens(self, frame: Frame | None = None) -> Any:
        """Return a row for each token of each answer: its logprob, entropy, rank and alternatives.

        Args:
            frame: As `answers` takes it.

        Raises:
            UsageError: See there.
            StoreError: See there.
        """
        return self._table("tokens", frame, scores=False)

    def scores(self, frame: Frame | None = None) -> Any:
        """Return a row for each score, of answers and of all answers to a question at a temperature.

        Args:
            frame: As `answers` takes it.

        Raises:
            UsageError: See there.
            StoreError: See there.
        """
        return self._table("scores", frame, scores=True)

    @outside_event_loop
    def decide(self, *, on_note: OnNote = no_note, **judged_by: Unpack[JudgedBy]) -> Decisions:
        """Score what is new and decide, for each use case and model; this counts as a look at the data.

        Args:
            on_note: Is called with notes.
            **judged_by: What to judge by, as `tempkit.api.recommend` takes it.

        Raises:
            TempkitError: As there.
        """
        asked = asked_by(**judged_by)
        with opened(self.db, reading=True, on_note=on_note) as store:
            record = store.find_run(self.id)
            found = decided(store, record, asked, on_note, no_progress)
        return Decisions(found, self.here(asked.options))

    def here(self, judging: str = "") -> Here:
        """Return what commands to type need to mean this run.

        Args:
            judging: The options that it is judged by.
        """
        with opened(self.db, reading=True) as store:
            allowed = allowing(store.load_plan(self.id).models)
            return Here(self.name, judging, db_argument(store.where), allowed)

    def report(
        self,
        output: Path | str | None = None,
        *,
        lang: str | None = None,
        beside: "Sequence[Run]" = (),
        on_note: OnNote = no_note,
        **judged_by: Unpack[JudgedBy],
    ) -> Path:
        """Write the report and return its path.

        Args:
            output: An HTML page, or a summary in Markdown; None: `reports/RUN.html`.
            lang: The language's code; None: English.
            beside: Further runs of the same database, to be compared with this one.
            on_note: Is called with notes.
            **judged_by: As `decide` takes it.

        Raises:
            TempkitError: As `tempkit.api.report`.
        """
        named = [self.id, *(each.id for each in beside)]
        return report(named, db=self.db, output=output, lang=lang, on_note=on_note, **judged_by)

    def export(self, output: Path | str, **how: Any) -> Exported:
        """Write the run to a file, by its suffix, as `tempkit.api.export` does."""
        return export(self.id, output=output, db=self.db, **how)

    def measure(self, **how: Any) -> "Run":
        """Take scores, as `tempkit.api.measure` does; return the run."""
        measure(self.id, db=self.db, **how)
        return self

    def judge(self, model: str, **how: Any) -> Judgement:
        """Let a model judge the answers, as `tempkit.api.judge` does."""
        return judge(self.id, model=model, db=self.db, **how)

    def resume(self, **how: Any) -> "Run":
        """Do what is missing, as `tempkit.api.resume` does; return the run."""
        resume(self.id, db=self.db, **how)
        return self

    def topup(self, **how: Any) -> ToppedUp:
        """Draw more answers where they could settle it, as `tempkit.api.topup` does."""
        return topup(self.id, db=self.db, **how)

    def _table(self, of: Table, frame: str | None, *, messages: bool = False, scores: bool) -> Any:
        kind = kind_of_frame(frame)
        if scores:
            measure(self.id, db=self.db)
        with opened(self.db, reading=True) as store:
            columns, rows = table(store, store.find_run(self.id), of, messages=messages)
        return framed(columns, rows, kind)

    def __repr__(self) -> str:
        try:
            now = self.record()
        except StoreError as e:
            return f"<tempkit.Run {self.name}: {e}>"
        failed = f", {now.failures} failed" if now.failures else ""
        return (
            f"<tempkit.Run {now.name}: {now.status}, {now.completions:,} of {now.planned:,} answers{failed}>"
        )

    def _repr_html_(self) -> str | None:
        """Show what it decides; where nothing can be decided, the line that `repr` gives."""
        if self.record().completions == 0:
            return None
        return self.decide()._repr_html_()


def open_run(run: str = "latest", *, db: Database = None) -> Run:
    """Return a stored run: by its name, its id, the beginning of one, or `latest`.

    Args:
        run: Which one.
        db: The database, by its path or URL, or open; None: `tempkit.db`.

    Raises:
        StoreError: There is no such database, or no such run in it.
    """
    with opened(db, reading=True) as store:
        record = find_run(store, run)
    return Run(record.id, record.name, db)


def runs(*, db: Database = None) -> list[Run]:
    """Return all runs of a database, the newest first.

    Raises:
        StoreError: There is no such database.
    """
    with opened(db, reading=True) as store:
        return [Run(record.id, record.name, db) for record in store.runs()]
