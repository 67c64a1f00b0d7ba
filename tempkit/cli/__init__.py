"""The command line: parse, call the library, print. Commands live in modules of their own, imported when they are called.

`tempkit --help` must answer at once, so this module knows each command's summary by itself and imports click alone.
"""

import gc
import os
import sys
from importlib import import_module

import click

from tempkit._version import __version__
from tempkit.errors import TempkitError

__all__ = ["main"]

_COMMANDS = {
    "run": "Send prompts to models at several temperatures and store every completion.",
    "runs": "List the runs in the database.",
    "show": "Print a table per model and temperature for a run.",
    "measure": "Compute a run's measures, or bring them up to date.",
    "judge": "Let a model grade a run's answers, or compare them in pairs.",
    "recommend": "Say which temperature to use, what it could cost, and why.",
    "topup": "Draw more answers, only where they could settle which temperature to use.",
    "trends": "Say what every measure of a run does as temperature rises.",
    "report": "Write an HTML report of a run.",
    "export": "Write a run's samples, tokens or scores as CSV, JSON Lines or Parquet.",
    "import": "Bring in completions or scores that were made elsewhere.",
    "models": "List backends and bundled models, or check that a model can be used.",
    "demo": "Sweep the bundled model over two use cases and write a report.",
}


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
def cli(debug: bool) -> None:
    """Find the temperature that suits your prompts and your model, on evidence."""
    del debug  # read from the arguments in `main`, which must know it even when parsing fails


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit.

    Exit codes: 0 done, 1 error, 2 usage, 3 finished with failed samples, 4 no decision reaches what --require asks for,
    5 nothing to decide by, 130 interrupted.
    """
    # A sweep makes hundreds of thousands of small objects that hold no cycles: looking for some took a thirtieth of its time.
    gc.set_threshold(50_000, 20, 20)
    arguments = sys.argv[1:] if args is None else args
    debug = "--debug" in arguments
    try:
        code = cli.main(arguments, prog_name="tempkit", standalone_mode=False)
    except TempkitError as e:
        if debug:
            raise
        code = _complain(str(e), e.exit_code)
    except click.ClickException as e:
        context = e.ctx if isinstance(e, click.UsageError) else None
        hint = f" (see: {context.command_path} --help)" if context else ""
        code = _complain(f"{e.format_message()}{hint}", e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        code = _complain("interrupted", 130)
    except BrokenPipeError:  # the reader of our output has gone: `tempkit runs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    gc.freeze()  # the interpreter would look through everything once more before it ends, for a fifth of a second
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int) -> int:
    from tempkit.errors import one_line

    click.echo(
        click.style("error: ", fg="red", bold=True) + one_line(message, 2000), err=True, color=_color()
    )
    return code


def _color() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None
