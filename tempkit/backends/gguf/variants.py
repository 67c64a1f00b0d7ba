"""What the names of GGUF files tell: which are models, which belong together, and how they are quantized.

Names come from servers and from other programs' folders; nothing here follows them anywhere.
"""

import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tempkit.errors import nearest

__all__ = [
    "DEFAULT_QUANT",
    "MAGIC",
    "ChoiceError",
    "Variant",
    "matching",
    "pick",
    "problem",
    "variants",
]

MAGIC = b"GGUF"
DEFAULT_QUANT = "Q4_K_M"
"""What `gguf:user/repo` means where it is there; Ollama and llama.cpp choose the same."""

_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})", re.ASCII)
_QUANT = re.compile(
    r"(?<![A-Z0-9])"
    r"((?:UD-)?(?:(?:I?Q|TQ)\d+(?:_(?:\d{1,2}|K|NL|MOE|X{0,2}[SML]))*|(?:BF|FP?)(?:8|16|32)|(?:MX|NV)FP4(?:_MOE)?))"
    r"(?![A-Z0-9])",
    re.ASCII | re.IGNORECASE,
)
_PROJECTOR = re.compile(r"(?:^|[-._])mmproj", re.IGNORECASE)


class ChoiceError(Exception):
    """A name means none of a repository's models, or several; the message says which there are."""


@dataclass(frozen=True)
class Variant:
    """One model: a file, or the parts of a split one."""

    name: str
    """The file's name without `.gguf` and part number."""
    quant: str
    """`Q4_K_M`, in capitals; the name where no quantization is in it."""
    files: tuple[str, ...]
    """Paths in the folder or repository, in the order of their parts. llama.cpp wants the first."""
    missing: int = 0
    """How many parts are not there."""


def variants(files: Iterable[str]) -> list[Variant]:
    """Sort paths (with `/`) into models; what is no `.gguf`, a projector or an importance matrix is left out."""
    parts: dict[tuple[PurePosixPath, int], dict[int, str]] = {}
    for file in sorted(set(files)):
        path = PurePosixPath(file)
        if path.suffix.lower() != ".gguf" or _no_model(path.stem):
            continue
        split = _PART.fullmatch(path.stem)
        if split is None:
            parts[path.with_name(path.stem), 1] = {1: file}
            continue
        number, total = int(split[2]), int(split[3])
        if 1 <= number <= total:
            parts.setdefault((path.with_name(split[1]), total), {})[number] = file
    return [
        Variant(
            name=path.name,
            quant=_quant(path),
            files=tuple(own[number] for number in sorted(own)),
            missing=total - len(own),
        )
        for (path, total), own in parts.items()
    ]


def matching(found: Sequence[Variant], quant: str | None) -> list[Variant]:
    """Return the models that a quantization means; one named whole is meant too, and any single one by None."""
    wanted = (quant or DEFAULT_QUANT).upper()
    for tags in (
        [v.quant.upper() for v in found],
        [
            v.quant.upper().removeprefix("UD-") for v in found
        ],  # "dynamic" ones: the repository has no plain one
        [v.name.upper() for v in found],
    ):
        if hits := [v for v, tag in zip(found, tags, strict=True) if tag == wanted]:
            return hits
    return list(found) if quant is None and len(found) == 1 else []


def pick(found: Sequence[Variant], quant: str | None, repo: str) -> Variant:
    """Return the model of a repository that a quantization means.

    Raises:
        ChoiceError: None is meant, or several are.
    """
    if not found:
        raise ChoiceError("the repository has no GGUF model; look for one whose name ends in -GGUF")
    hits = matching(found, quant)
    if len(hits) == 1:
        return hits[0]
    if hits:
        files = ", ".join(v.files[0] for v in hits)
        alone = len({v.name for v in hits}) > 1
        way = f"write gguf:{repo}:{hits[0].name}" if alone else "download one and name it by its path"
        raise ChoiceError(f"{len(hits)} models of the repository are {hits[0].quant}: {files}; {way}")
    quants = sorted({v.quant for v in found})
    if quant is None:
        raise ChoiceError(
            f"the repository has no {DEFAULT_QUANT}; write gguf:{repo}:{quants[0]}, or one of: {', '.join(quants)}"
        )
    raise ChoiceError(
        f"the repository has no {quant}{nearest(quant.upper(), quants)}; it has: {', '.join(quants)}"
    )


def problem(path: Path) -> str | None:
    """Say why a path is not a GGUF file that can be read, or None when it is one."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "not a file"
        with path.open("rb") as f:
            magic = f.read(len(MAGIC))
    except FileNotFoundError:
        return "a link that leads nowhere"
    except OSError as e:
        return f"cannot be read: {e.strerror}"
    return None if magic == MAGIC else "not a GGUF file (it does not begin with 'GGUF')"


def _no_model(stem: str) -> bool:
    return bool(_PROJECTOR.search(stem)) or ("imatrix" in stem.lower() and not _QUANT.search(stem))


def _quant(path: PurePosixPath) -> str:
    """The last quantization in the name, else the one that a folder is called by, else the name."""
    for text in (path.name, *reversed(path.parent.parts)):
        if tags := _QUANT.findall(text):
            return str(tags[-1]).upper()
    return path.name
