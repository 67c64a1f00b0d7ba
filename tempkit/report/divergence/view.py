"""Where the samples of an item part, in words and lines: what the report's fork view is drawn from.

What the tree teaches is said first, in sentences computed from it: where samples diverge first and how open the choice was
there, what the coldest and the hottest samples do, and whether forks stand where entropy is high.
"""

import math
from collections.abc import Mapping
from typing import Any

from tempkit.report.divergence.branches import Branch, Fork, Rest, Segment
from tempkit.report.divergence.prefix_tree import Counts
from tempkit.report.divergence.summary import Departures, Divergence
from tempkit.report.text.text import count, enumerated, ngettext, number, share, temperature
from tempkit.report.text.text import gettext as _
from tempkit.report.text.vocabulary import ending_word

__all__ = ["forks"]

Places = Mapping[tuple[float, int], int]
"""Where a sample's tokens stand in the item's token block, by temperature and replicate."""

_WIDEST = 6.0
"""The entropy in nats that fills the bar at a fork."""

_HOTTEST = 2.0
"""The temperature of the hottest colour."""

_AT_ONCE = 3
"""How many single samples that leave at one fork are shown at once, where there are many."""


def forks(found: Divergence | None, places: Places) -> dict[str, Any] | None:
    """Return an item's fork view as JSON-able data; None where there is nothing to compare.

    `said` are sentences; one that quotes a text has it between its two parts. A segment's `counts` are pairs of a column,
    from 1, and the samples there; its `sample` is the place of its tokens in the item's token block.
    """
    if found is None:
        return None
    return {
        "said": _said(found),
        "notes": _notes(found),
        "n": found.n,
        "columns": [
            {
                "temperature": temperature(level.temperature),
                "heat": round(100 * min(1.0, max(0.0, level.temperature) / _HOTTEST)),
                "n": level.n,
                "said": _of_level(level),
            }
            for level in found.levels
        ],
        "branch": _branch(found.branch, found, places),
    }


def _said(found: Divergence) -> list[dict[str, str]]:
    if not found.levels:
        return []
    coldest, hottest = found.levels[0], found.levels[-1]
    sentences = [_together(found)]
    if found.branch[0].fork is not None or found.branch[0].passed.ways:
        if coldest.n > 1:
            sentences.append(_of_level(coldest))
        sentences += _departure(found, coldest)
        if hottest is not coldest and hottest.n > 1:
            sentences.append(_of_level(hottest))
        if found.at_forks is not None and found.elsewhere is not None:
            sentences.append(
                _(
                    "Entropy averages %(forks)s nats where samples diverge, and %(elsewhere)s nats where they go on together."
                )
                % {"forks": number(found.at_forks), "elsewhere": number(found.elsewhere)}
            )
    return [_quoting(sentence, found.before) for sentence in sentences]


_QUOTE = "%(text)s"


def _quoting(sentence: str, text: str) -> dict[str, str]:
    before, quote, after = sentence.partition(_QUOTE)
    return {"before": before, "quote": text if quote else "", "after": after}


def _together(found: Divergence) -> str:
    values = {
        "n": count(found.n),
        "num": count(found.shared),
        "text": _QUOTE,
        "entropy": _nats(found.entropy),
    }
    if found.branch[0].fork is None and not found.branch[0].passed.ways:
        return ngettext("There is only one sample.", "The %(n)s samples are alike.", found.n) % values
    if found.shared == 0 and found.entropy is None:
        return _("The %(n)s samples diverge at the first token.") % values
    if found.shared == 0:
        return _("The %(n)s samples diverge at the first token, where entropy is %(entropy)s.") % values
    if found.entropy is None:
        return (
            ngettext(
                "The %(n)s samples begin with the same token and diverge after %(text)s.",
                "The %(n)s samples begin with the same %(num)s tokens and diverge after %(text)s.",
                found.shared,
            )
            % values
        )
    return (
        ngettext(
            "The %(n)s samples begin with the same token and diverge after %(text)s, where entropy is %(entropy)s.",
            "The %(n)s samples begin with the same %(num)s tokens and diverge after %(text)s, where entropy is %(entropy)s.",
            found.shared,
        )
        % values
    )


def _of_level(level: Departures) -> str:
    values = {"t": temperature(level.temperature), "n": count(level.n), "texts": count(level.texts)}
    if level.n == 1:
        return _("At T = %(t)s there is one sample.") % values
    if level.first is None:
        return _("At T = %(t)s the %(n)s samples are alike.") % values
    if level.alone is not None:
        at = {**values, "token": count(level.alone + 1)}
        if level.alone == level.first:
            return (
                _(
                    "At T = %(t)s the %(n)s samples diverge at token %(token)s, and every one goes its own way."
                )
                % at
            )
        return _("At T = %(t)s every one of the %(n)s samples goes its own way from token %(token)s on.") % at
    at = {**values, "token": count(level.first + 1)}
    return (
        _("At T = %(t)s the %(n)s samples give %(texts)s texts, and diverge first at token %(token)s.") % at
    )


