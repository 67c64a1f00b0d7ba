"""How much the completions of one cell differ from each other.

Only exact identity is counted here: it needs no language, no embedder and no threshold, and nobody can argue with it.
"""

from collections.abc import Sequence

from tempkit.measures.base import Measure

__all__ = ["DISTINCT_SHARE", "distinct_share"]

DISTINCT_SHARE = Measure(
    name="distinct_share",
    title="Distinct answers",
    unit="share",
    direction="neither",
    scope="cell",
    min_n=2,
    definition=(
        "Different texts among the answers to one item at one temperature, divided by the number of answers. Texts are "
        "compared character by character as they were returned, cut-off ones too. It depends on the number of answers: "
        "compare only cells with equally many."
    ),
)


def distinct_share(texts: Sequence[str]) -> float | None:
    """Return the number of different texts divided by the number of texts, in (0, 1]; None for fewer than two.

    One text is always distinct from itself, so a single sample says nothing about how answers vary.
    """
    if len(texts) < DISTINCT_SHARE.min_n:
        return None
    return len(set(texts)) / len(texts)
