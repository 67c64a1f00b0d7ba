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
_OTHER_WAYS = re.compile(
    r"(completion|completions|embedding|embeddings|image|video|realtime|transcription|speech|assistant|moderation|live|agents|codex|text-generation"
    r"|feature-extraction|text-classification|token-classification|sentence-similarity|agent|flow|kb|knowledge-base|sagemaker|chatkit|claude-agent-sdk)",
)
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
_URL = ("apiBaseUrl", "baseUrl", "base_url")
_REGION = re.compile(r"[a-z0-9-]{1,40}", re.ASCII)
_KEY_NAME = "apiKeyEnvar"
_KEYS = ("apiKey", "api_key")


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


def providers(document: Document, folder: Folder, left: LeftOut) -> Providers:
    """Return the models that a configuration names and tempkit has.

    Raises:
        PromptError: A provider is none; the message begins with `file:line`.
    """
    key = "targets" if document.at("providers") is None else "providers"
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
            left.add(f"a provider's {key}", where)
    model = None if SCRIPT.search(name) or "{{" in name else _model(name)
    if model is None:
        left.add(f"the provider {one_line(name, 60)}, which tempkit cannot ask", where)
        return
    config = given.get("config")
    if config is not None and not isinstance(config, dict):
        document.fail(f"config must be a mapping, not {kind(config)}", *place, "config")
    label = given.get("label")
    options, own = _config(config or {}, model, document, left, *place, "config")
    settings.append(own)
    found.models.append(
        Provider(model, str(label) if label else None, options, place if document.at(*place) is given else ())
    )


def _model(name: str) -> str | None:
    """Return a provider as `backend:name`; None where tempkit has none for it."""
    first, _, rest = name.partition(":")
    backend = _BACKENDS.get(first)
    way, colon, tail = rest.partition(":")
    if backend is None or not rest:
        return None
    if way in _WAYS:
        return f"{backend}:{tail}" if colon and tail else None
    if _OTHER_WAYS.fullmatch(way):
        return None
    return f"{backend}:{rest}"


def _config(
    config: Mapping[str, Any], model: str, document: Document, left: LeftOut, *place: str | int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a provider's configuration into how it is reached, and sampling fields."""
    options: dict[str, Any] = {}
    own: dict[str, Any] = {}
    given = dict(config)
    for key in ("generationConfig", "options"):
        inner = given.get(key)
        if isinstance(inner, dict):
            given = {**{k: v for k, v in given.items() if k != key}, **inner}
    for key, value in given.items():
        where = at(document, *place, key)
        if value is None:
            continue
        if key == "temperature":
            left.add(f"a provider's temperature ({one_line(str(value), 20)}); those of -t are asked", where)
        elif key in _KEYS:
            left.add("an API key in the file; keys come from the environment", where)
        elif (
            key in _URL
            and isinstance(value, str)
            and "{{" not in value
            and model.startswith(("openai:", "azure:", "vllm:", "ollama:"))
        ):
            options["base_url"] = value
        elif key == "region" and model.startswith("bedrock:") and _REGION.fullmatch(str(value)):
            options["region"] = value
        elif key == _KEY_NAME and isinstance(value, str):
            options["api_key_env"] = value
        elif key in _SETTINGS and isinstance(value, (int, float, str, list)) and "{{" not in str(value):
            name = _SETTINGS[key]
            try:
                own[name] = getattr(sampling_params({name: value}), name)
            except UsageError as e:
                document.fail(f"{key}: {e}", *place, key)
        else:
            left.add(f"a provider's setting {key}", where)
    return options, own
