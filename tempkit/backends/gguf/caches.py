"""GGUF models that are on this machine already, in the folders where other programs keep them.

These folders belong to others: nothing in them is trusted, nothing is changed, and what cannot be read is told.
"""

import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tempkit.backends.gguf.files import BUNDLED, bundled_file
from tempkit.backends.gguf.hub import parse_hub_name
from tempkit.backends.gguf.hub_cache import Cached, cached_models, ggufs_below, hub_cache, pick_cached
from tempkit.backends.gguf.variants import ChoiceError, problem, variants
from tempkit.errors import one_line

__all__ = ["LocalModel", "LocalModels", "Place", "find_local_models"]

Place = Literal["bundled", "Hugging Face", "llama.cpp", "LM Studio", "Ollama"]

_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_MODEL_LAYER = "application/vnd.ollama.image.model"
_OLLAMA_SERVICE = Path("/usr/share/ollama/.ollama/models")
"""Where Ollama keeps its models when Linux runs it as a service."""
_MANIFEST_MAX = 2**20  # bytes; real ones have about one thousand


@dataclass(frozen=True)
class LocalModel:
    """A model on this machine."""

    model: str
    """What to type: `gguf:...`."""
    name: str
    """What the program that keeps it calls it; printable, on one line."""
    place: Place
    path: Path
    """Its file, the first when it is split."""
    size: int
    """Bytes, of all its parts."""


@dataclass
class LocalModels:
    """What a search found, and where it looked."""

    models: list[LocalModel] = field(default_factory=list)
    """By place, then by name; each file once."""
    notes: list[str] = field(default_factory=list)
    """What was passed over, one line each."""
    looked_in: list[tuple[Place, Path]] = field(default_factory=list)
    """The folders, those that do not exist too."""

    def note(self, path: Path, why: str) -> None:
        self.notes.append(one_line(f"{path}: {why}", 1000))

    def add(self, place: Place, name: str, files: Iterable[Path], *, model: str | None = None) -> None:
        """Add a model by its files; `model` is what to type where it is not the path of the first."""
        paths = list(files)
        typed = model or f"gguf:{paths[0]}"
        if not typed.isprintable():
            self.note(paths[0], "has characters in its path that cannot be typed; rename it")
            return
        try:
            size = sum(path.stat().st_size for path in paths)
        except OSError as e:
            self.note(paths[0], f"cannot be read: {e.strerror}")
            return
        self.models.append(LocalModel(typed, one_line(name), place, paths[0], size))


def find_local_models() -> LocalModels:
    """Look through the folders of Hugging Face, llama.cpp, LM Studio and Ollama, and add the bundled models."""
    found = LocalModels()
    for name in BUNDLED:
        file = bundled_file(name)
        if file is not None and problem(file) is None:
            found.add("bundled", file.stem, [file], model=f"gguf:{name}")
    for place, root in _folders():
        found.looked_in.append((place, root))
        if _names(root, found) is not None:
            _LOOK[place](root, found)
    by_file: dict[Path, LocalModel] = {}
    for model in sorted(found.models, key=lambda m: (m.place.lower(), m.name.lower(), m.model)):
        by_file.setdefault(model.path.resolve(), model)
    found.models = list(by_file.values())
    return found


def _folders() -> list[tuple[Place, Path]]:
    folders: list[tuple[Place, Path]] = [
        ("Hugging Face", hub_cache()),
        ("llama.cpp", _llama_cpp()),
        ("LM Studio", _home(".lmstudio/models")),
        ("LM Studio", _home(".cache/lm-studio/models")),
        ("Ollama", _ollama()),
        ("Ollama", _OLLAMA_SERVICE),
    ]
    return list(dict.fromkeys(folders))


def _home(below: str) -> Path:
    return Path.home() / below


def _from_environment(name: str, default: Path) -> Path:
    value = os.environ.get(name)
    return Path(value).expanduser().absolute() if value else default


def _llama_cpp() -> Path:
    if sys.platform == "darwin":
        usual = _home("Library/Caches")
    else:
        usual = _from_environment("XDG_CACHE_HOME", _home(".cache"))
    return _from_environment("LLAMA_CACHE", usual / "llama.cpp")


def _ollama() -> Path:
    return _from_environment("OLLAMA_MODELS", _home(".ollama/models"))


