"""The softmax explorer as data: what can be recomputed at another temperature, why the rest cannot, and a table for who reads without scripts.

The page's script computes what the reader's slider asks for (assets/js/softmax.js); here the same bounds are computed once,
at the run's own temperatures, for one well-chosen position of each use case and model.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

import numpy as np

from tempkit.analysis import Comparison, Section
from tempkit.report.explorer.data import ITEMS, TOKENS, Explored, Place
from tempkit.report.text.sentences import at
from tempkit.report.text.text import count, ngettext, share, temperature
from tempkit.report.text.text import gettext as _
from tempkit.softmax import MOST_TOKENS, share_bounds
from tempkit.types import SamplingParams

__all__ = ["Explorable", "explorer"]

_BYTES = 220_000
"""Packed, of all texts on a page."""
_HOTTEST = 2.0
_NOISE = 1e-12
_ROWS, _COLUMNS = 8, 7
"""Of the table that stands in for the script."""
_LEAST_GAP = 0.07
"""Between two labels under the slider, as a part of its length."""
_RESHAPING = ("top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorable:
    """A section of the page with what it can be explored by."""

    comparison: Comparison
    explored: Mapping[tuple[str, str], Explored]
    """By item key and model label."""
    section: Section
    title: str
    """What the page calls its use case."""
    label: str
    """What the page calls its model."""
    series: int

    def texts(self, item: str) -> Explored | None:
        return self.explored.get((item, self.section.model.label))

    @property
    def vocabulary(self) -> int | None:
        """How many tokens the model knows; None where its backend does not say."""
        infos = (
            facts.info for facts in self.comparison.models if facts.spec.label == self.section.model.label
        )
        known = next((info.details.get("vocabulary") for info in infos if info is not None), None)
        return known if type(known) is int and 0 < known <= MOST_TOKENS else None


def explorer(parts: Sequence[Explorable], blocks: dict[str, str]) -> dict[str, Any] | None:
    """Return the section as JSON-able data, its packed texts put into `blocks`; None for a page without answers.

    `spots` are what the script shows, in the order in which `groups` (a use case on a model each) offer them.
    """
    answered = [part for part in parts if any(level.completions for level in part.section.levels)]
    if not answered:
        return None
    kept = _kept(answered)
    temperatures = sorted({t for part in answered for t in part.comparison.plan.temperatures})
    spots: list[dict[str, Any]] = []
    groups = []
    for part in answered:
        found = [(key, texts) for key, texts in _of(part) if (id(part), key) in kept]
        if not found:
            continue
        groups.append({**_group(part, found, len(spots)), "table": _table(part, *found[0])})
        for _key, texts in found:
            block = f"explorer-{len(spots) + 1}"
            blocks[block] = texts.packed
            spots.append(_spot(part, texts, block))
    hottest = max(_HOTTEST, *temperatures)
    return {
        "refused": _refused(answered),
        "rule": _rule(groups) if groups else None,
        "reshaped": list(_reshaped(answered)),
        "groups": groups,
        "spots": spots,
        "hottest": hottest,
        "ticks": list(_ticks(temperatures, hottest)),
    }


def _of(part: Explorable) -> Iterator[tuple[str, Explored]]:
    for row in part.section.rows:
        if (texts := part.texts(row.item.key)) is not None:
            yield row.item.key, texts


def _kept(parts: Sequence[Explorable]) -> set[tuple[int, str]]:
    """Return which items of which parts the page has room for: the first of each part, then the second of each, ..."""
    turns = zip_longest(*([(id(part), key, texts) for key, texts in _of(part)] for part in parts))
    kept: set[tuple[int, str]] = set()
    room = _BYTES
    for part, key, texts in (found for turn in turns for found in turn if found is not None):
        room -= len(texts.packed)
        if room < 0 or len(kept) == ITEMS:
            break
        kept.add((part, key))
    return kept


def _group(part: Explorable, found: Sequence[tuple[str, Explored]], first: int) -> dict[str, Any]:
    return {
        "name": part.section.name,
        "title": part.title,
        "model": part.label,
        "items": [{"spot": i, "key": key} for i, (key, _texts) in enumerate(found, first)],
        "complete": len(found) == len(part.section.rows),
    }


def _spot(part: Explorable, texts: Explored, block: str) -> dict[str, Any]:
    return {
        "block": block,
        "series": part.series,
        "vocabulary": part.vocabulary or MOST_TOKENS,
        "others": _others(part),
        "texts": [
            {
                "label": _("%(where)s: %(count)s of %(n)s answers")
                % {"where": at(text.temperature), "count": count(text.count), "n": count(text.n)},
                "sent": text.sent,
                "where": None if text.sent is None else at(text.sent),
                "cut": _("The first %(kept)s of %(all)s tokens.")
                % {"kept": count(TOKENS), "all": count(text.tokens)}
                if text.tokens > TOKENS
                else None,
            }
            for text in texts.texts
        ],
    }


def _others(part: Explorable) -> str:
    if part.vocabulary is None:
        return _("all other tokens")
    return _("all others of %(n)s tokens") % {"n": count(part.vocabulary)}


def _rule(groups: Sequence[dict[str, Any]]) -> str:
    most = max(len(group["items"]) for group in groups)
    what = {"tokens": count(TOKENS), "n": count(most)}
    if all(group["complete"] for group in groups):
        return (
            _(
                "Every question is here with up to three answers, the most frequent one at the lowest, a middle and the highest "
                "temperature, and their first %(tokens)s tokens."
            )
            % what
        )
    return (
        ngettext(
            "To keep this file small, only the first question of each use case is here, with up to three answers, the most "
            "frequent one at the lowest, a middle and the highest temperature, and their first %(tokens)s tokens.",
            "To keep this file small, at most the first %(n)s questions of each use case are here, with up to three answers, the "
            "most frequent one at the lowest, a middle and the highest temperature, and their first %(tokens)s tokens.",
            most,
        )
        % what
    )


def _refused(parts: Sequence[Explorable]) -> list[str]:
    """Say of which models nothing can be recomputed at another temperature, and why; where only some use cases lack it, of which."""
    reasons = {id(part): _reason(part) for part in parts}
    said: dict[str, None] = {}
    for part in parts:
        reason = reasons[id(part)]
        if reason is None:
            continue
        alike = {reasons[id(other)] for other in parts if other.label == part.label} == {reason}
        said[reason % {"who": part.label if alike else f"{part.section.name} · {part.label}"}] = None
    return list(said)


def _reason(part: Explorable) -> str | None:
    """Return why a section cannot be recomputed at another temperature, of `%(who)s`; None where it can, in part at least."""
    kinds = part.section.kinds
    if any(part.texts(row.item.key) for row in part.section.rows):
        return None
    if "raw" in kinds:
        return _(
            "%(who)s: no alternatives were stored beside the sampled tokens, so nothing can be recomputed at another temperature."
        )
    if "unknown" in kinds:
        return _(
            "%(who)s: the provider does not say whether temperature is already in its probabilities, so they cannot be "
            "recomputed at another temperature."
        )
    if "tempered" in kinds:
        return _(
            "%(who)s: the provider gives probabilities after temperature and whatever cuts it makes; the model's own are not "
            "known, so they cannot be recomputed at another temperature."
        )
    return _(
        "%(who)s: the answers came without probabilities, so nothing can be recomputed at another temperature."
    )


def _reshaped(parts: Sequence[Explorable]) -> Iterator[str]:
    """Say which prompts' samples were shaped by more than temperature, since the bars show temperature alone."""
    neutral = SamplingParams()
    said: set[str] = set()
    for part in parts:
        for prompt in part.section.prompts:
            plan = part.comparison.plan
            model = part.section.model.label
            name = part.label if model in plan.arms else prompt.name
            params = plan.sampling_of(model, prompt.name) if prompt.name in plan.sampling else neutral
            names = [
                field.name
                for field in fields(params)
                if field.name in _RESHAPING and getattr(params, field.name) != getattr(neutral, field.name)
            ]
            if names and name not in said:
                said.add(name)
                yield _(
                    "%(prompt)s: %(names)s also shaped the sampling; the bars show temperature alone."
                ) % {"prompt": name, "names": ", ".join(names)}


