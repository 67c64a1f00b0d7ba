"""The log of `llm`, logs.db, in both schemas: answers with the temperature that they were asked at.

The older schema has one table, `log` or `logs`; the newer has `responses` in `conversations`. The same words after the same conversation are one
item. The database may come from anywhere: it is opened to be read alone, only its own tables are asked, and it is counted while it is read.
"""

import hashlib
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tempkit.errors import PromptError, one_line
from tempkit.files import MAX_ROWS
from tempkit.interchange.imports.llm_beside import Beside, beside_of
from tempkit.interchange.schema import MESSAGES
from tempkit.prompts import DataRow, LeftOut, parse_json

__all__ = ["LLM", "read_llm"]

LLM = (".db", ".sqlite", ".sqlite3")

_TABLES = ("responses", "logs", "log")
_COLUMNS = (
    *(
        "id",
        "model",
        "resolved_model",
        "conversation_id",
        "chat_id",
        "prompt",
        "system",
        "response",
        "reasoning",
    ),
    "schema_id",
    *("options_json", "duration_ms", "datetime_utc", "timestamp", "input_tokens", "output_tokens"),
)
_MOST_BYTES = 256 * 2**20
_MOST_VALUE = 16 * 2**20
_SECONDS = 60.0
_STEPS = 100_000
_REQUEST = ("max_tokens", "top_p", "top_k", "frequency_penalty", "presence_penalty")


def read_llm(path: Path) -> tuple[list[DataRow], tuple[str, ...]]:
    """Read a log.

    Returns:
        A row per answer, and what is not carried over, a line for each kind.

    Raises:
        PromptError: It is no such log, or no answer in it says its temperature; the message begins with the file.
    """
    left = LeftOut()
    if not path.is_file():
        raise PromptError(f"{path}: data file not found")
    until = time.monotonic() + _SECONDS
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE)
            database.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            database.execute("PRAGMA trusted_schema = OFF")
            rows = _rows(database, path, left)
    except sqlite3.Error as e:
        why = f"takes more than {_SECONDS:g} seconds to read" if "interrupted" in str(e) else one_line(e, 120)
        raise PromptError(f"{path}: no log of llm that can be read: {why}") from e
    wal = path.with_name(path.name + "-wal")
    if wal.is_file() and wal.stat().st_size:
        left.add(
            f"what is still in {wal.name}; run sqlite3 {path.name} 'pragma wal_checkpoint' to have it",
            str(path),
        )
    if not rows:
        raise PromptError(
            f"{path}: nothing to import: {'; '.join(left.lines()) or 'there is no answer in it'}"
        )
    return rows, left.lines()


def _rows(database: sqlite3.Connection, path: Path, left: LeftOut) -> list[DataRow]:
    there = {str(name) for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = [name for name in _TABLES if name in there]
    if not tables:
        raise PromptError(f"{path}: no log of llm: it has neither a table responses nor logs")
    beside = beside_of(database, there)
    rows: list[DataRow] = []
    size = 0
    for table in tables:
        columns = _columns(database, table)
        if not {"model", "prompt", "response"} <= set(columns):
            raise PromptError(f"{path}: the table {table} has no columns model, prompt and response")
        chains: dict[str, str] = defaultdict(str)
        for number, values in enumerate(_in_order(database, table, columns), 1):
            size += sum(len(v) for v in values.values() if isinstance(v, (str, bytes)))
            if number > MAX_ROWS or size > _MOST_BYTES:
                raise PromptError(
                    f"{path}: more than {MAX_ROWS:,} answers or {_MOST_BYTES // 2**20} MiB; give a smaller log"
                )
            where = f"{path}: {table} {one_line(str(values.get('id', number)), 40)}"
            row = _row(values, where, path.stem, chains, beside.get(str(values.get("id")), Beside()), left)
            if row is not None:
                rows.append(row)
    return rows


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    found = {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}
    return [name for name in _COLUMNS if name in found]


def _in_order(database: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    order = next((name for name in ("datetime_utc", "timestamp", "id") if name in columns), columns[0])
    quoted = ", ".join(f'"{name}"' for name in columns)
    for values in database.execute(f'SELECT {quoted} FROM "{table}" ORDER BY "{order}", rowid'):  # noqa: S608 (names of ours)
        yield dict(zip(columns, values, strict=True))


def _row(
    values: Mapping[str, Any],
    where: str,
    run: str,
    chains: dict[str, str],
    beside: Beside,
    left: LeftOut,
) -> DataRow | None:
    for name in ("model", "prompt", "system", "response", "options_json"):
        if values.get(name) is not None and not isinstance(values[name], str):
            raise PromptError(f"{where}: {name} is no text")
    model, prompt, system = values["model"] or "", values["prompt"] or "", values.get("system") or ""
    conversation = str(values.get("conversation_id") or values.get("chat_id") or values.get("id") or where)
    before = chains[conversation]
    schema = values.get("schema_id")
    sent = [*beside.sent, *([f"schema {schema}"] if schema else [])]
    asked = hashlib.sha256(
        "\0".join((before, system, prompt, *sent)).encode("utf-8", "surrogatepass")
    ).hexdigest()
    chains[conversation] = hashlib.sha256(
        "\0".join((asked, values["response"] or "", *beside.answered)).encode("utf-8", "surrogatepass")
    ).hexdigest()
    options = values.get("options_json")
    given = parse_json(options, f"{where}: options_json", "not JSON", not_numbers=True) if options else {}
    if not isinstance(given, dict):
        raise PromptError(f"{where}: options_json is no object")
    if given.get("temperature") is None:
        left.add("answers that say no temperature", where)
        return None
    if not model or values["response"] is None:
        left.add("answers without a model or a text", where)
        return None
    if before:
        left.add(
            "the messages before an answer in its conversation; answers are one item only where these are alike",
            where,
        )
    if beside.answered:
        alone = "" if values["response"] else ", which has no text beside them"
        left.add(f"calls of tools in an answer{alone}", where)
    if sent:
        left.add(
            "fragments, attachments, schemas and tools of a prompt; answers are one item only where these are alike",
            where,
        )
    messages = [
        {"role": role, "parts": [{"type": "text", "content": text}]}
        for role, text in (("system", system), ("user", prompt))
        if text
    ]
    duration = values.get("duration_ms")
    found = {
        "run": run,
        "prompt": "llm",
        "item": f"llm/{asked[:12]}",
        "model": model,
        "temperature": given["temperature"],
        "status": "completion",
        "text": values["response"],
        "thinking": values.get("reasoning") or None,
        "finish_reason": "unstated",
        "gen_ai.request.model": model,
        "gen_ai.request.temperature": given["temperature"],
        "gen_ai.request.seed": given.get("seed"),
        **{f"gen_ai.request.{name}": given.get(name) for name in _REQUEST},
        "gen_ai.response.model": values.get("resolved_model"),
        "gen_ai.usage.input_tokens": values.get("input_tokens"),
        "gen_ai.usage.output_tokens": values.get("output_tokens"),
        "params": given,
        "latency_s": duration / 1000 if isinstance(duration, (int, float)) else None,
        MESSAGES.name: messages or None,
    }
    return DataRow({name: value for name, value in found.items() if value is not None}, where)
