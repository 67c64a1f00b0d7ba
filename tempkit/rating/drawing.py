"""Draw a sheet: choose its pairs, put them in an order that says nothing, and give each a random code."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from tempkit.errors import UsageError
from tempkit.rating.candidates import Candidates, SheetWanted, candidates
from tempkit.rating.pairing import Drawn, choose, most_pairs
from tempkit.rating.power import Power, power
from tempkit.types import Message, Reason, Sheet, SheetPair

if TYPE_CHECKING:
    from tempkit.store import RunRecord, Store

__all__ = ["DrawnSheet", "SheetSection", "ShownPair", "draw_sheet"]

_MOST = 1_000
"""Pairs on a sheet: some eight hours of reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPair:
    """All that a rater sees of a pair."""

    code: str
    messages: tuple[Message, ...]
    """The question; empty for an imported answer, whose question is not known."""
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSection:
    """What a sheet holds of a use case on a model."""

    name: str
    model: str
    pairs: Mapping[float, int]
    """By temperature, how many pairs have an answer at it."""
    shown: int
    questions: int
    ties: int
    """Pairs that were drawn and are not shown, as the question has the same text everywhere at both temperatures."""
    left_out: Mapping[Reason, int]
    """Answers that are not rated, by the reason."""
    power: tuple[Power, ...]
    """Empty where there are too few questions for any interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSheet:
    """A sheet before its page is drawn, which gives it its digest."""

    sheet: Sheet
    shown: tuple[ShownPair, ...]
    sections: tuple[SheetSection, ...]


def draw_sheet(store: "Store", run: "RunRecord", wanted: SheetWanted) -> DrawnSheet:
    """Return pairs of a run's answers to be rated, balanced within each use case and model.

    Raises:
        UsageError: There is nothing to rate, or not as much as is wanted, or more is wanted than a person can do.
        StoreError: The run cannot be read.
    """
    if not 1 <= wanted.pairs <= _MOST:
        raise UsageError(f"--pairs must be from 1 to {_MOST:,}, not {wanted.pairs:,}")
    found, items = candidates(store, run, wanted)
    rng = np.random.default_rng(_entropy(wanted.seed, run.id))
    chosen = _chosen(found, wanted.pairs, rng)
    _refuse_unconnected(found, chosen)
    drawn = [pair for pairs in chosen for pair in pairs]
    shown = [pair for pair in drawn if pair.shown]
    ordered = [shown[i] for i in rng.permutation(len(shown))]
    ordered += [pair for pair in drawn if not pair.shown]
    codes = _codes(len(ordered))
    return DrawnSheet(
        sheet=Sheet(
            id=secrets.token_hex(8),
            digest="",
            settings=asdict(wanted),
            pairs=tuple(
                SheetPair(
                    code=code, left=each.left.key, right=each.right.key, alike=each.alike, shown=each.shown
                )
                for code, each in zip(codes, ordered, strict=True)
            ),
        ),
        shown=tuple(
            ShownPair(
                code=code,
                messages=items[each.left.key.item].messages,
                left=each.left.text,
                right=each.right.text,
            )
            for code, each in zip(codes, ordered, strict=True)
            if each.shown
        ),
        sections=tuple(
            _section(section, pairs) for section, pairs in zip(found, chosen, strict=True) if pairs
        ),
    )


def _entropy(seed: int | None, run_id: str) -> int:
    """Return what the choice and the order follow from: unless a seed was named, nobody can work them out."""
    if seed is None:
        return secrets.randbits(128)
    return int.from_bytes(hashlib.sha256(f"{seed} {run_id}".encode()).digest()[:16])


def _codes(n: int) -> list[str]:
    """Return different codes, all of one length; they follow from nothing."""
    codes: dict[str, None] = {}
    while len(codes) < n:
        codes[secrets.token_hex(6)] = None
    return list(codes)


def _chosen(found: Sequence[Candidates], wanted: int, rng: np.random.Generator) -> list[list[Drawn]]:
    """Return the pairs of each section: as many of each, or where one has fewer, more of the others.

    Raises:
        UsageError: All together have fewer than are wanted.
    """
    chosen: list[list[Drawn]] = [[] for _ in found]
    most = [most_pairs(section, wanted) for section in found]
    if sum(most) < wanted:
        raise UsageError(
            f"the run has {sum(most):,} pairs of different texts at two temperatures, fewer than the {wanted:,} asked for: "
            f"--pairs {sum(most)} takes all of them"
        )
    left = wanted
    for n, place in enumerate(sorted(range(len(found)), key=lambda i: most[i])):
        chosen[place] = choose(found[place], min(most[place], left // (len(found) - n)), rng)
        left -= sum(pair.shown for pair in chosen[place])
    return chosen


def _refuse_unconnected(found: Sequence[Candidates], chosen: Sequence[Sequence[Drawn]]) -> None:
    """Refuse pairs from which temperatures cannot be compared, be it by way of others.

    Raises:
        UsageError: There are too few, or the answers do not allow it.
    """
    for section, pairs in zip(found, chosen, strict=True):
        if not pairs:
            continue
        apart = _groups(section.temperatures, pairs)
        if len(apart) == 1:
            continue
        alone = ", ".join(f"{t:g}" for t in min(apart, key=len))
        raise UsageError(
            f"{section.name} on {section.model}: its {sum(pair.shown for pair in pairs)} pairs leave {alone} compared with no other "
            "temperature; ask for more with --pairs, or for fewer temperatures with --temperatures"
        )


def _groups(temperatures: Sequence[float], pairs: Sequence[Drawn]) -> list[set[float]]:
    """Return the sets of temperatures that are connected by pairs."""
    groups = [{t} for t in temperatures]
    for pair in pairs:
        met = {pair.left.key.temperature, pair.right.key.temperature}
        joined = [group for group in groups if group & met]
        groups = [group for group in groups if not group & met] + [set().union(*joined)]
    return groups


def _section(section: Candidates, pairs: Sequence[Drawn]) -> SheetSection:
    shown = [pair for pair in pairs if pair.shown]
    met = [(pair.left.key.item, pair.left.key.temperature, pair.right.key.temperature) for pair in shown]
    return SheetSection(
        name=section.name,
        model=section.model,
        pairs={t: sum(t in two for _, *two in met) for t in section.temperatures},
        shown=len(shown),
        questions=len({key for key, _, _ in met}),
        ties=len(pairs) - len(shown),
        left_out=section.left_out,
        power=power(met),
    )
