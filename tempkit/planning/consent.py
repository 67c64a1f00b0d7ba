"""What an experiment file may do that its user may not expect: it may come from somebody else.

It says which files are sent and where keys go. So its prompts lie in its own folder, and a key goes to the provider that it is for,
unless the command line says that anything else is meant.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tempkit.backends.openai.presets import known_keys, own_key
from tempkit.errors import ExperimentError, one_line
from tempkit.files.yaml_documents import Document, parse_yaml
from tempkit.planning.experiment import Experiment
from tempkit.prompts.data_rows import read_text
from tempkit.types import ModelSpec

__all__ = ["Consent", "check_consent"]

_OWN = {"anthropic": ("ANTHROPIC_API_KEY",), "google": ("GEMINI_API_KEY", "GOOGLE_API_KEY")}
"""The keys of backends that are no presets."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line allows an experiment file."""

    keys: Collection[str] = ()
    """Environment variables whose value it may send as a key."""
    servers: Collection[str] = ()
    """`HOST` or `HOST:PORT` that it may send keys to."""
    outside: bool = False
    """Prompts outside of its folder."""


def check_consent(
    path: Path, experiment: Experiment, consent: Consent, *, prompts: bool = True, models: bool = True
) -> None:
    """Refuse an experiment file what nobody has allowed it.

    Args:
        path: The file.
        experiment: What it says.
        consent: What it may.
        prompts: Whether its prompts are what is run; likewise its models.
        models: See there.

    Raises:
        ExperimentError: Naming file and line, and the options that allow it.
    """
    document = parse_yaml(read_text(path, "experiment file"), str(path), ExperimentError)
    if prompts and not consent.outside:
        _check_files(document, experiment)
    for i, model in enumerate(experiment.models if models else ()):
        if needed := list(_needed(model, consent)):
            url = str(model.options.get("base_url") or f"the server of {model.backend}:")
            document.fail(
                f"{one_line(model.label, 80)} sends the key in {model.options['api_key_env']} to {one_line(url, 100)}; "
                f"if that is meant, add {' '.join(needed)}",
                *_place(document, "models", i),
            )


def _check_files(document: Document, experiment: Experiment) -> None:
    """Refuse files outside of the experiment's folder; a link is what it leads to."""
    folder = experiment.folder.resolve()
    for i, text in enumerate(experiment.prompts):
        if _leads_out(experiment.folder / text, folder):
            document.fail(
                f"the prompt {one_line(text, 100)!r} is a file outside of the experiment's folder; if it is meant to be sent, add "
                "--allow-outside",
                *_place(document, "prompts", i),
            )
    named = experiment.use_case
    if named and named.endswith(".toml") and _leads_out(Path(named), folder):
        document.fail(
            f"the use case {one_line(named, 100)!r} is a file outside of the experiment's folder; if it is meant, add --allow-outside",
            "use_case",
        )


def _leads_out(path: Path, folder: Path) -> bool:
    try:
        return path.is_file() and not path.resolve().is_relative_to(folder)
    except (OSError, ValueError, RuntimeError):  # no possible name of a file, or links in a circle
        return False


def _place(document: Document, name: str, i: int) -> tuple[str | int, ...]:
    return (name, i) if isinstance(document.at(name), list) else (name,)


def _needed(model: ModelSpec, consent: Consent) -> Iterator[str]:
    """Yield the options that would allow a model to send the key that it names."""
    name, url = model.options.get("api_key_env"), model.options.get("base_url")
    if name is None:
        return
    own = {own_key(model.backend), *_OWN.get(model.backend, ())}
    known = own | known_keys() | {key for keys in _OWN.values() for key in keys}
    if name not in (known if url else own) and name not in consent.keys:
        yield f"--allow-key-env {name}"
    if url:
        parts = urlsplit(str(url))
        allowed = {urlsplit(s if "://" in s else f"//{s}").netloc.lower() for s in consent.servers}
        if not allowed & {parts.netloc.lower(), (parts.hostname or "").lower()}:
            yield f"--allow-key-to {parts.netloc}"
