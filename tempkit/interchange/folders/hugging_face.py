"""A data set as the Hugging Face hub has it: Parquet files, and a README.md whose front matter names them, for `datasets.load_dataset(FOLDER)`.

The tables are those of the other exports, with the same columns, and `tempkit import FOLDER` reads them back.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from tempkit._version import __version__
from tempkit.errors import one_line
from tempkit.interchange.exports.parquet import ParquetFile
from tempkit.interchange.exports.rows import (
    Record,
    Source,
    sample_rows,
    score_columns,
    score_rows,
    token_rows,
)
from tempkit.interchange.folders.outcomes import About, Lost
from tempkit.interchange.schema import (
    FORMAT_VERSION,
    MESSAGES,
    SAMPLE,
    SCORES,
    TOKEN,
    VERSION,
    Column,
)

__all__ = ["write"]


def write(
    folder: Path, sources: Sequence[Source], about: About, lost: Lost, on_done: Callable[[int], None]
) -> int:
    """Write the tables that have rows, and the README.md; return how many files."""
    del about, lost  # the columns have a place for everything
    names, scored = score_columns(sources)
    data = folder / "data"
    data.mkdir()
    before = 0

    def answers() -> Iterator[Record]:
        nonlocal before
        for source in sources:
            last = before

            def count(done: int, last: int = last) -> None:
                nonlocal before
                before = last + done
                on_done(before)

            yield from sample_rows(source, names, with_messages=True, on_progress=count)

    def each(rows: Callable[[Source, Callable[[int], None]], Iterator[Record]]) -> Iterator[Record]:
        for source in sources:
            yield from rows(source, lambda _done: None)

    bare = [Source(source.store, source.run) for source in sources]
    sources, with_tokens = bare, sources
    tables: list[tuple[str, Sequence[Column], Iterator[Record]]] = [
        ("answers", (*SAMPLE, MESSAGES, *scored), answers()),
        ("scores", SCORES, each(score_rows)),
        ("tokens", TOKEN, (row for source in with_tokens for row in token_rows(source, lambda _done: None))),
    ]
    written = [
        (name, columns, count)
        for name, columns, rows in tables
        if (count := _write(data / f"{name}.parquet", (*columns, VERSION), rows))
    ]
    (folder / "README.md").write_text(_card(sources, written), encoding="utf-8")
    return len(written) + 1


def _write(path: Path, columns: Sequence[Column], rows: Iterator[Record]) -> int:
    """Write a table; return its number of rows, and leave no file where there are none."""
    count = 0
    with path.open("xb") as out:
        file = ParquetFile(out, columns)
        try:
            for row in rows:
                row[VERSION.name] = FORMAT_VERSION
                file.write(row)
                count += 1
            file.close()
        except BaseException:
            file.abandon()
            raise
    if not count:
        path.unlink()
    return count


def _card(sources: Sequence[Source], tables: Sequence[tuple[str, Sequence[Column], int]]) -> str:
    """Return the README.md."""
    front: dict[str, Any] = {
        "pretty_name": one_line(", ".join(source.run.name for source in sources), 100),
        "tags": ["tempkit", "llm", "temperature", "sampling"],
        "configs": [
            {
                "config_name": name,
                "data_files": f"data/{name}.parquet",
                **({"default": True} if first else {}),
            }
            for first, (name, _, _) in ((place == 0, table) for place, table in enumerate(tables))
        ],
    }
    lines = [
        "---",
        yaml.safe_dump(front, sort_keys=False, allow_unicode=True).rstrip(),
        "---",
        "",
        "# Answers at several temperatures",
        "",
        f"Exported by tempkit {__version__}, in format {FORMAT_VERSION}.",
        "",
        "| run | started (UTC) | models | temperatures | answers | note |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for source in sources:
        run = source.run
        models = ", ".join(source.models)
        temperatures = ", ".join(map(repr, run.temperatures))
        cells = (
            run.name,
            f"{run.created_at:%Y-%m-%d %H:%M}",
            models,
            temperatures,
            f"{run.completions:,}",
            run.note or "",
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    for name, columns, count in tables:
        lines += [
            "",
            f"## {name}",
            "",
            f"{count:,} rows.",
            "",
            "| column | kind | what it holds |",
            "| --- | --- | --- |",
        ]
        lines += [f"| {_cell(c.name)} | {c.kind} | {_cell(c.about)} |" for c in columns]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return text for a cell of a table in Markdown: what would be taken for more than words is shown as it is."""
    shown = one_line(text, 1000)
    for sign in "\\|`<>[]*_":
        shown = shown.replace(sign, f"&#{ord(sign)};")
    return shown
