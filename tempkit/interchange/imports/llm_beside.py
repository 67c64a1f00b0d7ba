"""What a log of `llm` keeps beside an answer, as marks: two answers are of one question only where the marks of what was sent are alike.

Fragments, attachments, tools and the results of tools are sent with a prompt. Calls of tools are part of the answer, and of what the next prompt
of its conversation follows.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tempkit.files import MAX_ROWS

__all__ = ["Beside", "beside_of"]

_SENT = {
    "prompt_fragments": ("fragment_id",),
    "system_fragments": ("fragment_id",),
    "prompt_attachments": ("attachment_id",),
    "tool_responses": ("tool_id",),
    "tool_results": ("name", "output", "exception"),
}
"""Tables of what was sent with a prompt, and the columns that say what it was."""
_ANSWERED = {"tool_calls": ("name", "arguments")}
_UNORDERED = ("tool_responses",)
"""Tools are offered in no order."""
_ATTACHED_NEEDS = {
    "tool_results": {"id", "response_id", "name", "output"},
    "tool_results_attachments": {"tool_result_id", "attachment_id", "order"},
}
_ATTACHED = f"""SELECT r.response_id, r.name, r.output, a.attachment_id FROM tool_results_attachments AS a
JOIN tool_results AS r ON r.id = a.tool_result_id ORDER BY r.id, a."order" LIMIT {MAX_ROWS}"""  # noqa: S608 (names of ours)
"""What is attached to the results of tools; newer logs have it."""


@dataclass(slots=True)
class Beside:
    """The marks of one answer."""

    sent: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


def beside_of(database: sqlite3.Connection, there: set[str]) -> Mapping[str, Beside]:
    """Return the marks by an answer's id; `there` are the tables that the log has, which depend on its age."""
    found: dict[str, Beside] = defaultdict(Beside)
    for table, wanted in (*_SENT.items(), *_ANSWERED.items()):
        if table not in there:
            continue
        columns = _columns(database, table)
        columns_there = [name for name in wanted if name in columns] or [
            name for name in ("tool_id", "name") if name in columns
        ][:1]
        if "response_id" not in columns or not columns_there:
            continue
        order = ["order"] if "order" in columns else columns_there if table in _UNORDERED else ["rowid"]
        query = f"SELECT response_id, {_quoted(columns_there)} FROM {table} ORDER BY {_quoted(order)} LIMIT {MAX_ROWS}"  # noqa: S608 (names of ours)
        for answer, *values in database.execute(query):
            each = found[str(answer)]
            (each.sent if table in _SENT else each.answered).append(_mark(table, values))
    if all(table in there and names <= _columns(database, table) for table, names in _ATTACHED_NEEDS.items()):
        for answer, *values in database.execute(_ATTACHED):
            found[str(answer)].sent.append(_mark("tool_results_attachments", values))
    return found


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {str(row[1]) for row in database.execute(f"PRAGMA table_info({table})")}


def _mark(table: str, values: Sequence[object]) -> str:
    return hashlib.sha256(repr((table, *values)).encode("utf-8", "surrogatepass")).hexdigest()


def _quoted(names: Sequence[str]) -> str:
    return ", ".join("rowid" if name == "rowid" else f'"{name}"' for name in names)
