"""Write several files where there are none of their names: all of them or none."""

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["write_new"]


def write_new(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write files that are not there yet into a folder, which is made where it is missing, and return their paths.

    Args:
        folder: Where they go.
        texts: What is in them, by name.

    Raises:
        FileExistsError: One of the names is taken, whatever has it; `filename` says which.
        OSError: They cannot be written there. In both cases nothing is.
    """
    paths = {folder / name: text for name, text in texts.items()}
    if taken := next((path for path in paths if os.path.lexists(path)), None):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(taken))
    made_folders = [each for each in (folder, *folder.parents) if not os.path.lexists(each)]
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in paths.items():
            with path.open("xb") as file:  # taken since it was looked for, it is refused all the same
                written.append(path)
                file.write(text.encode())
    except BaseException:
        for path in written:
            path.unlink()
        for each in made_folders:
            with suppress(OSError):  # it was not made yet, or somebody else has put something into it
                each.rmdir()
        raise
    return written
