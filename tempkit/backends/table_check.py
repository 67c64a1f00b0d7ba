"""Is the table of models up to date? Rows read long ago, ends, and where it and the price list differ."""

import re
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from tempkit.backends.capabilities import KnownModel, find_row, rows, today
from tempkit.backends.openai.presets import own_key
from tempkit.backends.prices import has_prices, price_of, priced_models

__all__ = ["TableCheck", "check_table"]

_OLD_DAYS = 90
_OF_THE_USERS_CHOICE = frozenset({"azure"})
"""Providers whose models are called what their user calls them."""

_NO_CHAT = re.compile(
    r"audio|babbage|computer-use|cyber|davinci|embed|guard|image|live|moderation|nano-banana|ocr|omni|realtime|robotics|sonic"
    r"|titan|transcri|tts|veo|vision|voice|voxtral|whisper|^(ada|curie)$"
)
"""What is in the names of models that are not for text alone: the price list does not say it."""


@dataclass(frozen=True, kw_only=True)
class TableCheck:
    """What to look at in the table of models."""

    as_of: date
    old: tuple[KnownModel, ...]
    """Rows that were read more than 90 days before, the oldest first."""
    ending: tuple[KnownModel, ...]
    """Rows of models with a known end, the earliest first, those that have ended included."""
    unknown: dict[str, tuple[str, ...]]
    """By provider, the models with a price of which the table knows no more than of any: its row for `*`, which says unknown."""
    unpriced: dict[str, tuple[str, ...]]
    """By provider, the names and patterns of the table that the price list has no model for."""
    without_prices: tuple[str, ...]
    """Hosted providers of which the price list says nothing."""


def check_table() -> TableCheck:
    """Compare the table, the user's own rows included, with the calendar and the price list; asks no network.

    Raises:
        UsageError: The user's file cannot be used.
    """
    known, now = rows(), today()
    providers = sorted({row.provider for row in known})
    return TableCheck(
        as_of=now,
        old=tuple(sorted((r for r in known if (now - r.date).days > _OLD_DAYS), key=lambda row: row.date)),
        ending=tuple(sorted((r for r in known if r.ends is not None), key=lambda row: row.ends or now)),
        unknown=_by_provider({p: _unknown(p) for p in providers if p not in _OF_THE_USERS_CHOICE}),
        unpriced=_by_provider({p: _unpriced(p, known) for p in providers if has_prices(p)}),
        without_prices=tuple(p for p in providers if own_key(p) and not has_prices(p)),
    )


def _by_provider(found: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {provider: names for provider, names in found.items() if names}


def _unknown(provider: str) -> tuple[str, ...]:
    names = (name for name in priced_models(provider) if not _NO_CHAT.search(name))
    return tuple(name for name in names if _says_nothing(find_row(provider, name, {})))


def _says_nothing(row: KnownModel | None) -> bool:
    return row is None or (row.names == ("*",) and row.temperature == "unknown")


def _unpriced(provider: str, known: tuple[KnownModel, ...]) -> tuple[str, ...]:
    priced = priced_models(provider)
    patterns = dict.fromkeys(p for row in known if row.provider == provider for p in row.names if p != "*")
    return tuple(p for p in patterns if not _is_priced(provider, p, priced))


def _is_priced(provider: str, pattern: str, priced: tuple[str, ...]) -> bool:
    """Whether the list has a price of a model that a pattern is for; of snapshots, which end in a date, it has the model's."""
    if any(fnmatchcase(name, pattern) for name in priced):
        return True
    stem = pattern.removesuffix("*")
    return any(
        price_of(provider, name) is not None for name in (stem, stem.removesuffix("-2"), stem.rstrip("-"))
    )
