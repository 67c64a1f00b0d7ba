"""`python -m tempkit`, and what the `tempkit` command calls."""

# The module behind `signal`, which is there already: importing the other takes as long as all that comes before it.
import _signal as signal  # type: ignore[import-not-found]

__all__ = ["run"]


def run() -> None:
    """Run the command line and exit.

    While it is imported there is nothing that a Ctrl-C could interrupt but the imports, and it would show their traceback: so
    until then it just ends the process. One that was told to ignore it goes on to.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # `main` puts it back
    from tempkit.cli import main

    main()


if __name__ == "__main__":
    run()
