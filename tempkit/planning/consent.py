"""What an experiment file, or a database, may do that its user may not expect: it may come from somebody else.

It says which files are sent and where keys go. So the files that it names lie in its own folder, and a key goes to the provider that
it is for, unless the command line, or whoever calls, says that anything else is meant.
"""

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tempkit.backends import known_keys, own_key, written_addresses
from tempkit.errors import ExperimentError, UsageError, one_line
from tempkit.files import Document, parse_yaml
from tempkit.prompts import read_text
from tempkit.types import ModelSpec

if TYPE_CHECKING:
    from tempkit.planning.experiment import Experiment

__all__ = ["Consent", "allowing", "as_begun", "check_consent", "check_stored", "leads_out"]

_OWN = {"anthropic": ("ANTHROPIC_API_KEY",), "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY")}
"""The keys of backends that are no presets."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line, or whoever calls, allows an experiment file or a stored run."""

    keys: Collection[str] = ()
    """Environment variables whose value it may send as a key."""
    servers: Collection[str] = ()
    """`HOST` or `HOST:PORT` that it may send keys to."""
    outside: bool = False
    """Prompts and use cases outside of its folder."""
    typed: bool = True
    """Whether errors name the options of a command; else the arguments of a function."""

    def __post_init__(self) -> None:
        if isinstance(self.keys, str) or isinstance(self.servers, str):
            raise UsageError("allow_key_env and allow_key_to are lists of names, not one name")

    def asks(self, *needed: tuple[str, str]) -> str:
        """Return how to allow what is needed: pairs of an option's name, and its value or an empty text."""
        if self.typed:
            return f"add {' '.join(f'{option} {value}'.strip() for option, value in needed)}"
        named = ((option.strip("-").replace("-", "_"), value) for option, value in needed)
        return f"pass {', '.join(f'{name}={[value] if value else True}' for name, value in named)}"


def check_consent(
    path: Path, experiment: "Experiment", consent: Consent, *, prompts: bool = True, models: bool = True
) -> None:
    """Refuse an experiment file what nobody has allowed it.

    Args:
        path: The file.
        experiment: What it says.
        consent: What it may.
        prompts: Whether its prompts are what is run; likewise its models.
        models: See there.

    Raises:
        ExperimentError: Naming file and line, and what allows it.
    """
    document = parse_yaml(read_text(path, "experiment file"), str(path), ExperimentError)
    if not consent.outside:
        _check_files(document, experiment, consent, prompts=prompts)
    for i, model in enumerate(experiment.models if models else ()):
        if needed := list(_needed(model, consent)):
            document.fail(_refusal(model, needed, consent), *_place(document, "models", i))


def check_stored(where: str, models: Iterable[ModelSpec], consent: Consent) -> None:
    """Refuse to send keys as a database says, which may come from somebody else, what nobody has allowed.

    Args:
        where: What is asked to be done, for the error: `run exam`.
        models: As they are stored.
        consent: What they may.

    Raises:
        UsageError: Naming the model, and what allows it.
    """
    for model in models:
        if needed := list(_needed(model, consent)):
            raise UsageError(f"{one_line(where, 80)}: {_refusal(model, needed, consent)}")


def as_begun(models: Iterable[ModelSpec]) -> Consent:
    """Return the leave for what was allowed when a run was begun by the same call, and goes on."""
    options = [model.options for model in models]
    keys = [str(each["api_key_env"]) for each in options if each.get("api_key_env")]
    servers = [url for each in options for url in written_addresses(each)]
    return Consent(keys=keys, servers=servers, typed=False)


def allowing(models: Iterable[ModelSpec]) -> str:
    """Return the options that let stored models send the keys that they name, each with a blank before it; empty where none is needed."""
    needed = dict.fromkeys(pair for model in models for pair in _needed(model, Consent()))
    return "".join(f" {option} {shlex.quote(value)}" for option, value in needed)


def _refusal(model: ModelSpec, needed: Sequence[tuple[str, str]], consent: Consent) -> str:
    url = ", ".join(written_addresses(model.options)) or f"the server of {model.backend}:"
    return (
        f"{one_line(model.label, 80)} sends the key in {one_line(str(model.options['api_key_env']), 80)} to {one_line(url, 100)}; "
        f"if that is meant, {consent.asks(*needed)}"
    )


def _check_files(document: Document, experiment: "Experiment", consent: Consent, *, prompts: bool) -> None:
    """Refuse files outside of the experiment's folder; a link is what it leads to."""
    folder, allow = experiment.folder, consent.asks(("--allow-outside", ""))
    for i, text in enumerate(experiment.prompts if prompts else ()):
        if isinstance(text, str) and leads_out(folder / text, folder):
            document.fail(
                f"the prompt {one_line(text, 100)!r} is a file outside of the experiment's folder; if it is meant to be sent, {allow}",
                *_place(document, "prompts", i),
            )
    named = experiment.use_case
    if named and named.endswith(".toml") and leads_out(Path(named), folder):
        document.fail(
            f"the use case {one_line(named, 100)!r} is a file outside of the experiment's folder; if it is meant, {allow}",
            "use_case",
        )


def leads_out(path: Path, folder: Path) -> bool:
    """Return whether a path is a file outside of a folder, links followed."""
    try:
        return path.is_file() and not path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # no possible name of a file, or links in a circle
        return False


def _place(document: Document, name: str, i: int) -> tuple[str | int, ...]:
    return (name, i) if isinstance(document.at(name), list) else (name,)


def _needed(model: ModelSpec, consent: Consent) -> Iterator[tuple[str, str]]:
    """Yield the options, each with its value, that would allow a model to send the key that it names."""
    name, urls = model.options.get("api_key_env"), written_addresses(model.options)
    if name is None:
        return
    own = {own_key(model.backend), *_OWN.get(model.backend, ())}
    known = own | known_keys() | {key for keys in _OWN.values() for key in keys}
    if name not in (known if urls else own) and name not in consent.keys:
        yield "--allow-key-env", str(name)
    for url in urls:
        parts = urlsplit(url)
        allowed = {urlsplit(s if "://" in s else f"//{s}").netloc.lower() for s in consent.servers}
        if not allowed & {parts.netloc.lower(), (parts.hostname or "").lower()}:
            yield "--allow-key-to", parts.netloc
