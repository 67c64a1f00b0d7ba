"""The helper's process, run as `python -m tempkit.limited.worker BYTES` by `helper.py`.

It takes orders on standard input, answers on standard output, and ends when either is closed. Ctrl-C reaches the whole
terminal but is the parent's to handle.
"""

import os
import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Do what standard input says until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever prints must not land between the answers
    from tempkit.limited.work import confine, serve

    confine(int(sys.argv[1]))
    try:
        serve(sys.stdin.buffer, answers)
    except (EOFError, BrokenPipeError):  # the parent is gone or has heard enough
        return


if __name__ == "__main__":
    main()
