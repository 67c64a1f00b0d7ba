"""What is known of models before they are asked: what they do with temperature, and which logprobs they return.

The knowledge is data, in `capabilities.toml`, each row with its source and date, because services take temperature away
without notice; a user's own file goes before it.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, cast, get_args

from tempkit.backends.asking_anew import being_asked_anew
from tempkit.backends.prices import price_of
from tempkit.backends.probe_files import probed, with_probe
from tempkit.errors import UsageError, nearest, one_line
from tempkit.types import Advice, Capabilities, LogprobKind, ModelSpec, Price, TemperatureStatus, TopPRule

__all__ = ["KnownModel", "advised", "capabilities_of", "find_row", "read_rows", "rows", "today"]

_EARLIER = "~/.config/tempkit"
"""Where rows of one's own were looked for on every system, and still are."""
_SHIPPED = Path(__file__).with_name("capabilities.toml")


_Day = date
"""For fields, one of which has the type's own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """One row; the file's head says what its fields mean."""

    provider: str
    names: tuple[str, ...]
    source: str
    date: _Day
    temperature: str
    options: Mapping[str, Any] = field(default_factory=dict)
    accepts: tuple[float, ...] = ()
    range: tuple[float, ...] = (0.0,)
    zero: bool = True
    effort: str = ""
    top_p: TopPRule | None = None
    logprobs: LogprobKind = "unknown"
    max_logprobs: int | None = None
    n: int = 1
    seed: bool = True
    unsent: tuple[str, ...] = ()
    efforts: tuple[str, ...] = ()
    says: str = ""
    instead: str = ""
    ends: _Day | None = None
    successor: str = ""
    recommended: Mapping[str, Any] = field(default_factory=dict)
    recommended_by: str = ""

    def fits(self, provider: str, name: str, options: Mapping[str, Any]) -> bool:
        return (
            provider == self.provider
            and any(fnmatchcase(name, pattern) for pattern in self.names)
            and all(options.get(key) == value for key, value in self.options.items())
        )


def today() -> date:
    """Return the day that ends and ages are counted by: the user's own."""
    return date.today()


def rows() -> tuple[KnownModel, ...]:
    """Return the user's own rows, then those shipped.

    Raises:
        UsageError: The user's file cannot be used.
    """
    return (*_own(), *read_rows(_SHIPPED))


def _own() -> tuple[KnownModel, ...]:
    named = os.environ.get("TEMPKIT_CAPABILITIES")
    if named:
        return read_rows(Path(named))
    from platformdirs import user_config_path

    for folder in (
        user_config_path("tempkit", appauthor=False, roaming=True),
        Path(os.path.expanduser(_EARLIER)),  # noqa: PTH111  (it raises nothing where there is no home)
    ):
        if (path := folder / "capabilities.toml").is_file():
            return read_rows(path)
    return ()


def named_models(provider: str, on: date) -> list[str]:
    """Return the models of a provider that have rows of their own, by their whole names, without those that are gone."""
    return sorted(
        {
            name
            for row in rows()
            if row.provider == provider and (row.ends is None or row.ends > on)
            for name in row.names
            if "*" not in name
        }
    )


def find_row(provider: str, name: str, options: Mapping[str, Any]) -> KnownModel | None:
    """Return the first row that fits; None when nothing at all is known."""
    return next((row for row in rows() if row.fits(provider, name, options)), None)


def advised(provider: str, name: str, options: Mapping[str, Any]) -> Advice | None:
    """Return what is recommended for a model, by the first row that fits and says it."""
    fitting = (row for row in rows() if row.recommended and row.fits(provider, name, options))
    row = next(fitting, None)
    return None if row is None else Advice(values=row.recommended, source=f"{row.recommended_by}, {row.date}")


def capabilities_of(model: ModelSpec, provider: str, params: frozenset[str]) -> Capabilities:
    """Say what is known of a model: by the user's own rows, else by a probe of it, else by the shipped table.

    Args:
        model: Its `family` option says which model a deployment's name stands for, `logprob_kind` what its user knows.
        provider: Whose rows to look in.
        params: The `SamplingParams` fields that the server takes.

    Raises:
        UsageError: An option, the user's rows or the file of a probe cannot be used.
    """
    family = str(model.options.get("family", ""))
    price = price_of(provider, family or model.name)
    if (anew := being_asked_anew()) is not None:
        return Capabilities(
            temperature="unknown",
            max_logprobs=anew.most_logprobs,
            logprob_kind="none" if anew.most_logprobs == 0 else "unknown",
            seed=True,
            max_choices=anew.choices,
            params=params,
            price=price,
        )
    whose, name = "openai" if family else provider, family or model.name
    known = _by_row(find_row(whose, name, model.options), model, provider, params, price)
    if any(row.fits(whose, name, model.options) for row in _own()):
        return known
    seen = probed(model)
    if seen is None or (known.ends is not None and seen.date < known.ends <= today()):
        return known  # another model answers since then
    found = with_probe(known, seen)
    # What the table leaves out where the temperature is rejected is left out no more.
    return found if found.temperature == "rejected" else replace(found, params=params, unsent=frozenset())


