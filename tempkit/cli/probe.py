"""`tempkit probe`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from tempkit.cli.common import concurrency_option, json_option, print_json
from tempkit.cli.probe_output import print_comparison, print_probe
from tempkit.cli.quiet import is_quiet
from tempkit.cli.shared_options import server_options
from tempkit.cli.streams import work_is_elsewhere


@click.command("probe", short_help="Find out what a model does with temperature, before a run is paid for.")
@click.argument("models", nargs=-1, required=True, metavar="BACKEND:NAME")
@click.option(
    "--compare",
    is_flag=True,
    help="Of two models named, say whether they are the same one, as behind two addresses.",
)
@server_options
@concurrency_option
@click.option("--no-keep", is_flag=True, help="Only print what was found; runs do not go by it.")
@json_option
def command(
    models: tuple[str, ...],
    compare: bool,
    base_url: str | None,
    api_key_env: str | None,
    max_concurrency: int,
    no_keep: bool,
    as_json: bool,
) -> None:
    """Ask a model a few hundred short questions, and say whether its answers follow the temperature.

    Half of the well-known hosted models refuse the temperature or ignore it without a word, and servers of one's own cut or
    change it. Answers at several temperatures show which: by how often improbable tokens are drawn where the model tells
    probabilities (logprobs), else by how much answers differ. What is found is kept, and goes before what tempkit knows of
    the model; after 30 days it is said to be old.

    \b
    Examples:
      tempkit probe gguf:smollm2
      tempkit probe openai:gpt-5.4-mini
      tempkit probe openai:llama --base-url http://localhost:8080/v1 --json
      tempkit probe --compare together:llama fireworks:llama

    Exit codes: 0 done, whatever was found; 1 the model cannot be reached, or another error; 2 usage.
    """
    from tempkit.api import compare_endpoints, models_at, probe
    from tempkit.errors import UsageError

    if len(models) != (2 if compare else 1):
        raise UsageError(
            f"--compare takes two models, not {len(models)}"
            if compare
            else f"one model at a time, not {len(models)}; to hold one against another, add --compare"
        )
    specs = models_at(models, base_url, api_key_env)
    spec = specs[0]
    work_is_elsewhere()
    if compare:
        with _waiting() as on_part:
            both = compare_endpoints(spec, specs[1], concurrency=max_concurrency, on_part=on_part)
        if as_json:
            print_json(both.as_data())
        else:
            print_comparison(both)
        return
    with _waiting() as on_part:
        found = probe(spec, keep=not no_keep, concurrency=max_concurrency, on_part=on_part)
    if as_json:
        print_json(found.as_data())
    else:
        print_probe(found, kept=not no_keep)


@contextmanager
def _waiting() -> Iterator[Callable[[str], None]]:
    """Show on a terminal what is being asked, until it is over; elsewhere nobody is waiting."""
    if is_quiet() or not sys.stderr.isatty():
        yield lambda _part: None
        return
    from rich.console import Console

    with Console(stderr=True, highlight=False).status("asking") as status:
        yield lambda part: status.update(f"asking: {part}")
