"""Keep the report of a run current while another process carries the run out.

The database says all that is known of that process: what it stored, and how the run stands. So it is asked every few seconds
whether anything came, and the report is written anew when something did. It is opened for each of these looks, since a top-up may
have added questions meanwhile, a server may have been started again, and a file that can only be read shows what it held when it
was opened.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Unpack

from tempkit.api.database import (
    Database,
    OnNote,
    Run,
    find_runs,
    no_note,
    no_progress,
    opened,
)
from tempkit.api.deciding import JudgedBy, asked_by
from tempkit.api.reporting import How, drawn, how_to_report
from tempkit.errors import StoreError
from tempkit.event_loop import outside_event_loop
from tempkit.report import write
from tempkit.running import duration, go_on_with
from tempkit.store import LockedError, RunRecord, Store, UnavailableError, resolve

__all__ = ["Ending", "Standing", "Watched", "watch"]

_LOOK_EVERY_S = 2.0
_WRITE_EVERY_S = 5.0
_SHARE = 4
"""Times as long as a writing, or a look, took that is waited before the next: a fifth of the time is taken."""
_TELL_EVERY_S = 1.0

_SILENCE_S = 600.0
"""For so long at least a run waits for a server that is busy, or for its database, and a slow model for an answer."""
_GAPS = 10
"""Times the longest time without anything new so far that is not yet silence."""
_BATCH_S = 25 * 3600.0
"""A provider has a day to answer a batch."""
_BETWEEN_ROUNDS_S = 60.0
"""`tempkit choose` may take so long, without storing anything, to plan another round of a run that has ended."""

Ending = Literal["finished", "interrupted", "silent", "stopped"]
"""`interrupted`: the run was, and nobody goes on with it. `silent`: it counts as running, but nothing comes any more. `stopped`:
by Ctrl-C."""

Doing = Literal["writing", "waiting", "unreachable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a watched report stands at a moment."""

    path: Path
    """Of the report."""
    doing: Doing
    written_at: datetime | None
    """In UTC; None: not yet."""
    answers: int
    """Of all the runs, when the report was written last; so are the next two."""
    failures: int
    planned: int
    next_s: float | None
    """Seconds to the next writing; None: nothing new has come."""
    quiet_s: float
    """Seconds since something new came."""
    why: str = ""
    """Why the database is out of reach."""


