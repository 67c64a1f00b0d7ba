"""Bring in what was made elsewhere: completions, ready-made scores, or both, as a run like any other.

A table has one row per sample: `item`, `model`, `temperature`, optionally `replicate` and `text`, and any further columns
of numbers, each a measure under its own name. Published data become comparable with one's own that way; nothing in it is
guessed: an empty cell is a missing score, and a text without a `finish_reason` is taken as complete. What `tempkit export`
wrote is known by its columns and comes back with everything that they say (`tempkit.interchange.imports.exported`).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from tempkit._version import __version__
from tempkit.errors import PromptError, UsageError, one_line
from tempkit.files import figure, hint, whole_figure
from tempkit.interchange.imports.column_names import RESERVED, Naming, quoted
from tempkit.interchange.imports.exported import check_columns, exported_measures, messages_of, outcome
from tempkit.interchange.imports.import_notes import asked_otherwise, empty_texts, escaped_texts
from tempkit.interchange.imports.tables import read_table
from tempkit.interchange.imports.values import bad, text
from tempkit.interchange.schema import REASON, SCORE
from tempkit.planning import temperature
from tempkit.prompts import DataRow
from tempkit.running import environment
from tempkit.store import IMPORTED, RunRecord, Store, storable
from tempkit.text import without_thinking
from tempkit.types import (
    LARGEST_SCORE,
    Completion,
    Failure,
    FinishReason,
    Item,
    Message,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    Reason,
    SampleKey,
    SamplingParams,
    Score,
    in_words,
)

__all__ = ["Imported", "import_table"]

AS_THEY_ARE = Naming()
_BATCH = 500
_MOST_REPLICATES = 10**6 - 1
_NOISE = 1e-9
"""Temperatures that differ by less, relatively, were one before somebody reckoned with them."""
_WORDS = {"true": 1.0, "false": 0.0}
_FAR = Reason("out_of_range")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was brought in."""

    run: RunRecord
    completions: int
    scores: Mapping[str, int]
    """Values per measure."""
    notes: tuple[str, ...] = ()
    """What is not carried over from the table, or not as it stands there, a line each."""
    hints: tuple[str, ...] = ()
    """How the table was read, where it could have been read otherwise."""


def import_table(
    store: Store,
    path: Path,
    *,
    name: str | None = None,
    use_case: str | None = None,
    own: str | None = None,
    naming: Naming = AS_THEY_ARE,
) -> Imported:
    """Store a table (CSV, TSV, JSON Lines, YAML, Parquet) as a finished run.

    Args:
        store: Where to.
        path: The table.
        name: Of the run; by default the file's.
        use_case: What the items are for, as a use case calls itself.
        own: The TOML of this use case; None for one that is shipped.
        naming: What the table's columns are called here.

    Raises:
        PromptError: The table cannot be read; the message begins with `file:line`.
        UsageError: It has neither texts nor scores.
    """
    table = read_table(path, naming)
    rows, columns = table.rows, table.columns
    ours = check_columns(rows, columns, path)
    measures = exported_measures(columns, path) if ours else _measures(columns)
    if not ours and "text" not in columns and not measures:
        raise UsageError(
            f"{path}: neither a text nor a score column; add a column of numbers, named as the measure"
        )
    notes = list(table.notes)
    samples = list(_samples(rows, _temperatures(rows, notes)))
    if ours:
        notes += asked_otherwise(samples)
    plan = _plan(samples, name or path.stem, use_case, path, ours=ours)
    if use_case is not None and own is not None:
        plan = replace(plan, use_cases={use_case: own})
    outcomes: list[Completion | Failure] = (
        [_apart(outcome(row, key)) for row, key in samples]
        if ours
        else list(_completions(samples, every=table.delimited and "text" in columns))
    )
    if not ours and table.delimited:
        notes += empty_texts(outcomes, path)
    said = "; ".join(one_line(note, 300) for note in notes)
    plan = replace(plan, prompts=tuple(replace(each, description=said) for each in plan.prompts))
    scores = [score for row, key in samples for score in _scores(row, key, measures)]
    notes += _too_far(samples, measures)
    notes += escaped_texts(samples, outcomes)
    infos = {model.label: ModelInfo(details={"imported_from": path.name}) for model in plan.models}
    run = store.create_run(plan, infos, version=__version__, environment=environment())
    for start in range(0, len(outcomes), _BATCH):
        store.add(run.id, outcomes[start : start + _BATCH])
    store.import_scores(run.id, scores)
    store.set_status(run.id, "finished")
    counts = Counter(score.measure for score in scores if score.value is not None)
    done = store.find_run(run.id)
    found = {name: counts[name] for name in measures.values()}
    return Imported(done, done.completions, found, tuple(notes), table.hints)


