"""The helper's process, run as `python -m tempkit.sandbox.worker BYTES` by `helper.py`, which it serves."""

import sys

from tempkit.sandbox.child_process import Serve, answer_orders

__all__ = ["main"]


def _confined() -> Serve:
    from tempkit.sandbox.tasks import confine, serve

    confine(int(sys.argv[1]))
    return serve


def main() -> None:
    """Do what standard input says until it ends."""
    answer_orders(_confined)


if __name__ == "__main__":
    main()
