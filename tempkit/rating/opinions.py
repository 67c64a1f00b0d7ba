"""What people said, as ratings in the store and back: of each pair, each rater's newest word."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tempkit.measures import HUMAN_PREFERENCE
from tempkit.rating.saved import VALUES, SavedRatings
from tempkit.types import Rating, Sheet, SheetPair

__all__ = ["Opinion", "as_ratings", "opinions_of"]

_PERSON = "person:"
"""What the name of a rater that is a person begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one rater said of one pair."""

    sheet: str
    code: str
    pair: SheetPair
    rater: str
    """The rater's id."""
    name: str
    """As the rater called themselves last; empty where they did not."""
    value: float
    """For the answer shown first: 1 better, 0 worse, 0.5 no difference."""


class _Said(msgspec.Struct, frozen=True):
    """The comment of a rating."""

    sheet: str
    pair: str
    name: str = ""


def as_ratings(saved: SavedRatings, sheet: Sheet, before: Iterable[Opinion]) -> tuple[list[Rating], int]:
    """Return a file's answers as ratings of the answers shown first, without those that are stored already, and how many these are.

    Args:
        saved: The file, of this sheet.
        sheet: The sheet.
        before: All opinions that are stored of its run.
    """
    pairs = {pair.code: pair for pair in sheet.pairs}
    known = {
        each.code: each.value for each in before if (each.sheet, each.rater) == (sheet.id, saved.rater.id)
    }
    new = [
        Rating(
            sample=pairs[code].left,
            rater=f"{_PERSON}{saved.rater.id}",
            measure=HUMAN_PREFERENCE.name,
            value=VALUES[answer],
            comment=json.dumps(
                {
                    "sheet": sheet.id,
                    "pair": code,
                    "name": saved.rater.name,
                    "against": {
                        "temperature": pairs[code].right.temperature,
                        "replicate": pairs[code].right.replicate,
                    },
                },
                ensure_ascii=False,
            ),
        )
        for code, answer in saved.answers.items()
        if known.get(code) != VALUES[answer]
    ]
    return new, len(saved.answers) - len(new)


def opinions_of(ratings: Iterable[Rating], sheets: Sequence[Sheet]) -> list[Opinion]:
    """Return what people said of pairs, of each rater and pair the newest.

    Args:
        ratings: All of a run, oldest first.
        sheets: All of the run.
    """
    pairs: Mapping[tuple[str, str], SheetPair] = {
        (sheet.id, pair.code): pair for sheet in sheets for pair in sheet.pairs
    }
    found: dict[tuple[str, str, str], Opinion] = {}
    names: dict[str, str] = {}
    for rating in ratings:
        said = _said(rating)
        pair = None if said is None else pairs.get((said.sheet, said.pair))
        if said is None or pair is None:
            continue
        rater = rating.rater.removeprefix(_PERSON)
        names[rater] = said.name or names.get(rater, "")
        found[said.sheet, said.pair, rater] = Opinion(
            sheet=said.sheet, code=said.pair, pair=pair, rater=rater, name="", value=rating.value
        )
    return [
        Opinion(
            sheet=each.sheet,
            code=each.code,
            pair=each.pair,
            rater=each.rater,
            name=names[each.rater],
            value=each.value,
        )
        for each in found.values()
    ]


def _said(rating: Rating) -> _Said | None:
    """Return what a person's rating of a pair holds; None for anything else, such as a rating that somebody wrote by hand."""
    if rating.measure != HUMAN_PREFERENCE.name or not rating.rater.startswith(_PERSON):
        return None
    try:
        return msgspec.json.decode(rating.comment or "", type=_Said)
    except msgspec.DecodeError:
        return None
