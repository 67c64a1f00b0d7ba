"""Bring in what was made elsewhere: completions, ready-made scores, or both, as a run like any other.

A table has one row per sample: `item`, `model`, `temperature`, optionally `replicate` and `text`, and any further columns
of numbers, each a measure under its own name. Published data become comparable with one's own that way; nothing in it is
guessed: an empty cell is a missing score, and a text without a finish reason is taken as it stands. What `tempkit export`
wrote is known by its columns and comes back with everything that they say (`tempkit.running.exported`).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tempkit._version import __version__
from tempkit.columns import REASON, SCORE
from tempkit.errors import PromptError, UsageError, one_line
from tempkit.grid import temperature
from tempkit.rows import Row, read_rows
from tempkit.running.exported import check_columns, exported_measures, outcome
from tempkit.running.preparing import environment
from tempkit.store import IMPORTED, RunRecord, Store
from tempkit.thoughts import apart
from tempkit.types import (
    LARGEST_SCORE,
    Completion,
    Failure,
    Item,
    ModelInfo,
    ModelSpec,
    Plan,
    Prompt,
    SampleKey,
    SamplingParams,
    Score,
)

__all__ = ["Imported", "import_table"]

_KEYS = ("item", "model", "temperature")
_RESERVED = (*_KEYS, "replicate", "text")
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """What was brought in."""

    run: RunRecord
    completions: int
    scores: Mapping[str, int]
    """Values per measure."""


def import_table(
    store: Store, path: Path, *, name: str | None = None, use_case: str | None = None, own: str | None = None
) -> Imported:
    """Store a CSV or JSON Lines table as a finished run.

    Args:
        store: Where to.
        path: The table.
        name: Of the run; by default the file's.
        use_case: What the items are for, as a use case calls itself.
        own: The TOML of this use case; None for one that is shipped.

    Raises:
        PromptError: The table cannot be read; the message begins with `file:line`.
        UsageError: It has neither texts nor scores.
    """
    rows = read_rows(path, exact=True)
    columns = list(dict.fromkeys(column for row in rows for column in row.values))
    ours = check_columns(rows, columns, path)
    measures = exported_measures(columns, path) if ours else _measures(columns)
    if not ours and "text" not in columns and not measures:
        raise UsageError(
            f"{path}: neither a text nor a score column; add a column of numbers, named as the measure"
        )
    samples = list(_samples(rows))
    plan = _plan(samples, name or path.stem, use_case, path, ours=ours)
    if use_case is not None and own is not None:
        plan = replace(plan, use_cases={use_case: own})
    outcomes: list[Completion | Failure] = (
        [_apart(outcome(row, key)) for row, key in samples]
        if ours
        else [apart(_completion(row, key)) for row, key in samples if row.values.get("text") is not None]
    )
    scores = [score for row, key in samples for score in _scores(row, key, measures)]
    infos = {model.label: ModelInfo(details={"imported_from": path.name}) for model in plan.models}
    run = store.create_run(plan, infos, version=__version__, environment=environment())
    for start in range(0, len(outcomes), _BATCH):
        store.add(run.id, outcomes[start : start + _BATCH])
    store.import_scores(run.id, scores)
    store.set_status(run.id, "finished")
    counts = Counter(score.measure for score in scores if score.value is not None)
    done = store.find_run(run.id)
    return Imported(done, done.completions, {name: counts[name] for name in measures.values()})


def _measures(columns: Sequence[str]) -> dict[str, str]:
    return {column: column for column in columns if column not in _RESERVED}


def _samples(rows: Sequence[Row]) -> Iterator[tuple[Row, SampleKey]]:
    """Yield every row with its sample; rows without a replicate are numbered in their cell."""
    numbered: Counter[tuple[str, str, float]] = Counter()
    seen: dict[SampleKey, str] = {}
    for row in rows:
        absent = [column for column in _KEYS if row.values.get(column) in (None, "")]
        if absent:
            raise PromptError(f"{row.where}: no {absent[0]}; every row needs item, model and temperature")
        item, model = str(row.values["item"]), str(row.values["model"])
        try:
            at = temperature(row.values["temperature"])
        except UsageError as e:
            raise PromptError(f"{row.where}: {e}") from e
        given = row.values.get("replicate")
        replicate = numbered[item, model, at] if given is None else _whole(given, row)
        numbered[item, model, at] += 1
        key = SampleKey(item, model, at, replicate)
        if key in seen:
            raise PromptError(
                f"{row.where}: the same sample as {seen[key]}; number them in a replicate column"
            )
        seen[key] = row.where
        yield row, key


def _plan(
    samples: Sequence[tuple[Row, SampleKey]], name: str, use_case: str | None, path: Path, *, ours: bool
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
        repeat=max(key.replicate for key in keys) + 1,
        seed=0,
        sampling={prompt.name: SamplingParams(logprobs=0) for prompt in prompts},
    )


def _prompts(
    samples: Sequence[tuple[Row, SampleKey]], use_case: str | None, path: Path, *, ours: bool
) -> tuple[Prompt, ...]:
    """Return the prompts with their items; a table from elsewhere knows of none, so its items are under a single one."""
    items: dict[str, tuple[str, str | None]] = {}
    for row, key in samples:
        prompt, purpose = (row.values.get("prompt"), row.values.get("use_case")) if ours else (None, None)
        items.setdefault(key.item, (str(prompt or "imported"), use_case or (purpose and str(purpose))))
    prompts: dict[str, list[str]] = {}
    for item, (prompt, _) in items.items():
        prompts.setdefault(prompt, []).append(item)
    return tuple(
        Prompt(
            name=prompt,
            use_case=use_case or items[keys[0]][1],
            path=path.name,
            items=tuple(Item(key=key, prompt=prompt, messages=()) for key in keys),
        )
        for prompt, keys in prompts.items()
    )


def _completion(row: Row, key: SampleKey) -> Completion:
    return Completion(
        key=key,
        seed=None,
        text=str(row.values["text"]),
        finish_reason="unknown",
        temperature_sent=key.temperature,
        params={},
    )


def _apart(found: Completion | Failure) -> Completion | Failure:
    return apart(found) if isinstance(found, Completion) else found


def _scores(row: Row, key: SampleKey, measures: Mapping[str, str]) -> Iterator[Score]:
    for column, measure in measures.items():
        given = row.values.get(column)
        why = row.values.get(column.replace(SCORE, REASON, 1)) if column.startswith(SCORE) else None
        if given is None and why is None:
            continue
        yield Score(
            item=key.item,
            model=key.model,
            temperature=key.temperature,
            replicate=key.replicate,
            measure=measure,
            version=IMPORTED,
            value=None if given is None else _number(given, column, row),
            reason=None if given is not None else str(why),
        )


def _number(given: Any, column: str, row: Row) -> float:
    """Read a score; true and false count as 1 and 0."""
    words = {"true": 1.0, "false": 0.0}
    if isinstance(given, str) and given.strip().casefold() in words:
        return words[given.strip().casefold()]
    try:
        value = float(given)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not abs(value) <= LARGEST_SCORE:
        wanted = (
            "a number" if math.isnan(value) else f"a number between -{LARGEST_SCORE:g} and {LARGEST_SCORE:g}"
        )
        raise PromptError(
            f"{row.where}: {one_line(column, 40)!r} is {one_line(repr(given), 40)}, not {wanted}; leave the cell empty where there is none"
        )
    return value


def _whole(given: Any, row: Row) -> int:
    try:
        number = int(str(given))
    except ValueError:
        number = -1
    if not 0 <= number < 10**6:
        raise PromptError(f"{row.where}: replicate {one_line(repr(given), 40)} is no whole number from 0")
    return number