def _by_row(
    row: KnownModel | None, model: ModelSpec, provider: str, params: frozenset[str], price: Price | None
) -> Capabilities:
    """Say what a row tells of a model."""
    options = model.options
    family = str(options.get("family", ""))
    if row is None:
        return Capabilities(temperature="unknown", params=params, price=price)
    recommended = advised("openai" if family else provider, family or model.name, options)
    named, row = row, _answering(row, options)
    kind = options.get("logprob_kind", row.logprobs)
    if kind not in get_args(LogprobKind):
        raise UsageError(f"{model.id}: logprob_kind must be raw, tempered or unknown")
    status, instead = _temperature(row, options)
    none = kind == "none" or status == "rejected"
    unsent = frozenset(row.unsent if status == "rejected" else ())
    later = find_row(named.provider, named.successor, options) if named.successor else None
    return Capabilities(
        temperature=status,
        temperature_min=row.range[0],
        temperature_max=row.range[1] if len(row.range) > 1 else None,
        temperature_zero=row.zero,
        temperature_accepts=row.accepts,
        unsent=unsent,
        efforts=row.efforts,
        instead=instead,
        source=f"{row.source}, {row.date}",
        ends=named.ends,
        successor=named.successor,
        successor_temperature=_temperature(later, options)[0] if later else "unknown",
        top_p=row.top_p,
        logprob_kind="none" if none else kind,
        max_logprobs=0 if none else row.max_logprobs,
        seed=row.seed,
        max_choices=row.n,
        params=params - unsent,
        price=price,
        recommended=recommended,
    )


def _answering(row: KnownModel, options: Mapping[str, Any]) -> KnownModel:
    """Return the row of the model that answers today: that of the successor once a name leads to it."""
    if not row.successor or row.ends is None or today() < row.ends:
        return row
    found = find_row(row.provider, row.successor, options)
    since = f"since {row.ends} {row.successor} answers under its name: {row.source}, {row.date}"
    return row if found is None else replace(found, source=f"{since}; {found.source}")


def _temperature(row: KnownModel, options: Mapping[str, Any]) -> tuple[TemperatureStatus, str]:
    if row.temperature != "needs_effort_none":
        return cast("TemperatureStatus", row.temperature), row.instead
    if options.get("reasoning_effort", row.effort) == "none":
        return "honoured", row.instead
    return (
        "rejected",
        "it honours temperature only with reasoning off: add ,reasoning_effort=none to the model",
    )


def read_rows(path: Path) -> tuple[KnownModel, ...]:
    """Read a file of rows, as it is now.

    Raises:
        UsageError: It cannot be read, or a row is wrong.
    """
    try:
        return _rows(path.read_text(encoding="utf-8"), path)
    except OSError as e:
        raise UsageError(f"{path}: cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise UsageError(f"{path}: no TOML: {e}") from e


@lru_cache(maxsize=8)
def _rows(text: str, path: Path) -> tuple[KnownModel, ...]:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{path}: no TOML: {e}") from e
    given = found.pop("model", [])
    if found or not isinstance(given, list):
        raise UsageError(f"{path}: holds [[model]] tables and nothing else")
    return tuple(_row(entry, f"{path}: model {i + 1}") for i, entry in enumerate(given))


_STATUSES = (*get_args(TemperatureStatus), "needs_effort_none")
_CHOICES: dict[str, tuple[str, ...]] = {
    "temperature": _STATUSES,
    "top_p": get_args(TopPRule),
    "logprobs": get_args(LogprobKind),
}
_KINDS: dict[str, type | tuple[type, ...]] = {
    "provider": str,
    "names": list,
    "source": str,
    "date": date,
    "options": dict,
    "accepts": list,
    "range": list,
    "zero": bool,
    "effort": str,
    "max_logprobs": int,
    "n": int,
    "seed": bool,
    "unsent": list,
    "efforts": list,
    "says": str,
    "instead": str,
    "ends": date,
    "successor": str,
    "recommended": dict,
    "recommended_by": str,
    **dict.fromkeys(_CHOICES, str),
}


_TEXTS = {
    "names": "patterns of names",
    "unsent": "names of parameters",
    "efforts": "values of reasoning_effort",
}
"""Fields that hold texts, and what they are."""


def _row(given: Any, where: str) -> KnownModel:
    if not isinstance(given, dict):
        raise UsageError(f"{where}: must be a table")
    for name, value in given.items():
        if name not in _KINDS:
            raise UsageError(f"{where}: unknown key {name!r}{nearest(name, list(_KINDS))}")
        if (
            not isinstance(value, _KINDS[name])
            or (isinstance(value, bool) and _KINDS[name] is int)
            or isinstance(value, datetime)
        ):
            raise UsageError(f"{where}: {name} is of the wrong kind: {value!r}")
        if name in _CHOICES and value not in _CHOICES[name]:
            known = ", ".join(_CHOICES[name])
            raise UsageError(
                f"{where}: {name} must be one of {known}, not {one_line(repr(value), 60)}{nearest(str(value), _CHOICES[name])}"
            )
    for name in ("provider", "names", "temperature", "source", "date"):
        if name not in given:
            raise UsageError(f"{where}: {name} is missing")
    if ("recommended" in given) != ("recommended_by" in given):
        raise UsageError(f"{where}: recommended and recommended_by go together")
    if "successor" in given and "ends" not in given:
        raise UsageError(f"{where}: successor needs ends, the day from which it answers")
    numbers = {
        name: _numbers(given[name], f"{where}: {name}") for name in ("accepts", "range") if name in given
    }
    if "range" in numbers and len(numbers["range"]) not in (1, 2):
        raise UsageError(f"{where}: range must be one or two numbers")
    texts = {
        name: _texts(given[name], f"{where}: {name} must be {of}")
        for name, of in _TEXTS.items()
        if name in given
    }
    return KnownModel(**{**given, **numbers, **texts})


def _numbers(values: list[Any], where: str) -> tuple[float, ...]:
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        raise UsageError(f"{where} must be a list of numbers")
    return tuple(float(v) for v in values)


def _texts(values: list[Any], complaint: str) -> tuple[str, ...]:
    if not all(isinstance(v, str) for v in values):
        raise UsageError(complaint)
    return tuple(values)
