"""What a command prints, as to a terminal of some width or as to a pipe."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout


@contextmanager
def terminal(columns: int | None) -> Iterator[io.StringIO]:
    """Take what is printed, as to a terminal of so many columns that wants no colours; None: as to a pipe."""
    before = dict(os.environ)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        os.environ.pop(name, None)
    if columns:
        os.environ.update(COLUMNS=str(columns), FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color")
    try:
        with redirect_stdout(io.StringIO()) as printed:
            yield printed
    finally:
        os.environ.clear()
        os.environ.update(before)


def plain(out: io.StringIO) -> str:
    """Return what was printed as a person reads it: without bold."""
    return re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