def _departure(found: Divergence, coldest: Departures) -> list[str]:
    left = found.departure
    if left is None:
        return []
    values = {
        "t": temperature(left.temperature),
        "n": count(left.n),
        "of": count(left.of),
        "cold": temperature(coldest.temperature),
        "token": count(left.first + 1),
    }
    phrase = ngettext(
        "The answers start to differ at T = %(t)s: %(n)s of %(of)s leaves the text of T = %(cold)s, at token %(token)s.",
        "The answers start to differ at T = %(t)s: %(n)s of %(of)s leave the text of T = %(cold)s, the first at token %(token)s.",
        left.n,
    )
    return [phrase % values]


def _notes(found: Divergence) -> list[str]:
    notes = []
    if not found.levels:
        return [_("Where these samples diverge is not known: they came without tokens.")]
    if found.kind == "tempered":
        notes.append(
            _(
                "Probabilities here are those after temperature, so they are given only where all samples at a fork have the "
                "same temperature."
            )
        )
    elif found.kind != "raw":
        notes.append(
            _(
                "The provider does not say whether temperature is in its probabilities, so they are given only where all "
                "samples at a fork have the same temperature."
            )
        )
    if found.missing:
        notes.append(
            ngettext(
                "%(n)s sample came without tokens and is not in the tree.",
                "%(n)s samples came without tokens and are not in the tree.",
                found.missing,
            )
            % {"n": count(found.missing)}
        )
    return notes


def _branch(branch: Branch, found: Divergence, places: Places) -> list[dict[str, Any]]:
    return [_segment(segment, found, places) for segment in branch]


def _segment(segment: Segment, found: Divergence, places: Places) -> dict[str, Any]:
    column, replicate = segment.sample
    return {
        "chance": None if segment.logprob is None else _chance(segment.logprob),
        "head": segment.head,
        "text": segment.text,
        "tail": segment.tail,
        "cut": segment.cut,
        "tokens": segment.tokens,
        **_counted(segment.counts, found),
        "passed": _rest(segment.passed, found, along=True),
        "endings": [
            {"word": ending_word(finish) or _("ends here"), "plain": finish == "stop", "n": n}
            for finish, n in segment.endings
        ],
        "sample": places.get((found.levels[column].temperature, replicate)),
        "fork": None if segment.fork is None else _fork(segment.fork, found, places),
    }


def _fork(fork: Fork, found: Divergence, places: Places) -> dict[str, Any]:
    ways = list(fork.ways)
    singles = [way for way in ways if sum(way[0].counts) == 1]
    folded = singles[_AT_ONCE:] if len(singles) > _AT_ONCE + 2 else []
    shown = ways[: len(ways) - len(folded)]  # single samples stand last
    folding = Rest()
    for way in folded:
        folding += Rest(ways=1, counts=way[0].counts)
    low, high = fork.entropy or (None, None)
    return {
        "position": count(fork.position),
        "entropy": None if fork.entropy is None else _nats(fork.entropy),
        "bar": None
        if low is None or high is None
        else [round(100 * min(1.0, end / _WIDEST)) for end in (low, high)],
        "ways": [_branch(way, found, places) for way in shown],
        "folded": _rest(folding, found, along=False),
        "in_fold": [_branch(way, found, places) for way in folded],
        "rest": _rest(fork.rest, found, along=False),
    }


def _rest(rest: Rest, found: Divergence, *, along: bool) -> dict[str, Any] | None:
    if not rest.ways:
        return None
    n = sum(rest.counts)
    values = {"n": count(n), "ways": count(rest.ways)}
    if along:
        said = ngettext("%(n)s sample leaves along here", "%(n)s samples leave along here", n) % values
    elif n == rest.ways:
        said = ngettext("and %(n)s more", "and %(n)s more, each once", n) % values
    else:
        said = (
            ngettext("and %(n)s more samples, one way", "and %(n)s more samples, %(ways)s ways", rest.ways)
            % values
        )
    return {"said": said, **_counted(rest.counts, found)}


def _counted(counts: Counts, found: Divergence) -> dict[str, Any]:
    n = sum(counts)
    where = [
        _("%(n)s at %(t)s") % {"n": count(here), "t": temperature(level.temperature)}
        for here, level in zip(counts, found.levels, strict=True)
        if here
    ]
    label = where[0] if n == 1 else _("%(n)s: %(where)s") % {"n": count(n), "where": enumerated(where)}
    return {"n": n, "counts": [[i, here] for i, here in enumerate(counts, 1) if here], "label": label}


def _nats(bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return number(None)
    low, high = number(bounds[0]), number(bounds[1])
    if low == high:
        return _("%(value)s nats") % {"value": low}
    return _("%(low)s to %(high)s nats") % {"low": low, "high": high}


def _chance(logprob: float) -> str:
    """Return a probability in few characters: 36 %, 1 in 250."""
    if logprob >= math.log(0.01):
        return share(math.exp(logprob))
    if logprob < math.log(1e-6):
        return _("<1 in 10⁶")
    return _("1 in %(number)s") % {"number": count(int(float(f"{math.exp(-logprob):.2g}")))}
