"""`tempkit measure`."""

import click

from tempkit.cli.common import db_option, json_option, print_json, say_note
from tempkit.cli.progress import shown
from tempkit.cli.quiet import hint
from tempkit.cli.streams import work_is_elsewhere


@click.command("measure", short_help="Compute a run's measures, or bring them up to date.")
@click.argument("run", default="latest")
@click.option(
    "--reference",
    metavar="MODEL",
    help="Score every text under this model at temperature 1 from now on, for incoherence; none: under none. "
    "Default: gguf:smollm2, where it is installed and a use case of the run guards against incoherence.",
)
@click.option(
    "--embedder",
    metavar="MODEL",
    help="Compare texts by this embedding model from now on, e.g. openai:text-embedding-3-small or "
    "gguf:/path/model.gguf; wordllama is the bundled one.",
)
@click.option(
    "--base-url",
    metavar="URL",
    help="For an openai: embedder: the server, e.g. http://localhost:8080/v1.",
)
@click.option(
    "--api-key-env", metavar="NAME", help="With --base-url: the environment variable that holds the key."
)
@click.option("--anew", is_flag=True, help="Measure everything again, whether it changed or not.")
@db_option
@json_option
def command(
    run: str,
    reference: str | None,
    embedder: str | None,
    base_url: str | None,
    api_key_env: str | None,
    anew: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Compute the measures of RUN: a name, an id, the beginning of one, or latest.

    Scores that are up to date are kept. The other commands measure by themselves; this one is for a reference model other
    than the bundled one, or an embedder other than wordllama. Both are remembered with the run and used again by all commands.

    \b
    Examples:
      tempkit measure latest
      tempkit measure latest --reference gguf:smollm2
      tempkit measure latest --embedder openai:text-embedding-3-small
      tempkit measure latest --embedder openai:nomic --base-url http://localhost:8080/v1
      tempkit measure latest --embedder wordllama
    """
    from tempkit.api import measure, reference_models
    from tempkit.errors import UsageError, one_line
    from tempkit.store import Store

    work_is_elsewhere()
    given = {"base_url": base_url, "api_key_env": api_key_env}
    options = {name: value for name, value in given.items() if value is not None}
    if options and embedder is None:
        raise UsageError("--base-url and --api-key-env are about an embedder: name it with --embedder")
    with Store.open(db, must_exist=True) as store:
        record = store.find_run(run)
        with shown() as on_progress:
            done = measure(
                record, db=store,
                reference=reference, embedder=embedder, embedder_options=options, anew=anew,
                on_note=say_note, on_progress=on_progress,
            )  # fmt: skip
        models, references = store.model_infos(record.id), reference_models(store, record)
    if as_json:
        facts = {"blocks": done.blocks, "measured": done.renewed, "reference_models": references}
        print_json(facts, run=record)
        return
    several = len(models) > 1
    if done.renewed:
        rest = "" if done.renewed == done.blocks else f"; {done.blocks - done.renewed} were up to date"
        hint(f"Measured {_answers(done.renewed, several)}{rest}.")
    else:
        hint(f"Up to date: {_answers(done.blocks, several)}.")
    for model in references:
        hint(f"Incoherence is under {one_line(model)}.")


def _answers(blocks: int, several: bool) -> str:
    if several:
        return f"{blocks} set{'s' * (blocks != 1)} of answers, each of one model to one question"
    return f"the answers to {blocks} question{'s' * (blocks != 1)}"
