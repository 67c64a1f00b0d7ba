"""Write a file whole or not at all: beside its place first, then moved there."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["file_to_name", "replacing"]

_NOT_SYNCED = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF)
"""What file systems say that know no such thing as being on the disk."""
_NOT_MOVED = (errno.EXDEV, errno.EBUSY)
"""A name that is a mount of its own, as containers make them of single files."""


def file_to_name(path: Path, name: str) -> Path:
    """Return a file that somebody may have meant: the path itself, or one of this name in it where it is a folder, as `.` is."""
    return path if path.name not in ("", "..") and not path.is_dir() else path / name


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that takes the place of `path` when the block ends well, and leaves no trace otherwise.

    Any number may write the same at once: the last one to end stands, whole. Missing folders are made. A link is followed,
    so that it stays one. A pipe or a device cannot be moved onto, so it is written to as it is; what is written is on the
    disk when it is moved.

    Raises:
        OSError: It cannot be written there, or no file can have such a name.
    """
    path = _followed(path)
    if not path.name:  # ., / and the empty path
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".tempkit-{secrets.token_hex(8)}.tmp")
    with beside.open("xb") as file:
        try:
            yield file
            file.flush()
            _sync(file.fileno())
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    try:
        _move(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _move(beside: Path, path: Path) -> None:
    try:
        beside.replace(path)
    except OSError as e:
        if e.errno not in _NOT_MOVED:
            raise
        with beside.open("rb") as source, path.open("wb") as file:
            shutil.copyfileobj(source, file)
            file.flush()
            _sync(file.fileno())
        return
    if os.name == "posix":  # the new name is on the disk when its folder is
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            _sync(folder)
        finally:
            os.close(folder)


def _sync(number: int) -> None:
    try:
        os.fsync(number)
    except OSError as e:
        if e.errno not in _NOT_SYNCED:
            raise


def _followed(path: Path) -> Path:
    """Return where a link leads, and any other path as it is."""
    try:
        os.fsencode(path)
        if "\0" in str(path):
            raise OSError(errno.EINVAL, "a file's name cannot hold a NUL")
        real = path.resolve() if path.is_symlink() else path
    except ValueError as e:  # Unicode's errors are among them
        raise OSError(errno.EINVAL, str(e)) from e
    except RuntimeError as e:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from e
    if real.is_symlink():  # to itself, as newer Pythons leave it
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return real
