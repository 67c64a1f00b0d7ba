"""How a local model is meant to be sampled: by its own metadata, or by the `generation_config.json` beside it.

llama.cpp's converter writes what the latter says into `general.sampling.*`, and its programs take their defaults from there
(https://github.com/ggml-org/llama.cpp/pull/17120).
"""

import json
from pathlib import Path
from typing import Any

from tempkit.backends.gguf.metadata import MetadataError, read_metadata
from tempkit.backends.protocol import missing_model
from tempkit.errors import one_line
from tempkit.types import Advice, ModelSpec

__all__ = ["advice_of"]

_PREFIX = "general.sampling."
_BESIDE = "generation_config.json"
_LARGEST = 2**20
_NOT_SAMPLING = ("transformers_version", "use_cache", "cache_implementation", "do_sample")
_LENGTHS = ("max_length", "max_new_tokens", "min_length", "min_new_tokens")


def advice_of(model: ModelSpec, path: Path) -> tuple[Advice | None, tuple[str, ...]]:
    """Return what is recommended for a model file, and the places that were looked in.

    Raises:
        ModelError: The file's metadata, or the other file, cannot be read.
    """
    places: list[str] = [f"{_PREFIX}* in {path.name}"]
    try:
        own = read_metadata(path, _PREFIX)
    except (MetadataError, OSError) as e:
        raise missing_model(model, f"its metadata cannot be read: {_said(e)}") from e
    if own:
        return Advice(values=own, source=places[0]), tuple(places)
    beside = path.with_name(_BESIDE)
    places.append(f"{_BESIDE} beside it")
    if not beside.is_file():
        return None, tuple(places)
    try:
        values = _sampling(_object(beside))
    except (ValueError, RecursionError, OSError) as e:
        raise missing_model(
            model, f"{one_line(beside)} cannot be read: {_said(e)}; mend it, or take it away"
        ) from e
    return (Advice(values=values, source=f"{_BESIDE} beside {path.name}") if values else None), tuple(places)


def _object(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise ValueError("it is larger than 1 MiB")
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("it holds no object")  # noqa: TRY004  (one kind for all that is wrong with it)
    return found


def _sampling(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is about how tokens are drawn; nothing where all else is names and lengths."""
    if given.get("do_sample") is False:  # transformers then heeds none of the rest
        return {"temperature": 0.0}
    values = {
        name: value
        for name, value in given.items()
        if value is not None
        and name not in _NOT_SAMPLING
        and not name.startswith("_")
        and not name.endswith(("_token_id", "_token_ids"))
    }
    drawn = given.get("do_sample") is True or any(name not in _LENGTHS for name in values)
    if drawn and "temperature" not in values:
        values["temperature"] = 1.0  # what transformers takes where none is named
    return values if drawn else {}


def _said(error: Exception) -> str:
    return (error.strerror or "") if isinstance(error, OSError) else one_line(error, 120)