def _names(folder: Path, found: LocalModels) -> list[str] | None:
    """Return what is in a folder, sorted; None when there is no such folder, or it cannot be read, which is noted."""
    try:
        return sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        found.note(folder, f"cannot be read: {e.strerror}")
        return None


def _hugging_face(root: Path, found: LocalModels) -> None:
    for name in _names(root, found) or ():
        kind, _, rest = name.partition("--")
        if kind == "models":
            repo = rest.replace("--", "/")
            models = cached_models(root / name, found.note)
            for model in models:
                short = _short_name(repo, model, models)
                called = short.removeprefix("gguf:") if short else f"{repo}: {model.variant.name}"
                files = [model.snapshot / file for file in model.variant.files]
                found.add("Hugging Face", called, files, model=short)


def _short_name(repo: str, model: Cached, models: list[Cached]) -> str | None:
    """Return `gguf:user/repo:QUANT` where that means this very file, perhaps as another revision has it."""
    name = f"{repo}:{model.variant.quant}"
    if parse_hub_name(name) is None:
        return None
    try:
        meant = pick_cached(models, model.variant.quant, repo)
    except ChoiceError:
        return None
    return f"gguf:{name}" if meant and meant.path.resolve() == model.path.resolve() else None


def _llama_cpp_models(root: Path, found: LocalModels) -> None:
    _in_folder("llama.cpp", root, ggufs_below(root, found.note, deep=False), found)


def _lm_studio(root: Path, found: LocalModels) -> None:
    _in_folder("LM Studio", root, ggufs_below(root, found.note), found)


def _in_folder(place: Place, root: Path, files: Iterable[Path], found: LocalModels) -> None:
    for variant in variants(file.relative_to(root).as_posix() for file in files):
        if variant.missing:
            found.note(root / variant.files[0], f"{variant.missing} of its parts missing")
        else:
            found.add(place, variant.name, [root / file for file in variant.files])


def _ollama_models(root: Path, found: LocalModels) -> None:
    for path, called in _manifests(root / "manifests", found):
        blob = _blob(root, path, found)
        if blob is None:
            continue
        why = problem(blob)
        if why is None:
            found.add("Ollama", called, [blob])
        else:
            found.note(blob, f"{why} ({called})")


def _manifests(root: Path, found: LocalModels) -> Iterator[tuple[Path, str]]:
    """Yield each `registry/namespace/model/tag` with the name that Ollama shows for it."""

    def unreadable(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            found.note(Path(error.filename or root), f"cannot be read: {error.strerror}")

    for folder, folders, files in os.walk(root, onerror=unreadable):
        folders.sort()
        where = Path(folder).relative_to(root).parts
        for tag in sorted(files):
            if tag.startswith("."):
                continue  # what file managers leave behind
            if len(where) != 3:
                found.note(Path(folder, tag), "not where Ollama puts a manifest")
                continue
            registry, namespace, model = where
            if registry != "registry.ollama.ai":
                model = f"{registry}/{namespace}/{model}"
            elif namespace != "library":
                model = f"{namespace}/{model}"
            yield Path(folder, tag), f"{model}:{tag}"


def _blob(root: Path, manifest: Path, found: LocalModels) -> Path | None:
    """Return the file that a manifest names as its model."""
    try:
        if not stat.S_ISREG(manifest.stat().st_mode) or manifest.stat().st_size > _MANIFEST_MAX:
            found.note(manifest, "not a manifest")
            return None
        content: Any = json.loads(manifest.read_bytes())
    except OSError as e:
        found.note(manifest, f"cannot be read: {e.strerror}")
        return None
    except (ValueError, RecursionError):
        found.note(manifest, "not a manifest (no JSON)")
        return None
    layers = content.get("layers") if isinstance(content, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        if isinstance(layer, dict) and layer.get("mediaType") == _MODEL_LAYER:
            digest = _DIGEST.fullmatch(str(layer.get("digest")))
            if digest is None:
                found.note(manifest, "names its model by no SHA-256 digest")
                return None
            return root / "blobs" / f"sha256-{digest[1]}"
    found.note(manifest, "names no GGUF model; it may be one that Ollama runs elsewhere")
    return None


_LOOK: dict[Place, Callable[[Path, LocalModels], None]] = {
    "Hugging Face": _hugging_face,
    "llama.cpp": _llama_cpp_models,
    "LM Studio": _lm_studio,
    "Ollama": _ollama_models,
}
