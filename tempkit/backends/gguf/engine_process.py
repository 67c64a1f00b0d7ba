"""The engine's process: llama.cpp lives here, so that a model it cannot bear takes nothing else down.

Run as `python -m tempkit.backends.gguf.engine_process` by `engine.py`, which it serves.
"""

from tempkit.sandbox import Serve, answer_orders

__all__ = ["main"]


def _engine() -> Serve:
    from tempkit.backends.gguf.engine_tasks import serve

    return serve


def main() -> None:
    """Do what standard input says until it ends."""
    answer_orders(_engine)


if __name__ == "__main__":
    main()
