"""What probes found of models: a JSON file for each, in the user's data folder, read where a row of the table would be.

A file is for one model at one address with the options that change how it answers; it never holds a key. What it says goes before the shipped
table, because it was seen here, and after the user's own `capabilities.toml`, because that was written on purpose.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, cast, get_args

from tempkit.backends.urls import written_addresses
from tempkit.errors import UsageError, one_line
from tempkit.files import replacing
from tempkit.types import Capabilities, LogprobKind, ModelSpec, TemperatureStatus

__all__ = ["STALE_DAYS", "Probed", "probe_file", "probed", "save_probe", "with_probe"]

STALE_DAYS = 30
"""Services change: what was found longer ago is used, and said to be old."""

_FORMAT = 1
_MOST_BYTES = 1_000_000
_ADDRESSES = {
    "openai": "OPENAI_BASE_URL",
    "azure": "AZURE_OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_GEMINI_BASE_URL",
    "ollama": "OLLAMA_HOST",
}
"""By backend: the environment variable that may name another server."""
_NOT_ITS_OWN = frozenset(
    {
        "api_key_env",
        "attempts",
        "base_url",
        "max_outage_s",
        "patience_s",
        "requests_per_minute",
        "seeds",
        "timeout_s",
        "tokens_per_minute",
    }
)
"""Options that say how a model is reached and asked, not how it answers."""

_GATES: Mapping[str, TemperatureStatus] = {
    "honoured": "honoured",
    "clamped": "honoured",
    "remapped": "unknown",
    "rejected": "rejected",
    "ignored": "ignored",
    "unknown": "unknown",
}
"""By what a probe found: what a run does about it. A clamped temperature is honoured up to its limit, which becomes the range's end; a
remapped one is neither honoured nor of no effect, so it is run and never called honoured."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What is stored of one model."""

    path: Path
    found: Mapping[str, Any]
    """As `tempkit probe --json` prints it."""

    @property
    def date(self) -> date:
        return date.fromisoformat(self.found["date"])

    @property
    def age_days(self) -> int:
        return (date.today() - self.date).days

    @property
    def status(self) -> str:
        return str(self.found["temperature"]["status"])

    @property
    def source(self) -> str:
        """Where this is known from, as capabilities say it."""
        how = "seen in a run" if self.found.get("learnt") else "probed"
        return f"{how} on {self.date}"

    @property
    def noise_floor(self) -> Mapping[str, Any] | None:
        """How far answers at temperature 0 agree with one another; None: that was not asked."""
        found = self.found.get("determinism")
        return found if isinstance(found, Mapping) and found.get("answers") else None


def probe_folder() -> Path:
    """Return where probes are kept: `TEMPKIT_PROBES`, else a folder in the user's data."""
    if named := os.environ.get("TEMPKIT_PROBES"):
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("tempkit", appauthor=False, roaming=True) / "probes"


def identity(model: ModelSpec) -> dict[str, Any]:
    """Return what makes a model the same one: backend, name, address, and the options that change how it answers."""
    urls = written_addresses(model.options) or (os.environ.get(_ADDRESSES.get(model.backend, ""), ""),)
    options = {name: value for name, value in sorted(model.options.items()) if name not in _NOT_ITS_OWN}
    return {
        "backend": model.backend,
        "name": model.name,
        "address": ",".join(url.strip().rstrip("/") for url in urls),
        "options": options,
    }


def probe_file(model: ModelSpec) -> Path:
    """Return where a model's probe is kept, whether there is one or not."""
    digest = sha256(json.dumps(identity(model), sort_keys=True, default=str).encode()).hexdigest()[:16]
    named = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "_" for c in model.id)
    return probe_folder() / f"{named[:60]}-{digest}.json"


def probed(model: ModelSpec) -> Probed | None:
    """Return what a probe found of a model; None where there was none.

    Raises:
        UsageError: The file cannot be read, or is no probe.
    """
    path = probe_file(model)
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise UsageError(f"{path}: cannot be read: {e.strerror}") from e
    try:
        found = json.loads(raw) if len(raw) <= _MOST_BYTES else None
        wrong = _wrong(found)
    except (ValueError, RecursionError) as e:
        wrong = one_line(e, 100)
    if wrong:
        raise UsageError(
            f"{path}: no probe that this version can read ({wrong}); remove it, and probe again with: tempkit probe {model.id}"
        )
    return Probed(path, cast("Mapping[str, Any]", found))


def _wrong(found: object) -> str:
    """Say why something is no probe; empty where it is one."""
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        return "it is of another format"
    temperature = found.get("temperature")
    status = temperature.get("status") if isinstance(temperature, dict) else None
    if status not in _GATES:
        return f"unknown status {one_line(status, 40)!r}"
    try:
        date.fromisoformat(found["date"])
    except (KeyError, TypeError, ValueError):
        return "it has no date"
    return ""


def save_probe(model: ModelSpec, found: Mapping[str, Any]) -> Path:
    """Keep what was found of a model, in the place of what was there; return the file.

    Raises:
        UsageError: It cannot be written.
    """
    path = probe_file(model)
    whole = {"format": _FORMAT, **identity(model), **found}
    try:
        with replacing(path) as file:
            file.write(json.dumps(whole, indent=1, allow_nan=False, ensure_ascii=False).encode())
    except OSError as e:
        raise UsageError(
            f"{path}: what was found cannot be kept: {e.strerror}; set TEMPKIT_PROBES to a folder that can be written"
        ) from e
    return path


def with_probe(can: Capabilities, seen: Probed) -> Capabilities:
    """Return what is known of a model once a probe has been seen, which goes before what else is known."""
    temperature, logprobs = seen.found["temperature"], seen.found.get("logprobs") or {}
    status = _GATES[seen.status]
    highest = temperature.get("limit") if seen.status == "clamped" else temperature.get("largest")
    changed: dict[str, Any] = {
        "temperature": status,
        "temperature_accepts": tuple(temperature.get("accepts") or ()) if status == "rejected" else (),
        "instead": can.instead,
        "source": seen.source,
    }
    if highest is not None and (seen.status == "clamped" or temperature.get("bounded")):
        changed["temperature_max"] = float(highest)
    if temperature.get("zero") is not None:
        changed["temperature_zero"] = bool(temperature["zero"])
    kind = logprobs.get("kind")
    if kind in get_args(LogprobKind):
        changed["logprob_kind"] = cast("LogprobKind", kind)
        if kind == "none":
            changed["max_logprobs"] = 0
        elif logprobs.get("most") and logprobs.get("limited"):
            changed["max_logprobs"] = int(logprobs["most"])
    if (seed := (seen.found.get("seed") or {}).get("status")) is not None:
        changed["seed"] = can.seed or seed in ("honoured", "partly")
        if seed == "refused":
            changed["seed"] = False
    return replace(can, **changed)
