"""A folder as `tempkit export --format huggingface` writes it: the answers, each with its tokens from the table beside them."""

from pathlib import Path

from tempkit.errors import PromptError
from tempkit.interchange.schema import REPLICATE, TOKENS
from tempkit.prompts import DataRow, read_parquet

__all__ = ["is_data_set", "read_data_set"]

_ANSWERS, _TOKENS = Path("data/answers.parquet"), Path("data/tokens.parquet")
_SAMPLE = ("run", "item", "model", "temperature", REPLICATE.name)
"""The columns that say which sample a row is of."""


def is_data_set(path: Path) -> bool:
    """Whether a folder is one."""
    return (path / _ANSWERS).is_file()


def read_data_set(path: Path) -> tuple[list[DataRow], tuple[str, ...]]:
    """Read a folder.

    Returns:
        A row per answer, with its tokens where they were exported; nothing is left out.

    Raises:
        ExtraMissingError: pyarrow is not installed.
        PromptError: A table cannot be read, is too large, or the two do not belong together; the message begins with the file.
    """
    _, rows = read_parquet(path / _ANSWERS)
    if not (path / _TOKENS).is_file():
        return rows, ()
    names, tokens = read_parquet(path / _TOKENS)
    absent = [name for name in (*_SAMPLE, "position") if name not in names]
    if absent:
        raise PromptError(
            f"{path / _TOKENS}: no column {absent[0]!r}, so nobody can tell whose tokens these are"
        )
    answers: dict[tuple[str, ...], list[DataRow]] = {_sample(row): [] for row in rows}
    for token in tokens:
        if _sample(token) not in answers:
            raise PromptError(f"{token.where}: a token of no answer in {_ANSWERS.name}")
        answers[_sample(token)].append(token)
    return [_joined(row, answers[_sample(row)]) for row in rows], ()


def _sample(row: DataRow) -> tuple[str, ...]:
    return tuple(repr(row.values.get(name)) for name in _SAMPLE)


def _joined(row: DataRow, tokens: list[DataRow]) -> DataRow:
    if not tokens:
        return row
    listed = [_in_order(token, place) for place, token in enumerate(tokens)]
    return DataRow({**row.values, TOKENS.name: listed}, row.where)


def _in_order(token: DataRow, place: int) -> dict[str, object]:
    if token.values["position"] != place:
        raise PromptError(
            f"{token.where}: 'position' is {token.values['position']!r}, where token {place} of its answer is next"
        )
    return dict(token.values)