def _measures(columns: Sequence[str]) -> dict[str, str]:
    return {column: column for column in columns if column not in RESERVED}


def _temperatures(rows: Sequence[DataRow], notes: list[str]) -> dict[Any, float]:
    """Read every temperature that is written in the rows.

    Two that differ in no more than what arithmetic leaves behind (0.7 and 0.7000000000000001) are one, and said; two that
    no table could show apart are refused.

    Returns:
        The temperatures, by what is written.
    """
    first: dict[Any, str] = {}
    read: dict[Any, float] = {}
    for row in rows:
        written = row.values.get("temperature")
        if written in (None, ""):
            raise _absent(row, "temperature")
        if not isinstance(written, (str, int, float, bool, Decimal)):
            raise bad(row, "temperature", written, "not a number")
        # 1 and true are equal, and one of them is no temperature.
        if written in read and not isinstance(written, bool):
            continue
        try:
            read[written] = temperature(written)
        except UsageError as e:
            raise PromptError(f"{row.where}: {e}") from e
        first.setdefault(read[written], row.where)
    taken: dict[float, float] = {}
    for low, high in pairwise(sorted(set(read.values()))):
        if f"{low:g}" != f"{high:g}":
            continue
        low = taken.get(low, low)
        kept, other = sorted((low, high), key=lambda value: (len(repr(value)), value))
        if not math.isclose(low, high, rel_tol=_NOISE):
            raise PromptError(
                f"{first[other]}: temperature {other!r} and {kept!r} at {first[kept]} would both be shown as {kept:g}; write them alike"
            )
        taken = {**{was: kept for was, now in taken.items() if now == other}, other: kept} | {
            was: now for was, now in taken.items() if now != other
        }
        notes.append(
            f"{first[other]}: temperature {other!r} is taken as {kept!r}, which stands at {first[kept]}"
        )
    return {written: taken.get(value, value) for written, value in read.items()}


def _absent(row: DataRow, column: str) -> PromptError:
    return PromptError(f"{row.where}: no {column}; every row needs item, model and temperature")


def _samples(
    rows: Sequence[DataRow], temperatures: Mapping[Any, float]
) -> Iterator[tuple[DataRow, SampleKey]]:
    """Yield every row with its sample; rows without a replicate are numbered in their cell."""
    numbered: Counter[tuple[str, str, float]] = Counter()
    seen: dict[SampleKey, str] = {}
    for row in rows:
        item, model = text(row, "item"), text(row, "model")
        if not item or not model:
            raise _absent(row, "model" if item else "item")
        for column, value in (("item", item), ("model", model)):
            if storable(value) != value:
                raise bad(
                    row,
                    column,
                    value,
                    "with a character that no database keeps: rename it",
                )
        at = temperatures[row.values["temperature"]]
        given = row.values.get("replicate")
        replicate = numbered[item, model, at] if given in (None, "") else _replicate(given, row)
        numbered[item, model, at] += 1
        key = SampleKey(item, model, at, replicate)
        if key in seen:
            raise PromptError(
                f"{row.where}: the same sample as {seen[key]}; number them in a replicate column"
            )
        seen[key] = row.where
        yield row, key


def _replicate(given: object, row: DataRow) -> int:
    number = whole_figure(given)
    if number is None or not 0 <= number <= _MOST_REPLICATES:
        raise PromptError(
            f"{row.where}: replicate {one_line(repr(given), 40)} is no whole number from 0 to {_MOST_REPLICATES}{hint(given)}"
        )
    return number


def _plan(
    samples: Sequence[tuple[DataRow, SampleKey]], name: str, use_case: str | None, path: Path, *, ours: bool
) -> Plan:
    keys = [key for _, key in samples]
    prompts = _prompts(samples, use_case, path, ours=ours)
    return Plan(
        name=name,
        prompts=prompts,
        models=tuple(
            ModelSpec(backend=IMPORTED, name=model, label=model)
            for model in dict.fromkeys(key.model for key in keys)
        ),
        temperatures=tuple(sorted({key.temperature for key in keys})),
        # What is there counts, and not how it is numbered.
        repeat=max(Counter((key.item, key.model, key.temperature) for key in keys).values()),
        seed=0,
        sampling={prompt.name: SamplingParams(logprobs=0) for prompt in prompts},
    )


