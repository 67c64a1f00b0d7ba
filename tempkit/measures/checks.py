"""Whether a completion says what its item's author knows to be true.

A reference fact is a tuple of accepted wordings. Finding one is evidence that the fact was given, not proof: the text is
searched, not understood. So the report always shows the answers behind the number.
"""

from tempkit.measures.base import Measure
from tempkit.measures.wording import contains, normalize

__all__ = ["FACTS_RETURNED", "FACT_RECALL", "fact_recall", "facts_found"]

FACT_RECALL = Measure(
    name="fact_recall",
    title="Facts found",
    unit="share",
    direction="higher",
    scope="completion",
    min_n=1,
    needs_whole=True,
    definition=(
        "The share of an item's reference facts that an answer holds in one of the accepted wordings, ignoring case and "
        "matching whole words and numbers only. Answers that were cut off are left out, since what they would have gone "
        "on to say is not known. A fact that is mentioned only to be denied counts as found."
    ),
)

FACTS_RETURNED = Measure(
    name="facts_returned",
    title="Facts found, cut-off answers included",
    unit="share",
    direction="higher",
    scope="completion",
    min_n=1,
    definition=(
        "The same share in every text as it was returned. For an answer that was cut off it is a lower bound: the rest "
        "could only have added facts."
    ),
)


def facts_found(text: str, facts: tuple[tuple[str, ...], ...]) -> tuple[bool, ...]:
    """Return for each fact whether `text` holds any of its wordings."""
    if not facts:
        return ()
    prepared = normalize(text)
    return tuple(any(contains(prepared, wording) for wording in fact) for fact in facts)


def fact_recall(text: str, facts: tuple[tuple[str, ...], ...]) -> float | None:
    """Return the share of `facts` that `text` holds, in [0, 1]; None when there are no facts to look for."""
    found = facts_found(text, facts)
    return sum(found) / len(found) if found else None
