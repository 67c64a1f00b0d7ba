"""What stands under `providers` or `targets`: models that tempkit has a backend for, and the settings that they share.

A provider's temperature is what a sweep replaces, so it is named and not used. Keys are never read; how a model is reached is, where it says no more
than a server's address and the name of a variable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempkit.errors import UsageError, one_line
from tempkit.files import Document, kind
from tempkit.prompts.left_out import LeftOut
from tempkit.prompts.promptfoo_config.folder import SCRIPT, Folder, at
from tempkit.prompts.promptfoo_config.reached import KEYS, MANTLE, REACHED, named_key, reached
from tempkit.prompts.sampling_options import sampling_params

__all__ = ["Provider", "Providers", "providers"]

_BACKENDS: Mapping[str, str] = {
    **{
        name: name
        for name in (
            "openai",
            "anthropic",
            "google",
            "ollama",
            "mistral",
            "groq",
            "openrouter",
            "xai",
            "deepseek",
            "cerebras",
            "cohere",
        )
    },
    **{
        name: name
        for name in (
            "azure",
            "fireworks",
            "together",
            "huggingface",
            "moonshot",
            "vertex",
            "bedrock",
            "llama-server",
            "lmstudio",
            "vllm",
        )
    },
    "azureopenai": "azure",
    "togetherai": "together",
    "palm": "google",
    "fireworksai": "fireworks",
}
"""Their names of providers, with tempkit's backends."""

_WAYS = ("chat", "messages", "responses")
_BEDROCK_WAYS = ("completion", "converse")
_OTHER_WAYS = re.compile(
    r"(completion|completions|embedding|embeddings|image|video|realtime|transcription|speech|tts|assistant|moderation|live|voice|agents|text-generation"
    r"|feature-extraction|text-classification|token-classification|sentence-similarity|agent|flow|kb|knowledge-base|sagemaker|chatkit|api|nova-sonic"
    r"|foundry-agent|claude-agent-sdk|claude-code|codex|codex-[a-z-]+)",
)
_PLAIN = ("openai", "anthropic", "azure", "google", "vertex", "mistral", "xai", "cohere")
"""Backends whose models have no colon in their names, so that what stands before one is a way of asking; but for models that were tuned, `ft:`."""
_SETTINGS: Mapping[str, str] = {
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "maxOutputTokens": "max_tokens",
    "maxTokens": "max_tokens",
    "max_gen_len": "max_tokens",
    "num_predict": "max_tokens",
    "max_new_tokens": "max_tokens",
    "top_p": "top_p",
    "topP": "top_p",
    "top_k": "top_k",
    "topK": "top_k",
    "min_p": "min_p",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "stop": "stop",
    "stop_sequences": "stop",
    "stopSequences": "stop",
}
_INNER = ("generationConfig", "options", "interfaceConfig", "inferenceConfig")
"""Mappings in a provider's configuration with settings like those beside them."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A model that a configuration names."""

    model: str
    """As `backend:name`."""
    label: str | None
    options: Mapping[str, Any]
    """How it is reached."""
    place: tuple[str | int, ...]
    """Where it stands in the configuration."""


@dataclass(slots=True)
class Providers:
    """All of a configuration's."""

    models: list[Provider] = field(default_factory=list)
    sampling: dict[str, Any] = field(default_factory=dict)
    """Settings that all of them have, by `SamplingParams` field."""
    transformed: list[str] = field(default_factory=list)
    """Where those whose answers a program changes stand, as `file:line`."""


def providers(document: Document, folder: Folder, left: LeftOut) -> Providers:
    """Return the models that a configuration names and tempkit has.

    Raises:
        PromptError: A provider is none; the message begins with `file:line`.
    """
    key = "providers" if document.at("targets") is None else "targets"
    if key == "targets" and document.at("providers") is not None:
        left.add("providers beside targets, which take their place", at(document, "providers"))
    given = document.at(key)
    given = [] if given is None else given if isinstance(given, list) else [given]
    single = not isinstance(document.at(key), list)
    found = Providers()
    settings: list[dict[str, Any]] = []
    for i, each in enumerate(given):
        _add(each, document, folder, left, found, settings, *((key,) if single else (key, i)))
    for name in {name: None for own in settings for name in own}:
        values = [own.get(name) for own in settings]
        if all(value == values[0] for value in values):
            found.sampling[name] = values[0]
        else:
            shown = ", ".join("none" if value is None else one_line(repr(value), 20) for value in values[:5])
            left.add(
                f"{name}, which differs between providers ({shown}); set one for all with an option",
                at(document, key),
            )
    alike = [(one.model, sorted(one.options.items())) for one in found.models]
    for model in dict.fromkeys(one.model for one in found.models):
        number = max(alike.count(one) for one in alike if one[0] == model)
        if number > 1:
            left.add(
                f"what tells {number} providers of {model} apart: each is asked, and all alike",
                at(document, key),
            )
    return found


