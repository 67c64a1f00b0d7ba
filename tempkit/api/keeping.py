"""Keep a decision with the prompt that it was made for: in the file's front matter, and as a record beside it."""

import difflib
import shlex
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

from tempkit.analysis import use_cases
from tempkit.api.database import Database, OnNote, OnProgress, Run, find_run, no_note, no_progress, opened
from tempkit.api.deciding import JudgedBy, asked_by, decided, meant
from tempkit.api.prompt_files import for_files, label_of, places_of, prompt_of, section_name, use_case_from
from tempkit.decision import AS_THE_RUN_SAYS, Asked, Decision, Facts, Here, decision_record, usable_pick
from tempkit.errors import DecisionError, PromptError, UsageError, one_line
from tempkit.event_loop import outside_event_loop
from tempkit.files import replacing
from tempkit.planning import allowing, model_text
from tempkit.prompts import (
    KeptDecision,
    same_prompt,
    sampling_params,
    with_decision,
)
from tempkit.running import db_argument
from tempkit.store import RunRecord, Store
from tempkit.types import Arm, ModelSpec, Plan, Prompt

__all__ = ["Kept", "decide", "keep", "snapshot_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file with a decision in it, as it is to be or as it was written."""

    path: Path
    before: bytes
    after: bytes
    decision: Decision
    kept: KeptDecision
    record: Path
    """Where the decision's record is."""
    record_before: str | None
    """What stood there; None where nothing did."""
    record_text: str
    written: bool

    @property
    def diff(self) -> str:
        """The change of the file and of its record, as `diff -u` prints it."""
        prompt = _diff(str(self.path), self.before.decode("utf-8-sig"), self.after.decode("utf-8-sig"))
        return prompt + _diff(str(self.record), self.record_before, self.record_text)


@outside_event_loop
def decide(
    run: Run = "latest",
    files: Sequence[Path | str] = (),
    *,
    db: Database = None,
    model: str | None = None,
    record: Path | None = None,
    write: bool = False,
    on_note: OnNote = no_note,
    on_progress: OnProgress = no_progress,
    **judged_by: Unpack[JudgedBy],
) -> list[Kept]:
    """Decide as `recommend` does, and keep the decisions with the run's prompt files.

    Args:
        run: The run.
        files: Which of its prompts; none: all that are Prompty files.
        db: The database; one that can only be read will do.
        model: The label of the model that the files are for; None: the run's only one.
        record: Where the record goes, of one file; None: beside it, as `NAME.decision.md`.
        write: Write; else say what would be written.
        on_note: Is called with notes.
        on_progress: Is called with how many items on models are measured, of how many.
        **judged_by: What to judge by, as `recommend` takes it.

    Raises:
        DecisionError: There is nothing that can be kept, or nowhere to keep it.
        UsageError: Which model is meant is not clear, or a file is none of the run's.
        PromptError: A file cannot be read or edited.
        TempkitError: As `recommend`.
    """
    asked = asked_by(**judged_by)
    with opened(db, reading=True, on_note=on_note) as store:
        found_run = find_run(store, run)
        asked = meant(store, found_run, asked)
        plan = store.load_plan(found_run.id)
        _refuse_imported(found_run)
        label = label_of(plan, model)
        places = places_of(plan, [Path(each) for each in files])
        if record is not None and len(places) > 1:
            raise UsageError(
                f"--record is for one file, and the decision goes into {len(places)}: name one of them"
            )
        by_section = {p.name: section_name(group) for group in use_cases(plan) for p in group}
        found = [
            each for each in decided(store, found_run, asked, on_note, on_progress) if each.model == label
        ]
        made: list[Kept] = []
        for decision, group in list(for_files(found, places, by_section)):
            made += keep(
                store, found_run, decision, group, asked=asked, record_to=record, write=False, on_note=on_note
            )
    return [_written(each) for each in made] if write else made


def keep(
    store: Store,
    record: RunRecord,
    decision: Decision,
    files: Sequence[Path],
    *,
    asked: Asked = AS_THE_RUN_SAYS,
    record_to: Path | None = None,
    write: bool = True,
    on_note: OnNote = no_note,
) -> list[Kept]:
    """Keep a decision with some of a run's prompt files.

    Args:
        store: Where the run is.
        record: The run.
        decision: As it was made for one model and use case of the run.
        files: Prompty files of the run that it is for.
        asked: What it was judged by.
        record_to: Where the record goes; None: beside each file, as `NAME.decision.md`.
        write: Write; else say what would be written.
        on_note: Is called with notes.

    Raises:
        DecisionError: There is no temperature to keep, or a file cannot be written; nothing was written then, or not this file.
        PromptError: A file cannot be read or edited.
    """
    _refuse_imported(record)
    pick = usable_pick(decision)
    if pick is None or decision.measure is None:
        raise DecisionError(
            f"there is no temperature to keep for {one_line(decision.use_case, 60)} on {one_line(decision.model, 80)} (not enough data); "
            f"what to do first: tempkit recommend {shlex.quote(record.name)}{asked.options}{db_argument(store.where)}"
        )
    plan = store.load_plan(record.id)
    arm = decision.arm
    asked_model = next(each for each in plan.models if each.label == decision.model)
    model = asked_model if arm is None else _with_its_options(plan, arm)
    snapshot, fingerprint = snapshot_of(store, record, asked_model, on_note)
    here = Here(record.name, asked.options, db_argument(store.where), allowing(plan.models))
    beside = {} if arm is None else dict(arm.sampling)
    today = datetime.now(UTC).date().isoformat()
    made = []
    for path in files:
        prompt = prompt_of(plan, path)
        if not same_prompt(path, prompt.source):
            on_note(
                f"warning: {path} is not as run {record.name} asked it any more; the decision is about the prompt as it was then"
            )
        if arm is not None and arm.options:
            settings = ", ".join(f"{name}={value}" for name, value in arm.options.items())
            on_note(
                f"note: {path} has no parameter for {settings}, so it is kept as part of the model's name"
            )
        kept = KeptDecision(
            temperature=pick,
            run=record.id,
            date=today,
            model=model_text(model),
            snapshot=snapshot,
            fingerprint=fingerprint,
            use_case=use_case_from(prompt, decision, asked, path),
            measure=decision.measure,
            margin=decision.margin,
            direction="higher" if decision.higher_is_better else "lower",
            scope=decision.scope,
            policy=decision.policy,
            grade=decision.grade,
            # An arm alone is behind nothing that it is compared with in its own card.
            at_worst=None
            if decision.regret_upper is None or arm is not None
            else float(f"{decision.regret_upper:.6g}"),
            tried=tuple(row.temperature for row in decision.temperatures),
            answers=max(max(row.values()) for row in plan.repeats(asked_model.label).values()),
            sampling=_other_sampling(plan, prompt, beside),
            beside=beside,
        )
        before = _bytes(path)
        at = record_to or path.with_suffix(".decision.md")
        facts = Facts(
            date=today,
            files=(path.name,),
            model=kept.model,
            snapshot=snapshot,
            run=record.name,
            run_id=record.id,
            verify=f"tempkit verify {shlex.quote(path.name if path.is_absolute() else str(path))}{here.allow}",
        )
        made.append(
            Kept(
                path=path,
                before=before,
                after=with_decision(before, str(path), kept),
                decision=decision,
                kept=kept,
                record=at,
                record_before=_bytes(at).decode("utf-8", "replace") if at.exists() else None,
                record_text=decision_record(decision, facts, here),
                written=False,
            )
        )
    return [_written(each) for each in made] if write else made


def _with_its_options(plan: Plan, arm: Arm) -> ModelSpec:
    """Return the model of an arm, with the options that are the arm's own."""
    model = next(each for each in plan.models if each.label == arm.of)
    return replace(model, options={**model.options, **arm.options})


def snapshot_of(
    store: Store, record: RunRecord, model: ModelSpec, on_note: OnNote = no_note
) -> tuple[str | None, str | None]:
    """Return which model answered in a run, by its file's digest or as the server called it, and the server's fingerprint.

    Each is None where nobody said, or where the server said several things in one run; that is noted.
    """
    digest = store.model_infos(record.id)[model.label].digest
    if digest is not None:
        return digest, None
    seen: tuple[set[str], set[str]] = (set(), set())
    for each in store.completions(record.id, tokens=False):
        if each.key.model == model.label:
            for names, name in zip(seen, (each.response_model, each.fingerprint), strict=True):
                names |= {name} if name else set()
    for names in seen:
        if len(names) > 1:
            on_note(
                f"warning: {one_line(model.label, 80)} answered as {one_line(', '.join(sorted(names)), 200)} within one run, so a later change "
                "cannot be told from that"
            )
    response, fingerprint = (min(names) if len(names) == 1 else None for names in seen)
    return response, fingerprint


def _refuse_imported(record: RunRecord) -> None:
    if record.imported:
        raise DecisionError(
            f"run {record.name} was imported, so tempkit does not know the model well enough to test the decision again; "
            "ask the model with tempkit run, and decide by that run"
        )


def _other_sampling(plan: Plan, prompt: Prompt, beside: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run's sampling options where the prompt's file says otherwise, but for those that are written into it."""
    used, own = asdict(plan.sampling[prompt.name]), asdict(sampling_params(prompt.options))
    return {
        name: list(v) if isinstance(v, tuple) else v
        for name, v in used.items()
        if v != own[name] and name not in beside
    }


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise PromptError(f"{path}: cannot be read: {e.strerror}; name the file where it is now") from e


def _written(kept: Kept) -> Kept:
    """Write a file and its record, each whole or not at all; what would stay as it is is left alone."""
    for path, now, before in (
        (kept.record, kept.record_text.encode(), kept.record_before),
        (kept.path, kept.after, kept.before),
    ):
        if now == (before.encode() if isinstance(before, str) else before):
            continue
        try:
            with replacing(path) as file:
                if path.is_file():
                    Path(file.name).chmod(stat.S_IMODE(path.stat().st_mode))
                file.write(now)
        except OSError as e:
            raise DecisionError(
                f"{path}: cannot be written: {e.strerror}; make it writable, and decide again"
            ) from e
    return replace(kept, written=True)


def _diff(name: str, before: str | None, after: str) -> str:
    """Return a change as `diff -u` prints it."""
    old = [] if before is None else before.splitlines(keepends=True)
    lines = difflib.unified_diff(
        old, after.splitlines(keepends=True), "/dev/null" if before is None else name, name, n=2
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
