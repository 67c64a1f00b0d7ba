"""Options that several commands which ask models have: the server, the budget, what to try, what is allowed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tempkit.cli.number_options import NUMBER, WHOLE

if TYPE_CHECKING:
    from tempkit.types import Budget

__all__ = [
    "arm_option",
    "budget_of",
    "budget_options",
    "data_option",
    "env_option",
    "executor_of",
    "executor_options",
    "ignored_temperature_option",
    "probe_option",
    "server_options",
]

F = TypeVar("F", bound=Callable[..., Any])


def server_options(function: F) -> F:
    """Add `--base-url` and `--api-key-env`."""
    key = click.option(
        "--api-key-env",
        metavar="NAME",
        help="With --base-url: the environment variable that holds the key.",
    )
    url = click.option(
        "--base-url",
        metavar="URL",
        multiple=True,
        callback=_together,
        help="For openai: models: the server, e.g. http://localhost:8080/v1; again for each further server that has the same model.",
    )
    return url(key(function))


def _together(_context: click.Context, _option: click.Parameter, urls: tuple[str, ...]) -> str | None:
    """Return addresses as the option `base_url` of a model takes them."""
    return ",".join(urls) if urls else None


def executor_options(function: F) -> F:
    """Add `--executor` and `--ray-address`; `executor_of` reads them."""
    address = click.option(
        "--ray-address",
        metavar="ADDRESS",
        help="The Ray cluster that draws: HOST:PORT, or auto for the one of this machine. Default: $RAY_ADDRESS, else one begun for this call.",
    )
    name = click.option(
        "--executor",
        metavar="NAME",
        help="What draws from local models: local, or ray, as in ray,actors=4,num_cpus=8,num_gpus=1. Default: the file's, else local.",
    )
    return name(address(function))


def executor_of(executor: str | None, ray_address: str | None) -> str | None:
    """Return what the options of `executor_options` say, in the words of the first.

    Raises:
        UsageError: An address of what is not Ray.
    """
    from tempkit.errors import UsageError

    if ray_address is None:
        return executor
    if executor is not None and executor.split(",")[0].strip() != "ray":
        raise UsageError("--ray-address is for --executor ray")
    return f"{executor or 'ray'},address={ray_address}"


def budget_options(of: str) -> Callable[[F], F]:
    """Add `--budget-usd` and `--budget-tokens` of something (`the run`, ...); `budget_of` reads them."""

    def add(function: F) -> F:
        tokens = click.option(
            "--budget-tokens",
            type=WHOLE,
            metavar="N",
            help="The same in tokens, of prompts and answers together.",
        )
        usd = click.option(
            "--budget-usd",
            type=NUMBER,
            metavar="USD",
            help=f"Begin nothing more once {of} has cost this much.",
        )
        return usd(tokens(function))

    return add


def budget_of(usd: float | None, tokens: int | None) -> "Budget":
    """Return what the options of `budget_options` allow.

    Raises:
        UsageError: One is no possible budget.
    """
    from tempkit.prompts import amount, whole_number
    from tempkit.types import Budget

    return Budget(usd=amount(usd, "--budget-usd"), tokens=whole_number(tokens, "--budget-tokens", least=1))


def ignored_temperature_option(function: F) -> F:
    """Add `--allow-ignored-temperature`."""
    return click.option(
        "--allow-ignored-temperature",
        is_flag=True,
        help="Ask models that are known to ignore the temperature, too; the report says so.",
    )(function)


def probe_option(function: F) -> F:
    """Add `--no-probe`."""
    return click.option(
        "--no-probe",
        is_flag=True,
        help="Do not probe a model first of which nobody knows what it does with the temperature.",
    )(function)


def env_option(function: F) -> F:
    """Add `--allow-env`."""
    return click.option(
        "--allow-env",
        "env",
        multiple=True,
        metavar="NAME",
        help="An environment variable that a prompt file may refer to as ${env:NAME}; may be repeated.",
    )(function)


def data_option(function: F) -> F:
    """Add `--data`."""
    return click.option(
        "--data",
        metavar="FILE",
        help="Rows that fill in the prompt files' inputs, in place of their own data or samples: .csv, .tsv, .jsonl, .yaml.",
    )(function)


def arm_option(function: F) -> F:
    """Add `--arm`."""
    return click.option(
        "--arm",
        "arms",
        multiple=True,
        metavar="SETTINGS",
        help="Try these settings too: recommended (the model's own), or as in 0.7,top_p=0.9 or 1,reasoning_effort=low; may be repeated.",
    )(function)
