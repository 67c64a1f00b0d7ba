"""Read back what `tempkit export` wrote: everything that a sample's row says of it.

A text that was cut off must not come back as if it were whole, so all that was known of an answer comes back with it: how
it ended, what was sent, what it took, what it cost, and in JSON Lines its tokens. Failures come back as failures.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from tempkit.columns import MESSAGES, REASON, SAMPLE, SCORE, TOKENS, is_export
from tempkit.errors import PromptError, UsageError, one_line
from tempkit.rows import Row
from tempkit.types import (
    Completion,
    Failure,
    FailureKind,
    FinishReason,
    LogprobKind,
    SampleKey,
    TokenLogprob,
)

__all__ = ["check_columns", "exported_measures", "outcome"]

_OURS = frozenset(column.name for column in (*SAMPLE, MESSAGES, TOKENS))

N = TypeVar("N", int, float)


def check_columns(rows: Sequence[Row], columns: Sequence[str], source: object) -> bool:
    """Say whether a table is one of exported samples.

    Raises:
        UsageError: It is an export of another kind, or one of several runs.
    """
    if {"measure", "version", "value"} <= set(columns) or {"position", "logprob", "top"} <= set(columns):
        raise UsageError(
            f"{source}: these rows are not samples; export those, without --scores or --tokens (jsonl may have --tokens)"
        )
    if not is_export(columns):
        return False
    runs = dict.fromkeys(str(row.values.get("run")) for row in rows)
    if len(runs) > 1:
        raise UsageError(
            f"{source}: holds {len(runs)} runs, and an import is one: export each to a file of its own"
        )
    return True


def exported_measures(columns: Sequence[str], source: object) -> dict[str, str]:
    """Return the columns of scores, each with its measure's name.

    A column that a person has added is a measure of that name, as in any table.

    Raises:
        UsageError: Two columns are of one measure.
    """
    found: dict[str, str] = {}
    for column in columns:
        if column in _OURS:
            continue
        measure = column.removeprefix(REASON).removeprefix(SCORE)
        if column.startswith(REASON):  # in JSON Lines the only one where no value could be taken
            found.setdefault(SCORE + measure, measure)
        elif column not in found and measure in found.values():
            raise UsageError(f"{source}: two columns are of {one_line(measure, 40)!r}: rename one")
        else:
            found[column] = measure
    return found


def outcome(row: Row, key: SampleKey) -> Completion | Failure:
    """Return the sample as it was exported.

    Raises:
        PromptError: A value is not of its column's kind; the message begins with `file:line`.
    """
    status = row.values.get("status")
    temperature = _number(row, "gen_ai.request.temperature", float)
    seed = _number(row, "gen_ai.request.seed", int)
    attempts = _number(row, "attempts", int) or 1
    if status == "failure":
        return Failure(
            key=key,
            kind=_one_of(row, "error.type", FailureKind),
            message=_text(row, "error.message") or "",
            attempts=attempts,
            seed=seed,
            temperature_sent=temperature,
            batch=_text(row, "batch"),
        )
    if status != "completion":
        raise PromptError(
            f"{row.where}: status {one_line(repr(status), 40)} is neither completion nor failure"
        )
    tokens = tuple(_token(row, each) for each in row.values.get(TOKENS.name) or ())
    return Completion(
        key=key,
        seed=seed,
        text=_text(row, "text") or "",
        finish_reason=_one_of(row, "finish_reason", FinishReason),
        temperature_sent=temperature,
        params=_params(row),
        tokens=tokens,
        logprob_kind=_one_of(row, "logprob_kind", LogprobKind),
        input_tokens=_number(row, "gen_ai.usage.input_tokens", int),
        output_tokens=_number(row, "gen_ai.usage.output_tokens", int),
        latency_s=_number(row, "latency_s", float),
        response_model=_text(row, "gen_ai.response.model"),
        fingerprint=_text(row, "fingerprint"),
        cost_usd=_number(row, "cost_usd", float),
        attempts=attempts,
        batch=_text(row, "batch"),
        thinking=_text(row, "thinking"),
        thinking_tokens=_number(row, "thinking_tokens", int),
    )


def _text(row: Row, column: str) -> str | None:
    value = row.values.get(column)
    return None if value is None else str(value)


def _number(row: Row, column: str, kind: type[N]) -> N | None:
    value = row.values.get(column)
    if value is None:
        return None
    try:
        number = kind(value)
    except (TypeError, ValueError, OverflowError) as e:
        raise _bad(row, column, value) from e
    if not math.isfinite(number):
        raise _bad(row, column, value)
    return number


def _one_of(row: Row, column: str, known: Any) -> Any:
    value = row.values.get(column)
    if value not in get_args(known):
        raise _bad(row, column, value, f", not one of {', '.join(get_args(known))}")
    return value


def _params(row: Row) -> Mapping[str, Any]:
    """Read the parameters: an object in JSON Lines, its text in CSV."""
    given = row.values.get("params") or {}
    try:
        value = json.loads(given) if isinstance(given, str) else given
    except ValueError as e:
        raise _bad(row, "params", given) from e
    if not isinstance(value, dict):
        raise _bad(row, "params", given)
    return value


def _token(row: Row, given: Any) -> TokenLogprob:
    try:
        return TokenLogprob(
            text=str(given["text"]),
            logprob=given["logprob"],
            entropy=given["entropy"],
            entropy_tempered=given["entropy_tempered"],
            rank=given["rank"],
            token_id=given["token_id"],
            # An infinite one has no number in JSON.
            top=tuple(
                (str(each["text"]), -math.inf if each["logprob"] is None else float(each["logprob"]))
                for each in given["top"]
            ),
        )
    except (KeyError, TypeError, ValueError) as e:
        raise _bad(row, TOKENS.name, given) from e


def _bad(
    row: Row, column: str, value: object, why: str = ", which export does not write there"
) -> PromptError:
    return PromptError(f"{row.where}: {column} is {one_line(repr(value), 40)}{why}")
