"""Count n-grams of many short texts at once.

The texts of a cell are laid end to end as numbers, one per word, and every n-gram becomes one number: then counting is
sorting. An n-gram never runs from one text into the next. Work grows with the number of words, not with pairs of texts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["distinct_ngrams", "even_lengths", "self_bleu_score"]

Ints = NDArray[np.integer[Any]]

_ORDERS = 4
_LARGEST = 2**62


def even_lengths(lengths: Sequence[int], budget: int) -> list[int]:
    """Return how much of each text to take so that `budget` is used up as evenly as the texts allow.

    Every text is cut to one common length, the first few to one more, so that all of them take part. Where the texts
    together hold no more than `budget`, they are taken whole.
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    low, high = 0, int(sizes.max(initial=0))
    while low < high:  # the longest common length that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if np.minimum(sizes, middle).sum() <= budget else (low, middle - 1)
    taken = np.minimum(sizes, low)
    longer = np.flatnonzero(sizes > low)[: budget - int(taken.sum())]
    taken[longer] += 1
    return [int(size) for size in taken]


def distinct_ngrams(texts: Sequence[Ints], n: int) -> float | None:
    """Return different n-grams divided by all n-grams, in (0, 1]; None when no text has `n` words.

    Args:
        texts: Word numbers, one array per text; equal numbers for equal words.
        n: Words to an n-gram.
    """
    grams, _ = _ngrams(*_joined(texts), n)
    return len(np.unique(grams)) / len(grams) if len(grams) else None


def self_bleu_score(texts: Sequence[Ints]) -> float:
    """Return the mean BLEU of each text against all others as its references, in [0, 1]; `texts` are 2 or more, none empty.

    BLEU-4 of one sentence (Papineni et al. 2002): clipped n-gram precisions for n = 1 to 4, as far as the text is long
    enough; a precision of zero is halved away (smoothing 3 of Chen & Cherry 2014); the brevity penalty is against the
    reference closest in length, the shorter of two. Averaged as in Zhu et al. 2018 (arXiv 1802.01886).
    """
    ids, owners = _joined(texts)
    lengths = np.array([len(text) for text in texts])
    halving = np.ones(len(texts))
    logs, any_match = np.zeros(len(texts)), np.zeros(len(texts), dtype=bool)
    for n in range(1, _ORDERS + 1):
        matches = _clipped_matches(*_ngrams(ids, owners, n), len(texts))
        totals = lengths - n + 1
        has, found = totals > 0, matches > 0
        any_match |= found
        halving = np.where(has & ~found, halving * 2, halving)
        precision = np.where(found, matches, 1 / halving) / np.maximum(totals, 1)
        logs += np.where(has, np.log(precision), 0.0)
    scores = np.exp(logs / np.minimum(lengths, _ORDERS))
    brevity = np.exp(np.minimum(0.0, 1 - _closest_lengths(lengths) / lengths))
    return float(np.where(any_match, np.minimum(scores * brevity, 1.0), 0.0).mean())


def _joined(texts: Sequence[Ints]) -> tuple[Ints, Ints]:
    ids = np.concatenate([np.empty(0, np.int64), *texts])
    return ids, np.repeat(np.arange(len(texts)), [len(text) for text in texts])


def _ngrams(ids: Ints, owners: Ints, n: int) -> tuple[Ints, Ints]:
    """Return a number for each n-gram inside one text, equal for equal n-grams, and the text that it is in."""
    count = max(len(ids) - n + 1, 0)
    base = int(ids.max(initial=0)) + 1
    keys, largest = ids[:count], base
    for i in range(1, n):
        if largest > _LARGEST // base:
            _, keys = np.unique(keys, return_inverse=True)
            largest = int(keys.max(initial=0)) + 1
        keys, largest = keys * base + ids[i : i + count], largest * base
    inside = owners[:count] == owners[n - 1 : n - 1 + count]
    return keys[inside], owners[:count][inside]


def _clipped_matches(grams: Ints, owners: Ints, texts: int) -> Ints:
    """Return for each text how many of its n-grams another text has too, each at most as often as any other has it."""
    if not len(grams):
        return np.zeros(texts, dtype=np.int64)
    _, numbered = np.unique(grams, return_inverse=True)
    pairs, counts = np.unique(numbered * texts + owners, return_counts=True)
    gram, owner = pairs // texts, pairs % texts
    order = np.lexsort((-counts, gram))
    gram, owner, counts = gram[order], owner[order], counts[order]
    first = np.ones(len(gram), dtype=bool)
    first[1:] = gram[1:] != gram[:-1]
    starts = np.flatnonzero(first)
    sizes = np.diff(np.append(starts, len(gram)))
    most = counts[starts]
    second = np.where(sizes > 1, counts[np.minimum(starts + 1, len(counts) - 1)], 0)
    limit = np.repeat(most, sizes)
    limit[starts] = second
    return np.bincount(owner, np.minimum(counts, limit), texts).astype(np.int64)


def _closest_lengths(lengths: Ints) -> NDArray[np.float64]:
    """Return for each text the length of another one that is closest to its own, the shorter of two."""
    order = np.argsort(lengths, kind="stable")
    ranked = lengths[order].astype(np.float64)
    shorter = np.concatenate([[-np.inf], ranked[:-1]])
    longer = np.concatenate([ranked[1:], [np.inf]])
    closest = np.empty(len(lengths))
    closest[order] = np.where(ranked - shorter <= longer - ranked, shorter, longer)
    return closest