OnStanding = Callable[[Standing], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """How watching ended."""

    path: Path
    runs: Sequence[RunRecord]
    """As they stand in the report."""
    written: int
    """How often it was."""
    ended: Ending


def _ignore(standing: Standing) -> None:
    """Tell nobody."""


@outside_event_loop
def watch(
    runs: Run | Sequence[Run] = "latest",
    *,
    db: Database = None,
    output: Path | str | None = None,
    templates: Path | str | None = None,
    lang: str | None = None,
    silence_s: float | None = None,
    on_note: OnNote = no_note,
    on_standing: OnStanding = _ignore,
    **judged_by: Unpack[JudgedBy],
) -> Watched:
    """Write a report of runs, and again whenever something new was stored, until they have ended or Ctrl-C is pressed.

    At any moment the file is complete. While the runs go on, its page loads itself again in a browser; the last one does not, and it
    alone counts as a look at the data. A database that another process holds is waited for however long that takes, one that goes
    out of reach as long as `TEMPKIT_DB_WAIT` says.

    Args:
        runs: As `report` takes them, like the next four.
        db: See there.
        output: See there.
        templates: See there.
        lang: See there.
        silence_s: A run that is not marked as ended, but has stored nothing for so long, is taken to be carried out by nobody
            any more; longer where it has been nearly as quiet before, and a day where a provider's batches are awaited. None: ten
            minutes, or as long as a run waits for its database.
        on_note: Is called with notes, with each once.
        on_standing: Is called about every second with how the report stands.
        **judged_by: See `report`.

    Raises:
        TempkitError: As `report`.
    """
    asked = asked_by(**judged_by)
    with opened(db, reading=True) as store:
        try:
            records = find_runs(store, runs)
        except StoreError as e:
            raise StoreError(f"{e}; a run can be watched once it has begun") from e
        path, how = how_to_report(records, output, asked, templates, lang)
        watching = _Watching(db, path, how, silence_s, on_note, on_standing)
        watching.know(store, records)
    return watching.to_the_end()


class _Watching:
    """A report that is being watched. All times are those of `time.monotonic`, in seconds."""

    def __init__(
        self,
        db: Database,
        path: Path,
        how: How,
        silence_s: float | None,
        on_note: OnNote,
        on_standing: OnStanding,
    ) -> None:
        self._db, self._path, self._how = db, path, how
        self._wait_s = db.wait_s if isinstance(db, Store) else resolve(db).wait_s
        self._silence_s = max(_SILENCE_S, self._wait_s) if silence_s is None else silence_s
        self._on_note, self._on_standing = on_note, on_standing
        self._noted: set[str] = set()
        self._records: Sequence[RunRecord] = ()
        self._shown: Sequence[RunRecord] = ()
        """The runs as they stand in the report."""
        self._chosen = False
        """Whether `tempkit choose` may add rounds to one of them."""
        self._seen: object = None
        self._written: object = None
        """What there was of the runs at the last look, and what the report was written of: equal where nothing is new."""
        self._new_at = time.monotonic()
        self._longest_s = 0.0
        self._due = 0.0
        """When the report may be written again."""
        self._took_s = self._wrote_s = 0.0
        """By the last writing, and by that of this look."""
        self._lost_at: float | None = None
        """Since when the database is out of reach."""
        self._count = 0
        self._written_at: datetime | None = None

    def know(self, store: Store, records: Sequence[RunRecord]) -> None:
        """Take these runs to be watched."""
        self._records = records
        designs = [store.load_plan(record.id).design for record in records]
        self._chosen = any(design is not None for design in designs)

    def to_the_end(self) -> Watched:
        """Look and wait in turn; write the report once more at the end."""
        try:
            while (ended := self._attempt()) is None:
                pass
        except KeyboardInterrupt:
            ended = "stopped"
            with opened(self._db, reading=True, on_note=self._note) as store:
                while not self._renew(store, find_runs(store, self._records), last=True):
                    pass
        return Watched(self._path, self._shown, self._count, ended)

    def _attempt(self) -> Ending | None:
        """Look once and wait for the next time; return how it ended, once it has."""
        began = time.monotonic()
        self._wrote_s = 0.0
        why = ""
        try:
            with opened(self._db, reading=True, on_note=self._note) as store:
                ended = self._look(store, began)
        except UnavailableError as e:
            self._bear(e)
            ended, why = None, str(e)
        else:
            self._lost_at = None
        if ended is None:
            now = time.monotonic()
            self._wait(now + max(_LOOK_EVERY_S, _SHARE * (now - began - self._wrote_s)), why)
        return ended

    def _bear(self, error: UnavailableError) -> None:
        """Let a database be out of reach for a while.

        Raises:
            UnavailableError: It has been for too long.
        """
        now = time.monotonic()
        self._lost_at = now if self._lost_at is None else self._lost_at
        if not isinstance(error, LockedError) and now - self._lost_at >= self._wait_s:
            raise error

    def _look(self, store: Store, now: float) -> Ending | None:
        """See what is new, and write the report where there is anything or the runs have ended."""
        records = find_runs(store, self._records)
        state = [
            (each.status, each.planned, each.completions, each.failures, *self._round(store, each))
            for each in records
        ]
        if state != self._seen or self._lost_at is not None:
            if self._seen is not None and self._lost_at is None:
                self._longest_s = max(self._longest_s, now - self._new_at)
            self._seen, self._new_at = state, now
        ended = self._ended(store, records, now)
        if ended is None and (state == self._written or now < self._due):
            return None
        if not self._renew(store, records, last=ended is not None):
            return None
        self._written = state
        if ended in ("interrupted", "silent"):
            self._say_why(store, ended)
        return ended

    def _say_why(self, store: Store, ended: Ending) -> None:
        for each in self._shown:
            if each.status != "finished":
                why = (
                    "was interrupted"
                    if ended == "interrupted"
                    else f"has stored nothing for {duration(time.monotonic() - self._new_at)}, so nobody seems to carry it out any more"
                )
                have = f"{each.completions} of {each.planned} answers are there"
                self._note(f"warning: run {each.name} {why}; {have}; {go_on_with(each, store)}")

    def _round(self, store: Store, record: RunRecord) -> tuple[int, ...]:
        """Return what changes while `choose` judges and decides between two rounds."""
        if not self._chosen or record.status == "running":
            return ()
        return len(store.ratings(record.id)), len(store.looks(record.id))

    def _ended(self, store: Store, records: Sequence[RunRecord], now: float) -> Ending | None:
        running = [each for each in records if each.status == "running"]
        quiet_s = now - self._new_at
        if running:
            longest_wait = max(self._silence_s, _GAPS * self._longest_s)
            if quiet_s < longest_wait:
                return None
            awaited = any(store.batches(each.id) for each in running)
            return "silent" if not awaited or quiet_s >= _BATCH_S else None
        if self._chosen:
            instead = [store.in_place_of(each.id) or each for each in records]
            if [each.id for each in instead] != [each.id for each in records]:
                self._records = instead  # its answers were too short; it began again with longer ones
                return None
            if quiet_s < _BETWEEN_ROUNDS_S and not _long_ago(records):
                return None
        return "interrupted" if any(each.status == "interrupted" for each in records) else "finished"

    def _renew(self, store: Store, records: Sequence[RunRecord], *, last: bool) -> bool:
        """Write the report; return whether that could be done, as it cannot while the plan itself grows."""
        self._tell("writing", None)
        began = time.monotonic()
        renewed_s = None if last else round(max(2 * _WRITE_EVERY_S, (_SHARE + 1) * self._took_s))
        how = replace(self._how, renewed_s=renewed_s)
        try:
            with drawn(store, records, how, self._note, no_progress) as text:
                write(self._path, text)
        except UnavailableError:
            raise
        except Exception:
            # What was read first may lack the questions that a top-up brought meanwhile; the next look finds all of them.
            if _planned(find_runs(store, records)) == _planned(records):
                raise
            return False
        now = time.monotonic()
        self._took_s = self._wrote_s = now - began
        self._due = now + max(_WRITE_EVERY_S, _SHARE * self._took_s)
        self._shown, self._written_at = records, datetime.now(UTC)
        self._count += 1
        self._tell("waiting", None)
        return True

    def _wait(self, until: float, why: str) -> None:
        while (now := time.monotonic()) < until:
            fresh = self._seen != self._written
            self._tell(
                "unreachable" if why else "waiting", max(until, self._due) - now if fresh else None, why
            )
            time.sleep(min(_TELL_EVERY_S, until - now))

    def _tell(self, doing: Doing, next_s: float | None, why: str = "") -> None:
        self._on_standing(
            Standing(
                path=self._path,
                doing=doing,
                written_at=self._written_at,
                answers=sum(each.completions for each in self._shown),
                failures=sum(each.failures for each in self._shown),
                planned=sum(each.planned for each in self._shown),
                next_s=next_s,
                quiet_s=time.monotonic() - self._new_at,
                why=why,
            )
        )

    def _note(self, line: str) -> None:
        if line not in self._noted:
            self._noted.add(line)
            self._on_note(line)


def _long_ago(records: Iterable[RunRecord]) -> bool:
    """Whether all runs were finished before `choose` could still be about to add to them."""
    now = datetime.now(UTC)
    return all(
        each.finished_at is not None and (now - each.finished_at).total_seconds() >= _BETWEEN_ROUNDS_S
        for each in records
    )


def _planned(records: Iterable[RunRecord]) -> list[int]:
    return [each.planned for each in records]
