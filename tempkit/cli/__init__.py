"""The command line: parse, call the library, print. Commands live in modules of their own, imported when they are called.

`tempkit --help` must answer at once, so this module knows each command's summary by itself and imports click alone.
"""

import gc
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from tempkit._version import __version__
from tempkit.cli import ending, json_wanted, quiet, streams
from tempkit.errors import Interrupted, TempkitError

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main"]

_COMMANDS = {
    "init": "Make a folder to start from: a prompt, example questions and the next command to type.",
    "choose": "Find the temperature for your prompts on a model, in one go.",
    "run": "Send prompts to models at several temperatures and store every answer.",
    "runs": "List the runs in the database.",
    "show": "Print a table per model and temperature for a run.",
    "measure": "Compute a run's measures, or bring them up to date.",
    "exact": "Compute how probable accepted answers are at every temperature (local).",
    "judge": "Let a model grade a run's answers, or compare them in pairs.",
    "rate": "Let people compare a run's answers without knowing their temperatures.",
    "recommend": "Say which temperature to use, what it could cost, and why.",
    "decide": "Keep the temperature to use in the prompt's file, with where it is from.",
    "verify": "Test the temperatures that prompt files keep: do they still hold?",
    "topup": "Ask for more answers, only where they could settle which temperature to use.",
    "trends": "Show how every measure of a run changes with temperature.",
    "report": "Write an HTML report of a run.",
    "export": "Write a run's samples, tokens or scores as CSV, JSON Lines or Parquet.",
    "import": "Bring in answers or scores that were made elsewhere.",
    "db": "Look after the database: check, size, merge, copy, prune, vacuum; rename runs.",
    "models": "List backends and bundled models, or check that a model can be used.",
    "probe": "Find out what a model does with temperature, before a run is paid for.",
    "doctor": "Check this installation: versions, database, engine, keys, terminal.",
    "completion": "Print what lets a shell complete runs, models and use cases.",
    "help": "Say what there is, or how a command is used.",
    "demo": "Choose a temperature for two use cases on the bundled model, and write a report.",
}


_COMPLETING = "_TEMPKIT_COMPLETE"
"""The variable by which a shell asks what may follow."""


class _Lazy(click.Group):
    """A group whose commands are imported on first use; a test holds the summaries to the commands' own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = "import_" if cmd_name == "import" else cmd_name  # `import` cannot be a module's name
        command = import_module(f"tempkit.cli.{module}").command
        assert isinstance(command, click.Command)  # noqa: S101
        if not any(each.human_readable_name == "quiet" for each in command.params):
            command.params.append(quiet.quiet_option())
        if _COMPLETING in os.environ:
            from tempkit.cli.completing import attach

            attach(command, cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from tempkit.errors import nearest, one_line

            named = one_line(args[0], 40)
            hint = nearest(named, [*_COMMANDS]) or f"; known: {', '.join(_COMMANDS)}"
            ctx.fail(f"no command {named!r}{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: tempkit demo",
)
@click.version_option(__version__, "-V", "--version", message="tempkit %(version)s")
@click.option("--debug", is_flag=True, help="Show a traceback with an error.")
@click.option(
    "-q",
    "--quiet",
    "silent",
    is_flag=True,
    help="Print only the result and errors; every command has it, too.",
)
def cli(debug: bool, silent: bool) -> None:
    """Find the temperature that suits your prompts and your model, on evidence."""
    del debug  # read from the arguments in `main`, which must know it even when parsing fails
    if silent:
        quiet.be_quiet(True)


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed samples, 4 no decision reaches what --require asks for,
    5 nothing to decide by, 6 a kept decision no longer holds, 7 the model behind it changed, 130 interrupted.
    """
    # A sweep makes hundreds of thousands of small objects that hold no cycles: looking for some took a thirtieth of its time.
    gc.set_threshold(50_000, 20, 20)
    if args is None:
        _hear_signals()
    streams.guard()
    quiet.be_quiet(False)  # one that was called before in this process, and broken off, may have been
    if asked := os.environ.get(_COMPLETING):
        from tempkit.cli.completion_scripts import answer

        sys.exit(answer(cli, asked))
    try:
        code = _called(sys.argv[1:] if args is None else args)
        quiet.be_quiet(False)
        if args is None:  # a late signal could only break off the tidying up
            _ignore_signals()
    except KeyboardInterrupt:  # another one while the first was being told of
        code = 130
    gc.freeze()  # the interpreter would look through everything once more before it ends, for a fifth of a second
    sys.exit(code)


_ENDING = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
]


def _hear_signals() -> None:
    """Let every signal that asks to end do so as a Ctrl-C does, once; those to be ignored stay ignored.

    Programs like `timeout`, and shells that lose their terminal, send theirs to the process and to its group.
    """

    def once(number: int, frame: "FrameType | None") -> None:
        del frame
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else once)


def _ignore_signals() -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def _called(arguments: list[str]) -> int:
    """Call the command, say what went wrong, and return the exit code."""
    debug = "--debug" in arguments
    json_wanted.begin(arguments, list(_COMMANDS))
    try:
        code = cli.main(arguments, prog_name="tempkit", standalone_mode=False)
        streams.flush()
    except SystemExit as e:
        code = e.code
    except streams.OutputLostError as e:
        if e.unread:
            return 0
        return ending.complain(f"cannot print: {e}; send the output elsewhere", 1, "output")
    except (click.Abort, KeyboardInterrupt) as e:
        return ending.interrupted(e)
    except click.ClickException as e:
        return ending.refused(e)
    except Interrupted as e:
        return ending.interrupted(None, str(e))
    except TempkitError as e:
        if debug:
            raise
        return ending.stopped(e)
    except Exception as e:  # the last resort: a person gets one line, whatever it was
        if debug:
            raise
        return ending.unexpected(e)
    if why := streams.lost():
        ending.tell("warning: ", f"what was to be printed is lost ({why}); all else is done")
    return code if isinstance(code, int) else 0
