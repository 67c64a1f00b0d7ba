"""Write a file whole or not at all: beside its place first, then moved there."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing"]


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Missing folders are made. A pipe or a device cannot be moved onto, so it is written to as it is.

    Raises:
        OSError: It cannot be written there, or no file can have such a name.
    """
    beside = _beside(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with beside.open("xb") as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    try:
        os.fsencode(path)
        beside = path.with_name(f".tempkit-{os.getpid()}.tmp")
    except ValueError as e:  # Unicode's errors are among them
        raise OSError(errno.EINVAL, str(e)) from e
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "a file's name cannot hold a NUL")
    return beside
