"""Read back what `tempkit export` wrote: everything that a sample's row says of it.

A truncated text must not come back as if it were complete, so all that was known of an answer comes back with it: how
it ended, what was sent, what it took, what it cost, and in JSON Lines its tokens. Failures come back as failures.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import cast, get_args

from tempkit.errors import PromptError, UsageError, one_line
from tempkit.interchange.imports.values import bad, members, number, strings, text, whole_number, word
from tempkit.interchange.schema import (
    FORMAT_VERSION,
    MESSAGES,
    REASON,
    SAMPLE,
    SCORE,
    TOKENS,
    VERSION,
    Column,
    is_export,
)
from tempkit.prompts import DataRow, parse_json
from tempkit.store import IMPORTED
from tempkit.types import (
    Completion,
    Failure,
    FailureKind,
    FinishReason,
    LogprobKind,
    Message,
    Role,
    SampleKey,
    TokenLogprob,
)

__all__ = ["MOST_LOGPROB", "check_columns", "exported_measures", "messages_of", "outcome"]

_OURS = frozenset(column.name for column in (*SAMPLE, MESSAGES, TOKENS, VERSION))
MOST_LOGPROB = 0.001
"""A probability above 1 is none; so much may be rounding."""
_LEAST_ENTROPY = -0.001
"""As much may be rounding here."""


def check_columns(rows: Sequence[DataRow], columns: Sequence[str], source: object) -> bool:
    """Say whether a table is one of exported samples.

    Raises:
        UsageError: It is an export of another kind, or one of several runs.
        PromptError: It is of a newer format.
    """
    if {"measure", "version", "value"} <= set(columns) or {"position", "logprob", "top"} <= set(columns):
        raise UsageError(
            f"{source}: these rows are not samples; export those, without --scores or --tokens (jsonl may have --tokens)"
        )
    if not is_export(columns):
        return False
    for row in rows:
        _check_version(row)
    runs = dict.fromkeys(str(row.values.get("run")) for row in rows)
    if len(runs) > 1:
        raise UsageError(
            f"{source}: holds {len(runs)} runs, and an import is one: export each to a file of its own"
        )
    return True


def _check_version(row: DataRow) -> None:
    """Refuse columns that may mean something else than they do here."""
    given = row.values.get(VERSION.name)
    if given is None or given == "":
        return
    major = str(given).partition(".")[0]
    if not (major.isascii() and major.isdecimal()):
        raise bad(row, VERSION.name, given, f"not a version such as {FORMAT_VERSION}")
    if int(major[:9]) > int(FORMAT_VERSION.partition(".")[0]):
        raise PromptError(
            f"{row.where}: exported in format {one_line(given, 20)}, and this tempkit reads up to {FORMAT_VERSION}: "
            "pip install --upgrade tempkit"
        )


def messages_of(row: DataRow) -> tuple[Message, ...]:
    """Return the prompt as it was sent, where it was exported; in the conventions' form a message has parts."""
    given = row.values.get(MESSAGES.name)
    if given is None or given == "":
        return ()
    read = (
        parse_json(given, f"{row.where}: {MESSAGES.name!r}", "not JSON") if isinstance(given, str) else given
    )
    try:
        return tuple(
            Message(_role(each["role"]), "".join(_words(part) for part in each["parts"])) for each in read
        )
    except (TypeError, KeyError, ValueError) as e:
        raise bad(row, MESSAGES.name, given, "not messages in OpenTelemetry's form") from e


def _role(given: object) -> Role:
    if given not in get_args(Role):
        raise ValueError(given)
    return cast("Role", given)


def _words(part: Mapping[str, object]) -> str:
    if part["type"] != "text" or not isinstance(part["content"], str):
        raise ValueError(part["type"])
    return part["content"]


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


