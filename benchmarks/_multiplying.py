"""A stored and measured run made many times as long, by the database alone: its questions again under other keys, with all that belongs to them.

A million completions would take hours to measure, and for what reads them it does not matter that they are the same again and again.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

__all__ = ["multiply"]


def multiply(path: Path, times: int) -> None:
    """Make every question of a file's only run, and all that it was answered and scored, so many times as many."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        steps = {
            table: connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            for table in ("item", "completion", "score")
        }
        for turn in range(1, times):
            with connection:
                _again(connection, turn, steps)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _again(connection: sqlite3.Connection, turn: int, steps: dict[str, int]) -> None:
    item, completion = turn * steps["item"], turn * steps["completion"]
    changed = {
        "item": {"id": f"id + {item}", "key": f"key || '/{turn}'", "position": f"position + {item}"},
        "completion": {"id": f"id + {completion}", "item_id": f"item_id + {item}"},
        "token": {"completion_id": f"completion_id + {completion}"},
        "alternatives": {"completion_id": f"completion_id + {completion}"},
        "score": {
            "id": f"id + {turn * steps['score']}",
            "item_id": f"item_id + {item}",
            "completion_id": f"completion_id + {completion}",
        },
        "scoring": {"item_id": f"item_id + {item}"},
    }
    for table, new in changed.items():
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(new.get(name, name) for name in columns)
        id_, step = {
            "item": ("id", "item"), "completion": ("id", "completion"), "token": ("completion_id", "completion"),
            "alternatives": ("completion_id", "completion"), "score": ("id", "score"), "scoring": ("item_id", "item"),
        }[table]  # fmt: skip
        connection.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {id_} <= {steps[step]}"
        )
