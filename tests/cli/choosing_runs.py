"""What the tests of `tempkit choose` share: questions for the scripted model, and what its database holds."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from support import CliResult


def questions(
    folder: Path, name: str = "p", *, rows: int = 20, fact: str = "eight|the river", **more: Any
) -> str:
    """Write a prompt file with its rows and return its name; the scripted model says `eight` now and then, `the` first when cold."""
    write_rows(folder / f"{name}-rows.yaml", rows, fact)
    tempkit = {"use_case": "technical-documentation", "data": f"{name}-rows.yaml", **more}
    (folder / f"{name}.prompty").write_text(
        f"---\nname: {name}\nmodel: {{options: {{maxOutputTokens: 24}}}}\ninputs: [{{name: n, kind: integer}}]\n"
        f"metadata: {{tempkit: {json.dumps(tempkit)}}}\n---\nuser:\nSay {{{{ n }}}}.\n"
    )
    return f"{name}.prompty"


def write_rows(path: Path, rows: int, fact: str = "eight|the river", *, first: int = 0) -> None:
    """Write a data file of rows with one fact each."""
    lines = [f"- {{id: i{number}, n: {number}, facts: ['{fact}']}}" for number in range(first, rows)]
    path.write_text("\n".join(lines) + "\n")


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement on the folder's database."""
    with closing(sqlite3.connect(folder / "tempkit.db")) as connection:
        return connection.execute(statement).fetchall()


def stored(folder: Path) -> list[tuple[Any, ...]]:
    """Return every answer that is stored, but for when it came."""
    return query(
        folder,
        "select item.key, temperature_requested, replicate, seed, text from completion "
        "join item on item.id = completion.item_id join model on model.id = completion.model_id order by 1, 2, 3",
    )


def said(done: CliResult, *codes: int) -> dict[str, Any]:
    """Return what `choose --json` printed."""
    assert done.code in (codes or (0,)), done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def gist(decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a decision somebody acts on."""
    return {key: decision[key] for key in ("pick", "grade", "regret_upper", "looks", "level", "items")}
