"""How much the completions of one cell differ from each other.

Exact identity needs no language, no embedder and no threshold, so it comes first. Everything else depends on how many
texts there are and how long they are, and temperature changes the length of answers: so the cells of one item and model
are compared on equally many texts and on equally many words, or bytes, of them.
"""

import zlib
from collections.abc import Sequence

from tempkit.i18n import N_
from tempkit.measures.base import Measure, OfCell
from tempkit.measures.block import Cell, View
from tempkit.measures.missing import Found, Missing, or_missing
from tempkit.measures.ngrams import Ints, distinct_ngrams, even_lengths, self_bleu_score
from tempkit.measures.samples import known, shared_budget
from tempkit.measures.vectors import Floats, mean_cosine, vendi
from tempkit.types import Completion, Reason

__all__ = [
    "COMPRESSION",
    "COSINE_DISTANCE",
    "DISTINCT",
    "DISTINCT_SHARE",
    "LEAST_BYTES",
    "LEAST_WORDS",
    "MEASURES",
    "SELF_BLEU",
    "VENDI",
    "compression_ratio",
    "cosine_distance",
    "distinct_n",
    "distinct_share",
    "self_bleu",
    "vendi_score",
]

LEAST_WORDS = 20
"""A cell whose texts hold fewer words together has no distinct-n: its few words would set the budget of all others."""

LEAST_BYTES = 200
"""The same for the compression ratio: below it, zlib's own header decides."""


def _distinct_share(_: View, __: Cell, completions: Sequence[Completion]) -> Found:
    return known(distinct_share([c.text for c in completions]))


