"""Servers that speak OpenAI's Chat Completions, as data: where they are and what each does differently."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from tempkit.backends.openai.places import check_places, filled
from tempkit.backends.remote import endpoints
from tempkit.backends.remote.endpoints import is_host
from tempkit.errors import UsageError
from tempkit.types import BatchTerms, ModelSpec

__all__ = [
    "Preset",
    "base_url",
    "key_name",
    "known_keys",
    "own_domain",
    "own_key",
    "preset_of",
    "served_by",
]

_OFFICIAL = "api.openai.com"
_OWNERS = {"llamacpp": "llama-server", "sglang": "sglang", "vllm": "vllm"}
"""What these servers name as the owner of every model that they list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One kind of server; the head of `presets.toml` says what the fields mean."""

    name: str
    params: frozenset[str]
    base_url: str = ""
    base_url_env: str = ""
    needs_url: str = ""
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    key_header: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    omit_neutral: tuple[str, ...] = ()
    off: Mapping[str, Any] = field(default_factory=dict)
    neutral: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = False
    props: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    logprobs: Literal["chat", "count", "none"] = "chat"
    batch: BatchTerms | None = None


@cache
def _presets() -> dict[str, Preset]:
    found = tomllib.loads(Path(__file__).with_name("presets.toml").read_text(encoding="utf-8"))
    return {name: _preset(name, **fields) for name, fields in found.items()}


def _preset(name: str, *, params: list[str], batch: Mapping[str, Any] | None = None, **others: Any) -> Preset:
    terms = None if batch is None else BatchTerms(**batch)
    return Preset(name=name, params=frozenset(params), batch=terms, **others)


def preset_of(model: ModelSpec) -> Preset:
    """Return the preset of a model: that of its backend's name, unless it is `openai` at another server."""
    presets = _presets()
    if model.backend == "openai" and not _is_official(base_url(model)):
        return presets["compatible"]
    return presets[model.backend]


def served_by(listed: Collection[str]) -> Preset | None:
    """Return the preset of the software that a server of nobody's preset runs, by whom it says its models are owned by; None: not known."""
    names = {_OWNERS[owner] for owner in listed if owner in _OWNERS}
    return _presets()[names.pop()] if len(names) == 1 else None


def _is_official(url: str) -> bool:
    return is_host(url, _OFFICIAL)


def key_name(model: ModelSpec) -> str:
    """Return the variable that holds the key of a model; "" where none is sent.

    Raises:
        UsageError: The environment names another server than the key is for, and nobody has said that it is meant.
    """
    preset = _presets()[model.backend]
    has_own = bool(preset.base_url and preset.base_url_env)
    return endpoints.key_name(
        model, preset.base_url_env, preset.key, base_url(model), _is_official if has_own else None
    )


def own_key(backend: str) -> str:
    """Return the variable that holds the key of a preset; "" where there is none, or no such preset."""
    preset = _presets().get(backend)
    return preset.key if preset else ""


def own_domain(backend: str) -> str:
    """Return the host of a preset that asks a provider; "" for a server of one's own, or where there is no such preset."""
    preset = _presets().get(backend)
    return "" if preset is None or not preset.key else urlsplit(preset.base_url).hostname or ""


def known_keys() -> frozenset[str]:
    """Return the variables in which the presets look for keys."""
    return frozenset(preset.key for preset in _presets().values() if preset.key)


def base_url(model: ModelSpec) -> str:
    """Return where the model is.

    Raises:
        UsageError: Nobody has said so, or not in which region or project.
    """
    preset = _presets()[model.backend]
    check_places(model, preset.places)
    usual = preset.base_url
    if preset.places and not model.options.get("base_url"):
        usual = filled(model, usual, preset.places, preset.at)
    url = endpoints.base_url(model, preset.base_url_env, usual)
    if not url:
        where = f" or set {preset.base_url_env}" if preset.base_url_env else ""
        raise UsageError(f"{model.id}: no address; add ,base_url={preset.needs_url} to the model{where}")
    return url
