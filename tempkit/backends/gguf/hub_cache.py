"""Hugging Face's cache folder, read without its library and without a network.

`models--user--repo/snapshots/<revision>/...` holds links into `blobs`; `refs/main` names the newest revision known.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tempkit.backends.gguf.variants import Variant, matching, pick, problem, variants

__all__ = ["Cached", "Note", "cached_models", "ggufs_below", "hub_cache", "pick_cached", "repo_folder"]

Note = Callable[[Path, str], None]
"""Called as `note(path, why)` for what was passed over and a person may wonder about."""


@dataclass(frozen=True)
class Cached:
    """A model in the cache, all parts of it."""

    variant: Variant
    snapshot: Path

    @property
    def path(self) -> Path:
        return self.snapshot / self.variant.files[0]


def hub_cache() -> Path:
    """Return the cache folder, found as Hugging Face's own library finds it; it need not exist."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(name):
            return _expanded(value)
    if value := os.environ.get("HF_HOME"):
        return _expanded(value) / "hub"
    return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def _expanded(value: str) -> Path:
    return Path(os.path.expandvars(value)).expanduser().absolute()


def repo_folder(repo: str) -> Path:
    """Return the folder that `user/repo` has in the cache."""
    return hub_cache() / f"models--{repo.replace('/', '--')}"


def ggufs_below(root: Path, note: Note, *, deep: bool = True) -> Iterator[Path]:
    """Yield the GGUF files below a folder, in order; links to folders are not followed, they may lead in circles."""

    def unreadable(error: OSError) -> None:
        note(Path(error.filename or root), f"cannot be read: {error.strerror}")

    for folder, folders, files in os.walk(root, onerror=unreadable):
        if deep:
            folders.sort()
        else:
            folders.clear()
        for file in sorted(files):
            path = Path(folder, file)
            if path.suffix.lower() == ".gguf":
                why = problem(path)
                if why is None:
                    yield path
                else:
                    note(path, why)


def cached_models(folder: Path, note: Note) -> list[Cached]:
    """Return the whole models in a repository's folder: `refs/main` first, then by the time of their download."""
    found = []
    for snapshot in _snapshots(folder, note):
        names = [path.relative_to(snapshot).as_posix() for path in ggufs_below(snapshot, note)]
        for variant in variants(names):
            if variant.missing:
                note(snapshot / variant.files[0], f"{variant.missing} of its parts missing")
            else:
                found.append(Cached(variant, snapshot))
    return found


def pick_cached(found: list[Cached], quant: str | None, repo: str) -> Cached | None:
    """Return the model that a quantization means, of the newest revision that has it; None when there is none.

    Raises:
        ChoiceError: Several are meant.
    """
    newest: dict[str, Path] = {}
    for cached in found:
        newest.setdefault(cached.variant.quant, cached.snapshot)
    current = [c for c in found if newest[c.variant.quant] == c.snapshot]
    choice = [c.variant for c in current]
    if not matching(choice, quant):
        return None
    picked = pick(choice, quant, repo)
    return next(c for c in current if c.variant is picked)


def _snapshots(folder: Path, note: Note) -> list[Path]:
    try:
        with (folder / "refs" / "main").open("rb") as f:
            main = f.read(100).decode("ascii", "replace").strip()
    except OSError:
        main = ""
    try:
        with os.scandir(folder / "snapshots") as entries:
            dated = [(e.name == main, e.stat().st_mtime, e.name) for e in entries if e.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as e:
        note(folder / "snapshots", f"cannot be read: {e.strerror}")
        return []
    return [folder / "snapshots" / name for *_, name in sorted(dated, reverse=True)]