def _distinct_n(n: int) -> OfCell:
    def taken(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
        budget = shared_budget(view, DISTINCT[n], LEAST_WORDS, lambda c: len(view.word_ids(c.text)))
        texts = [view.word_ids(c.text) for c in completions]
        if budget is None or sum(map(len, texts)) < budget:
            return Missing(Reason("few_words"))
        return or_missing(distinct_n(texts, n, budget), Reason("short_answers", n=n))

    return taken


def _self_bleu(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return known(self_bleu([view.word_ids(c.text) for c in completions]))


def _cosine_distance(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return known(cosine_distance(view.vectors.rows([c.text for c in completions])))


def _vendi(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    return known(vendi_score(view.vectors.rows([c.text for c in completions])))


def _compression(view: View, _: Cell, completions: Sequence[Completion]) -> Found:
    budget = shared_budget(view, COMPRESSION, LEAST_BYTES, lambda c: len(_bytes(c)))
    texts = [_bytes(c) for c in completions]
    if budget is None or sum(map(len, texts)) < budget:
        return Missing(Reason("few_characters"))
    return known(compression_ratio(texts, budget))


def _bytes(completion: Completion) -> bytes:
    return completion.text.encode("utf-8", "surrogatepass")


DISTINCT_SHARE = Measure(
    name="distinct_share",
    title=N_("Distinct answers"),
    family="diversity",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="neither",
    of_cell=_distinct_share,
    min_n=2,
    needs=frozenset(),
    definition=N_(
        "Different texts among the answers to one question at one temperature, divided by the number of answers. Texts are "
        "compared character by character as they were returned, truncated ones too. It depends on the number of answers: "
        "compare only where there are equally many."
    ),
)


def _distinct(n: int, title: str, definition: str) -> Measure:
    return Measure(
        name=f"distinct_{n}",
        title=title,
        family="diversity",
        version=1,
        unit="share",
        low=0.0,
        high=1.0,
        direction="neither",
        of_cell=_distinct_n(n),
        min_n=2,
        needs=frozenset({"words"}),
        equal_n=True,
        definition=definition,
        source="Li et al. 2016, arXiv 1510.03055",
    )


DISTINCT = {
    1: _distinct(
        1,
        N_("Distinct words"),
        N_(
            "Different words divided by all words in the answers to one question at one temperature. Every temperature of a question is "
            "given equally many answers and equally many words, cut evenly from the answers' beginnings, because the figure "
            "falls as texts get longer."
        ),
    ),
    2: _distinct(
        2,
        N_("Distinct word pairs"),
        N_(
            "Different word pairs divided by all word pairs in the answers to one question at one temperature, none of them "
            "running from one answer into the next. Every temperature of a question is given equally many answers and equally "
            "many words, cut evenly from the answers' beginnings, because the figure falls as texts get longer."
        ),
    ),
    3: _distinct(
        3,
        N_("Distinct word triples"),
        N_(
            "Different word triples divided by all word triples in the answers to one question at one temperature, none of them "
            "running from one answer into the next. Every temperature of a question is given equally many answers and equally "
            "many words, cut evenly from the answers' beginnings, because the figure falls as texts get longer."
        ),
    ),
}
"""By the number of words to an n-gram."""

SELF_BLEU = Measure(
    name="self_bleu",
    title=N_("Self-BLEU"),
    family="diversity",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="neither",
    of_cell=_self_bleu,
    min_n=2,
    needs=frozenset({"words"}),
    equal_n=True,
    definition=N_(
        "How much of each answer's wording can be found in the other answers to the question at the same temperature: BLEU of each "
        "against all others, averaged. 1: every answer repeats others word for word; low: each has its own wording."
    ),
    source=N_(
        "Zhu et al. 2018, arXiv 1802.01886; BLEU: Papineni et al. 2002; smoothing 3 of Chen & Cherry 2014"
    ),
)

COSINE_DISTANCE = Measure(
    name="cosine_distance",
    title=N_("Mean distance between answers"),
    family="diversity",
    version=2,
    unit="distance",
    low=0.0,
    high=2.0,
    direction="neither",
    of_cell=_cosine_distance,
    min_n=2,
    needs=frozenset({"text", "embedder"}),
    definition=N_(
        "One minus the cosine of two answers' sentence embeddings, averaged over all pairs of answers to one question at one "
        "temperature, truncated ones with the text that there is. Nonsense is far from everything: read it beside a measure of quality."
    ),
)

VENDI = Measure(
    name="vendi",
    title=N_("Vendi score"),
    family="diversity",
    version=1,
    unit="count",
    low=1.0,
    high=None,
    direction="neither",
    of_cell=_vendi,
    min_n=2,
    needs=frozenset({"text", "embedder"}),
    needs_complete=True,
    equal_n=True,
    definition=N_(
        "The effective number of different answers to one question at one temperature: 1 when all say the same, as many as "
        "there are answers when none is like another. Made from the cosines of their sentence embeddings."
    ),
    source="Friedman & Dieng 2023, arXiv 2210.02410",
)

COMPRESSION = Measure(
    name="compression_ratio",
    title=N_("Compression ratio"),
    family="diversity",
    version=1,
    unit="ratio",
    low=0.0,
    high=None,
    direction="neither",
    of_cell=_compression,
    min_n=2,
    needs=frozenset({"text"}),
    equal_n=True,
    definition=N_(
        "Bytes of the answers to one question at one temperature divided by their bytes after compression: the more they "
        "repeat, the higher. Every temperature of a question is given equally many answers and equally many bytes, since "
        "longer texts compress better."
    ),
    source="Shaib et al. 2024, arXiv 2403.00553",
)

MEASURES = (DISTINCT_SHARE, *DISTINCT.values(), SELF_BLEU, COSINE_DISTANCE, VENDI, COMPRESSION)


def distinct_share(texts: Sequence[str]) -> float | None:
    """Return the number of different texts divided by the number of texts, in (0, 1]; None for fewer than two.

    One text is always distinct from itself, so a single sample says nothing about how answers vary.
    """
    if len(texts) < DISTINCT_SHARE.min_n:
        return None
    return len(set(texts)) / len(texts)


def distinct_n(texts: Sequence[Ints], n: int, budget: int) -> float | None:
    """Return distinct-n of `budget` words taken evenly from the texts, in (0, 1].

    Args:
        texts: Word numbers, one array per text; equal numbers for equal words.
        n: Words to an n-gram, 1 or more.
        budget: Words to look at; the same for all cells that are compared.

    Returns:
        None for fewer than two texts, for texts with fewer words than `budget`, or where none has `n` words.
    """
    if len(texts) < DISTINCT[1].min_n or sum(map(len, texts)) < budget:
        return None
    taken = even_lengths([len(text) for text in texts], budget)
    return distinct_ngrams([text[:length] for text, length in zip(texts, taken, strict=True)], n)


def self_bleu(texts: Sequence[Ints]) -> float | None:
    """Return self-BLEU in [0, 1] of texts given as word numbers; None for fewer than two, or where one has no word."""
    if len(texts) < SELF_BLEU.min_n or not all(len(text) for text in texts):
        return None
    return self_bleu_score(texts)


def cosine_distance(rows: Floats) -> float | None:
    """Return one minus the mean cosine of unit vectors, shape (n, d), in [0, 2]; None for fewer than two."""
    return 1.0 - mean_cosine(rows) if len(rows) >= COSINE_DISTANCE.min_n else None


def vendi_score(rows: Floats) -> float | None:
    """Return the Vendi score of unit vectors, shape (n, d), in [1, n]; None for fewer than two."""
    return vendi(rows) if len(rows) >= VENDI.min_n else None


def compression_ratio(texts: Sequence[bytes], budget: int) -> float | None:
    """Return bytes before divided by bytes after compression, over `budget` bytes taken evenly from the texts.

    Returns:
        None for fewer than two texts or for texts with fewer bytes than `budget`.
    """
    if len(texts) < COMPRESSION.min_n or sum(map(len, texts)) < budget:
        return None
    taken = even_lengths([len(text) for text in texts], budget)
    joined = b"".join(text[:length] for text, length in zip(texts, taken, strict=True))
    return len(joined) / len(zlib.compress(joined, 9)) if joined else None
