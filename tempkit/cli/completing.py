"""What the Tab key offers for each parameter: runs, models, use cases, measures, languages, formats, files.

A parameter is known by its name, so a new command's `run`, `model` or `use_case` is completed by itself. Nothing here is imported
unless a shell asks, and each import is of the one thing asked about: somebody waits with a finger on the key.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click
from click.shell_completion import CompletionItem

__all__ = ["NO_SPACE", "attach"]

Item = CompletionItem[str]
Completer = Callable[[click.Context, str], list[Item]]

NO_SPACE = (":", "/")
"""Ends of words that go on."""


def attach(command: click.Command, name: str) -> None:
    """Let a command's parameters be completed by what they are called."""
    for param in command.params:
        found = _COMPLETERS.get((name, param.name or "")) or _COMPLETERS.get(("", param.name or ""))
        if found is not None:
            param.shell_complete = found  # type: ignore[method-assign, assignment]


def _beginning(names: "Iterable[tuple[str, str]]", typed: str) -> list[Item]:
    """Return names, each with what is said of it, that begin so and that can be typed."""
    said = dict(reversed([(name, about) for name, about in names if name.startswith(typed)]))
    return [Item(name, help=about) for name, about in reversed(said.items()) if name.isprintable()]


def _files(_ctx: click.Context, typed: str) -> list[Item]:
    return [Item(typed, type="file")]


def _runs(ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.store import glance

    runs = glance(ctx.params.get("db")).runs
    found = _beginning([(name, f"{status}, {day}") for _, name, status, day in runs], typed)
    found += _beginning([("latest", "the newest run")] if runs else [], typed)
    return found or _beginning([(id_, f"{name}, {day}") for id_, name, _, day in runs], typed)


def _runs_or_files(ctx: click.Context, typed: str) -> list[Item]:
    return [*_runs(ctx, typed), *_files(ctx, typed)]


def _models(ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.plugins import plugin_names
    from tempkit.store import glance

    backend, colon, name = typed.partition(":")
    if backend == "gguf" and any(name.startswith(each) for each in ("/", "./", "../", "~")):
        return _weights(name)
    models = [(id_, "asked before") for _, id_ in glance(ctx.params.get("db")).models]
    models += [*_local(backend), ("scripted:words", "a made-up model for tests")]
    if not colon:
        models += [(f"{each}:", "a backend") for each in plugin_names("tempkit.backends")]
    else:
        models += _hosted(backend)
    return _beginning(models, typed)


def _local(backend: str) -> list[tuple[str, str]]:
    """Return the bundled model and, once it is clear that a local one is wanted, those on this machine."""
    from tempkit.backends import find_local_models

    if not "gguf".startswith(backend) or not backend:
        return [("gguf:smollm2", "bundled")]
    return [(each.model, each.place) for each in find_local_models().models]


def _hosted(backend: str) -> list[tuple[str, str]]:
    """Return the models of a provider that the table of models has by their full names."""
    from tempkit.backends import named_models, today

    return [(f"{backend}:{name}", "") for name in named_models(backend, today())]


def _weights(typed: str) -> list[Item]:
    """Return folders and GGUF files under what is typed of a path."""
    head = typed[: typed.rfind("/") + 1]
    folder = Path(head or ".").expanduser()
    found = [each for each in sorted(folder.iterdir()) if each.is_dir() or each.suffix == ".gguf"]
    return _beginning(
        [(f"gguf:{head}{each.name}{'/' if each.is_dir() else ''}", "") for each in found], f"gguf:{typed}"
    )


def _embedders(ctx: click.Context, typed: str) -> list[Item]:
    return _beginning([("wordllama", "bundled")], typed) + _models(ctx, typed)


def _references(ctx: click.Context, typed: str) -> list[Item]:
    return _beginning([("none", "measure no incoherence")], typed) + _models(ctx, typed)


def _labels(ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.store import glance

    return _beginning([(label, "") for label, _ in glance(ctx.params.get("db")).models], typed)


def _use_cases(ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.decision import known_use_cases

    return [*_beginning([(name, "") for name in known_use_cases()], typed), *_files(ctx, typed)]


def _starters(_ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.prompts import starters

    return _beginning([(name, "") for name in starters()], typed)


def _measures(_ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.measures import MEASURES

    return _beginning([(name, each.title) for name, each in MEASURES.items()], typed)


def _languages(_ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.i18n import language_codes

    return _beginning([(code, "") for code in language_codes()], typed)


def _formats(_ctx: click.Context, typed: str) -> list[Item]:
    from tempkit.interchange import FORMATS
    from tempkit.plugins import plugin_names

    return _beginning([(name, "") for name in (*FORMATS, *plugin_names("tempkit.exporters"))], typed)


def _arms(_ctx: click.Context, typed: str) -> list[Item]:
    return _beginning([("recommended", "the model's own settings")], typed)


def _commands(ctx: click.Context, typed: str) -> list[Item]:
    group = ctx.find_root().command
    assert isinstance(group, click.Group)  # noqa: S101
    return [Item(name) for name in group.list_commands(ctx) if name.startswith(typed)]


_COMPLETERS: Mapping[tuple[str, str], Completer] = {
    ("", "run"): _runs,
    ("", "runs"): _runs,
    ("", "resume"): _runs,
    ("", "continued"): _runs,
    ("", "model"): _models,
    ("", "models"): _models,
    ("", "judge"): _models,
    ("", "embedder"): _embedders,
    ("", "reference"): _references,
    ("", "use_case"): _use_cases,
    ("", "use_case_for_prompts"): _use_cases,
    ("", "measure"): _measures,
    ("", "lang"): _languages,
    ("", "arms"): _arms,
    ("", "prompts"): _files,
    ("", "files"): _files,
    ("", "db"): _files,
    ("decide", "run_and_files"): _runs_or_files,
    ("decide", "model"): _labels,
    ("rate", "arguments"): _runs_or_files,
    ("export", "chosen"): _formats,
    ("init", "use_case"): _starters,
    ("help", "name"): _commands,
}
"""By command and parameter; an empty command stands for all others."""
