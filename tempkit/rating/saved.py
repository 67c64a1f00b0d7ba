"""What the page's Save button writes: one rater's answers as JSON, read back without trust."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tempkit.errors import UsageError, one_line

__all__ = ["Answer", "SavedRatings", "read_saved"]

Answer = Literal["left", "right", "tie"]

_MOST_BYTES = 2**20
"""Many times what a thousand answers take."""
_MOST_ANSWERS = 10_000
_VERSION = 1

_Code = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{1,32}$")]


class Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who rated."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")]
    """Drawn by the page when somebody begins, so that the same person saving twice is one rater."""
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """As they call themselves; empty where they do not."""


class SavedRatings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of one rater."""

    tempkit: Literal["ratings"]
    version: int
    sheet: _Code
    digest: _Code
    """Of what the page showed."""
    rater: Person
    answers: Annotated[dict[_Code, Answer], msgspec.Meta(max_length=_MOST_ANSWERS)]
    """By a pair's code; those that were not answered are absent."""


class _Version(msgspec.Struct, frozen=True):
    tempkit: Literal["ratings"]
    version: int


def read_saved(path: Path) -> SavedRatings:
    """Read a file that the page saved.

    Raises:
        UsageError: It is none; the message begins with its name.
    """
    where = one_line(path, 200)
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise UsageError(f"{where}: cannot be read: not a file")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as e:
        raise UsageError(f"{where}: cannot be read: {e.strerror}") from e
    except ValueError as e:  # a name that no file can have
        raise UsageError(f"{where}: cannot be read: {one_line(e)}") from e
    if len(content) > _MOST_BYTES:
        raise UsageError(
            f"{where}: is larger than {_MOST_BYTES // 2**20} MiB, so it is no file that a rating page saved"
        )
    return _decoded(content, where)


def _decoded(content: bytes, where: str) -> SavedRatings:
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version > _VERSION:
            raise UsageError(
                f"{where}: was saved by the page of a newer tempkit: pip install --upgrade tempkit"
            )
        return msgspec.json.decode(content, type=SavedRatings)
    except RecursionError:
        raise UsageError(f"{where}: is no file that a rating page saved: nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{where}: is no file that a rating page saved: {one_line(e)}") from e


VALUES: Mapping[Answer, float] = {"left": 1.0, "tie": 0.5, "right": 0.0}
"""What an answer says of the text that was shown first."""