def _prompts(
    samples: Sequence[tuple[DataRow, SampleKey]], use_case: str | None, path: Path, *, ours: bool
) -> tuple[Prompt, ...]:
    """Return the prompts with their items; a table from elsewhere knows of none, so its items are under a single one."""
    items: dict[str, tuple[str, str | None]] = {}
    sent: dict[str, tuple[Message, ...]] = {}
    for row, key in samples:
        prompt, purpose = (row.values.get("prompt"), row.values.get("use_case")) if ours else (None, None)
        items.setdefault(key.item, (str(prompt or "imported"), use_case or (purpose and str(purpose))))
        if ours and key.item not in sent:
            sent[key.item] = messages_of(row)
    prompts: dict[str, list[str]] = {}
    for item, (prompt, _) in items.items():
        prompts.setdefault(prompt, []).append(item)
    return tuple(
        Prompt(
            name=prompt,
            use_case=use_case or items[keys[0]][1],
            path=path.name,
            items=tuple(Item(key=key, prompt=prompt, messages=sent.get(key, ())) for key in keys),
        )
        for prompt, keys in prompts.items()
    )


def _completions(samples: Sequence[tuple[DataRow, SampleKey]], *, every: bool) -> Iterator[Completion]:
    """Yield the answers: with `every` an empty cell is an empty answer, as it is one for a model to give."""
    for row, key in samples:
        answer = text(row, "text")
        if answer is None and not every:
            continue
        yield without_thinking(
            Completion(
                key=key,
                seed=None,
                text=answer or "",
                finish_reason=_end(row),
                temperature_sent=key.temperature,
                params={},
            )
        )


def _end(row: DataRow) -> FinishReason:
    """Return how an answer ended, by any name that a provider has for it; one that broke off is not known to be complete."""
    said = text(row, "finish_reason")
    if not said or said == "unstated":
        return "unstated"
    from tempkit.backends import end_of

    end = end_of(said)
    return "unknown" if end == "error" else end


def _apart(found: Completion | Failure) -> Completion | Failure:
    return without_thinking(found) if isinstance(found, Completion) else found


def _scores(row: DataRow, key: SampleKey, measures: Mapping[str, str]) -> Iterator[Score]:
    for column, measure in measures.items():
        given = row.values.get(column)
        why = row.values.get(column.replace(SCORE, REASON, 1)) if column.startswith(SCORE) else None
        if given is None and why is None:
            continue
        value = None if given is None else _number(given, column, row)
        yield Score(
            item=key.item,
            model=key.model,
            temperature=key.temperature,
            replicate=key.replicate,
            measure=measure,
            version=IMPORTED,
            value=value,
            reason=in_words(str(why)) if given is None else _FAR if value is None else None,
        )


def _too_far(samples: Sequence[tuple[DataRow, SampleKey]], measures: Mapping[str, str]) -> Iterator[str]:
    """Say of each column how many of its scores are missing because nothing can be computed with numbers of their size."""
    for column in measures:
        far = [row for row, _key in samples if _is_far(row.values.get(column))]
        if far:
            times = f" ({len(far):,} times)" if far[1:] else ""
            yield (
                f"{far[0].where}: {one_line(column, 40)!r} is {one_line(far[0].values[column], 40)}, which is {_FAR}: "
                f"such scores count as missing{times}"
            )


def _is_far(given: Any) -> bool:
    written = figure(given)
    return written is not None and LARGEST_SCORE < abs(float(written)) < math.inf


def _number(given: Any, column: str, row: DataRow) -> float | None:
    """Read a score, true and false as 1 and 0; None where it is too large to compute with.

    Raises:
        PromptError: It is none, or no finite one; no format writes those.
    """
    if isinstance(given, bool):
        return float(given)
    if isinstance(given, str) and given.strip().casefold() in _WORDS:
        return _WORDS[given.strip().casefold()]
    written = figure(given)
    if written is not None and abs(float(written)) <= LARGEST_SCORE:
        return float(written)
    if _is_far(given):
        return None
    infinite = written is not None or str(given).strip().lower().lstrip("+-") in ("inf", "infinity")
    wanted = "a finite number" if infinite else "a number"
    meant = hint(given) or "; leave the cell empty where there is none"
    words = isinstance(given, str) and not infinite and not hint(given)
    also = (
        f", or leave the column out with --skip {quoted(column)}, or all but those of scores with --only COLUMN"
        if words
        else ""
    )
    raise bad(row, column, given, f"not {wanted}{meant}{also}")
