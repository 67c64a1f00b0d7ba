"""Commands on a terminal, of a width, at which somebody types."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

from support import PATIENCE_S

__all__ = ["typed_on_a_terminal"]


def typed_on_a_terminal(
    arguments: Sequence[str],
    typed: str,
    folder: Path,
    env: Mapping[str, str],
    *,
    program: Sequence[str] = ("-m", "tempkit"),
    stdout: int | None = None,
    columns: int | None = None,
) -> tuple[int, str]:
    """Run a command at a terminal where this is typed; return its exit code and all that the terminal shows.

    Args:
        arguments: Of the command.
        typed: What is typed, from the start: a terminal keeps it until it is read.
        folder: Where the command is called.
        env: Its environment.
        program: What Python runs.
        stdout: Where its output goes instead.
        columns: How wide the terminal is; None: as it comes.
    """
    ours, its = pty.openpty()
    if columns is not None:
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env=dict(env),
        stdin=its,
        stdout=its if stdout is None else stdout,
        stderr=its,
    ) as command:
        os.close(its)
        os.write(ours, typed.encode())
        shown = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux's way to say that nobody writes any more
                break
            if not part:
                break
            shown += part
        command.wait(PATIENCE_S)
    os.close(ours)
    return command.returncode, shown.decode(errors="replace")