def _ticks(temperatures: Sequence[float], hottest: float) -> Iterator[dict[str, Any]]:
    """Yield the run's temperatures as marks under the slider, those that have room with a label."""
    free = 0.0
    for value in temperatures:
        place = value / hottest
        label = temperature(value) if place >= free else None
        free = place + _LEAST_GAP if label is not None else free
        yield {"at": place, "label": label}


def _table(part: Explorable, key: str, texts: Explored) -> dict[str, Any]:
    """Return the most open position of an item as a table: probabilities by token and temperature."""
    place = texts.open
    temperatures = _evenly(part.comparison.plan.temperatures)
    shares = [_shares(place, value, part.vocabulary or MOST_TOKENS) for value in temperatures]
    rows = [
        {
            "token": _as_listed(text),
            "drawn": text == place.token.text,
            "shares": [column[i] for column in shares],
        }
        for i, (text, _logprob) in enumerate(place.top[:_ROWS])
    ]
    return {
        "item": key,
        "where": at(texts.texts[place.text].temperature),
        "before": place.before,
        "temperatures": [at(value) for value in temperatures],
        "rows": rows,
        "others": {
            "name": _("all other tokens"),
            "shares": [column[-1] for column in shares],
        },
    }


def _shares(place: Place, value: float, vocabulary: int) -> list[str]:
    """Return the probabilities of the table's tokens as written, and last that of all others together."""
    top = np.array([[logprob for _, logprob in place.top]])
    low, high = (end[0] for end in share_bounds(top, value, vocabulary))
    least, most = low[:-1], high[:-1]
    # What is listed but has no row is certain to be among the others.
    certain = max(least[_ROWS:].sum() + low[-1], 1 - most[:_ROWS].sum(), 0.0)
    others = certain, max(certain, 1 - least[:_ROWS].sum())
    ends = [*zip(least[:_ROWS], most[:_ROWS], strict=True), others]
    return [_between(float(a), float(b)) for a, b in ends]


def _as_listed(text: str) -> str:
    """Return a token with what would not be seen in a list spelled out: spaces at its ends, line breaks, tabs."""
    bare = text.strip(" ")
    before = len(text) - len(text.lstrip(" "))
    after = len(text) - before - len(bare)
    return "␣" * before + bare.replace("\n", "↵").replace("\t", "⇥") + "␣" * after


def _between(low: float, high: float) -> str:
    one, other = (share(0.0 if end < _NOISE else end) for end in (low, high))
    return one if one == other else _("%(low)s to %(high)s") % {"low": one, "high": other}


def _evenly(temperatures: Sequence[float]) -> list[float]:
    """Return at most `_COLUMNS` of them, the first and the last among them."""
    last = len(temperatures) - 1
    if last < _COLUMNS:
        return list(temperatures)
    return [temperatures[i] for i in sorted({round(j * last / (_COLUMNS - 1)) for j in range(_COLUMNS)})]