def outcome(row: DataRow, key: SampleKey) -> Completion | Failure:
    """Return the sample as it was exported, by this version or an older one, which had fewer columns.

    Raises:
        PromptError: A value is not of its column's kind; the message begins with `file:line`.
    """
    for column in SAMPLE:
        _check(row, column)
    status = row.values.get("status")
    temperature = number(row, "gen_ai.request.temperature", low=0)
    seed = whole_number(row, "gen_ai.request.seed")
    attempts = whole_number(row, "attempts", low=0) or 1
    if status == "failure":
        return Failure(
            key=key,
            kind=word(row, "error.type", FailureKind, "unknown"),
            message=text(row, "error.message") or "",
            attempts=attempts,
            seed=seed,
            temperature_sent=temperature,
            batch=text(row, "batch"),
        )
    if status != "completion":
        raise bad(row, "status", status, "neither completion nor failure")
    tokens = tuple(_tokens(row))
    return Completion(
        key=key,
        seed=seed,
        text=text(row, "text") or "",
        finish_reason=_end(row),
        temperature_sent=temperature,
        params=members(row, "params"),
        tokens=tokens,
        logprob_kind=word(row, "logprob_kind", LogprobKind, "unknown" if tokens else "none"),
        input_tokens=whole_number(row, "gen_ai.usage.input_tokens", low=0),
        output_tokens=whole_number(row, "gen_ai.usage.output_tokens", low=0),
        latency_s=number(row, "latency_s", low=0),
        response_model=text(row, "gen_ai.response.model"),
        fingerprint=text(row, "fingerprint"),
        address=text(row, "address"),
        cost_usd=number(row, "cost_usd", low=0),
        attempts=attempts,
        batch=text(row, "batch"),
        thinking=text(row, "thinking"),
        thinking_tokens=whole_number(row, "thinking_tokens", low=0),
        response_id=text(row, "gen_ai.response.id"),
        cache_read_tokens=whole_number(row, "gen_ai.usage.cache_read.input_tokens", low=0),
        cache_write_tokens=whole_number(row, "gen_ai.usage.cache_creation.input_tokens", low=0),
    )


def _end(row: DataRow) -> FinishReason:
    """Read how an answer ended; of imports format 1.0 has `unknown` where nothing was said."""
    end = cast("FinishReason", word(row, "finish_reason", FinishReason, "unstated"))
    older = row.values.get(VERSION.name) in (None, "") and row.values.get("gen_ai.provider.name") == IMPORTED
    return "unstated" if end == "unknown" and older else end


def _check(row: DataRow, column: Column) -> None:
    """Refuse a value that is not of its column's kind, whether it is kept or follows from others."""
    if row.values.get(column.name) is None:
        return
    match column.kind:
        case "text":
            text(row, column.name)
        case "number":
            number(row, column.name)
        case "integer":
            whole_number(row, column.name)
        case "strings":
            strings(row, column.name)
        case "json":
            members(row, column.name)


def _tokens(row: DataRow) -> Iterator[TokenLogprob]:
    given = row.values.get(TOKENS.name) or ()
    if not isinstance(given, (list, tuple)):
        raise bad(row, TOKENS.name, given, "not a list of tokens")
    for position, each in enumerate(given):
        if not isinstance(each, dict):
            raise bad(row, f"{TOKENS.name}[{position}]", each, "not a token")
        yield _token(DataRow(each, row.where + f": {TOKENS.name}[{position}]"))


def _token(row: DataRow) -> TokenLogprob:
    """Read a token; a `where` of its row names its place. Older versions wrote no `entropy_tempered`."""
    if not isinstance(row.values.get("text"), str):
        raise bad(row, "text", row.values.get("text"), "not a text")
    if "logprob" not in row.values:
        raise bad(row, "logprob", None, "not a number; a token without one has null")
    top = row.values.get("top") or []
    if not isinstance(top, list) or not all(
        isinstance(each, dict) and isinstance(each.get("text"), str) for each in top
    ):
        raise bad(row, "top", top, "not a list of tokens with their logprobs")
    return TokenLogprob(
        text=row.values["text"],
        logprob=number(row, "logprob", high=MOST_LOGPROB),
        entropy=number(row, "entropy", low=_LEAST_ENTROPY),
        entropy_tempered=number(row, "entropy_tempered", low=_LEAST_ENTROPY),
        rank=whole_number(row, "rank", low=0),
        token_id=whole_number(row, "token_id"),
        top=tuple(_alternative(DataRow(each, f"{row.where}: top[{i}]")) for i, each in enumerate(top)),
    )


def _alternative(row: DataRow) -> tuple[str, float]:
    """Read an alternative; that of probability 0 is null in JSON, which has no infinity, and -inf in Parquet."""
    if row.values.get("logprob") == -math.inf:
        return row.values["text"], -math.inf
    logprob = number(row, "logprob", high=MOST_LOGPROB)
    return row.values["text"], -math.inf if logprob is None else logprob