def _add(
    given: Any,
    document: Document,
    folder: Folder,
    left: LeftOut,
    found: Providers,
    settings: list[dict[str, Any]],
    *place: str | int,
) -> None:
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        document.fail(f"a provider must be a text or a mapping, not {kind(given)}", *place)
    if "id" not in given and len(given) == 1:
        name, own = next(iter(given.items()))
        if isinstance(own, dict) or ":" in name:  # {"openai:gpt-5.4-mini": {config: ...}}
            own = own if isinstance(own, dict) else {}
            given = {**own, "label": own.get("label", own.get("id")), "id": name}
    name = given.get("id")
    where = at(document, *place)
    if not isinstance(name, str):
        document.fail("a provider needs an id, such as openai:gpt-5.4-mini", *place)
    if name.startswith("file://") and name.endswith((".yaml", ".yml", ".json")):
        for path in folder.find(name, document, *place):
            inner = folder.document(path)
            several = inner.value if isinstance(inner.value, list) else [inner.value]
            for i, each in enumerate(several):
                if (
                    isinstance(each, dict)
                    and isinstance(each.get("id"), str)
                    and each["id"].startswith("file://")
                ):
                    inner.fail("a provider's file must hold providers, not the name of another file", i)
                _add(
                    each,
                    inner,
                    folder,
                    left,
                    found,
                    settings,
                    *([i] if isinstance(inner.value, list) else []),
                )
        return
    for key in given:
        if key not in ("id", "label", "config"):
            left.add(f"a provider's {key}", at(document, *place, key))
    model = None if SCRIPT.search(name) or "{{" in name else _model(name)
    if model is None:
        left.add(f"the provider {one_line(name, 60)}, which tempkit cannot ask", where)
        return
    config = given.get("config")
    if config is not None and not isinstance(config, dict):
        document.fail(f"config must be a mapping, not {kind(config)}", *place, "config")
    label = given.get("label")
    how = reached(config or {}, name, model)
    if how is None:
        left.add(
            f"the provider {one_line(name, 60)} at an address that tempkit cannot ask",
            at(document, *place, "config"),
        )
        return
    own = _settings(config or {}, how, document, left, *place, "config")
    if given.get("transform"):
        found.transformed.append(where)
    settings.append(own)
    found.models.append(
        Provider(model, str(label) if label else None, how, place if document.at(*place) is given else ())
    )


def _model(name: str) -> str | None:
    """Return a provider as `backend:name`; None where tempkit has none for it."""
    first, _, rest = name.partition(":")
    backend = _BACKENDS.get(first)
    way, colon, tail = rest.partition(":")
    if backend is None or not rest:
        return None
    if backend == "bedrock" and way == MANTLE:
        return f"{backend}:{tail}" if tail else None
    if way in _WAYS or (backend == "bedrock" and way in _BEDROCK_WAYS):
        return f"{backend}:{tail}" if colon and tail else None
    if _OTHER_WAYS.fullmatch(way) or (colon and backend in _PLAIN and way != "ft"):
        return None
    return f"{backend}:{rest}"


def _settings(
    config: Mapping[str, Any],
    how: Mapping[str, Any],
    document: Document,
    left: LeftOut,
    *place: str | int,
) -> dict[str, Any]:
    """Return a provider's settings as sampling fields; what is none is named."""
    own: dict[str, Any] = {}
    settings: list[tuple[tuple[str, ...], Any]] = []
    for key, value in config.items():
        if key in _INNER and isinstance(value, dict):
            settings += [((key, inner), each) for inner, each in value.items()]
        else:
            settings.append(((key,), value))
    for keys, value in settings:
        key, where = keys[-1], at(document, *place, *keys)
        if value is None or how.get(REACHED.get(key, "")) is not None:
            continue
        if key == "temperature":
            left.add(f"a provider's temperature ({one_line(str(value), 20)}); those of -t are asked", where)
        elif key in KEYS:
            if "base_url" not in how or named_key({key: value}) is None:
                left.add("an API key in the file; keys come from the environment", where)
        elif key in _SETTINGS and isinstance(value, (int, float, str, list)) and "{{" not in str(value):
            name = _SETTINGS[key]
            try:
                own[name] = getattr(sampling_params({name: value}), name)
            except UsageError as e:
                document.fail(f"{key}: {e}", *place, *keys)
        else:
            left.add(f"a provider's setting {key}", where)
    return own
