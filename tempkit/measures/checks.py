"""Whether a completion says what its item's author knows to be true, and has the form that its author asked for.

A reference fact is a tuple of accepted wordings. Finding one is evidence that the fact was given, not proof: the text is
searched, not understood. So the report always shows the answers behind the number. A check is an assertion with promptfoo's
name and meaning; see `tempkit.measures.assertions`.
"""

from collections.abc import Sequence

from tempkit.i18n import N_
from tempkit.measures.assertions import CheckCosts, Similarity, decided
from tempkit.measures.base import Measure
from tempkit.measures.block import View, is_whole
from tempkit.measures.missing import Found, Missing, or_missing
from tempkit.measures.wording import contains, normalize
from tempkit.types import Check, Completion, Reason

__all__ = [
    "CHECK_PASS",
    "FACTS_RETURNED",
    "FACT_RECALL",
    "MEASURES",
    "check_pass",
    "check_passes",
    "checked",
    "fact_recall",
    "facts_found",
]


def _facts(view: View, completions: Sequence[Completion]) -> list[Found]:
    return [or_missing(fact_recall(c.text, view.item.facts), Reason("no_facts")) for c in completions]


def _checks(view: View, completions: Sequence[Completion]) -> list[Found]:
    found = checked(view)
    return [found[c.text] for c in completions]


FACT_RECALL = Measure(
    name="fact_recall",
    title=N_("Facts found"),
    family="checks",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="higher",
    of_completions=_facts,
    counted=N_("%(share)s of the facts"),
    min_n=1,
    needs=frozenset({"facts"}),
    needs_complete=True,
    definition=N_(
        "The share of a question's reference facts that an answer holds in one of the accepted wordings, ignoring case and "
        "matching whole words and numbers only. Truncated answers are left out, since what they would have gone "
        "on to say is not known. A fact that is mentioned only to be denied counts as found."
    ),
)

FACTS_RETURNED = Measure(
    name="facts_returned",
    title=N_("Facts found, truncated answers included"),
    family="checks",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="higher",
    of_completions=_facts,
    min_n=1,
    needs=frozenset({"facts"}),
    definition=N_(
        "The same share in every text as it was returned. For a truncated answer it is a lower bound: the rest "
        "could only have added facts."
    ),
)

CHECK_PASS = Measure(
    name="check_pass",
    title=N_("Checks passed"),
    family="checks",
    version=1,
    unit="share",
    low=0.0,
    high=1.0,
    direction="higher",
    of_completions=_checks,
    counted=N_("%(share)s of the checks"),
    min_n=1,
    needs=frozenset({"checks"}),
    needs_complete=True,
    definition=N_(
        "The share of a question's checks that an answer passes. Truncated answers are left out; so is an answer "
        "with a check that cannot be decided here, such as one that needs a judge."
    ),
    source=N_("promptfoo's deterministic assertions"),
)


MEASURES = (FACT_RECALL, FACTS_RETURNED, CHECK_PASS)


def checked(view: View) -> dict[str, float | Missing]:
    """Return the share of the item's checks that each text of a complete answer passes."""

    def made() -> dict[str, float | Missing]:
        texts = list(dict.fromkeys(c.text for cell in view.cells for c in cell.completions if is_whole(c)))
        similarity = view.similarity if view.resources.embedder else None
        found = check_passes(texts, view.item.checks, similarity, view.resources.costs)
        return dict(zip(texts, found, strict=True))

    return view.once("checks", made)


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


def check_pass(text: str, checks: Sequence[Check], similarity: Similarity | None = None) -> float | Missing:
    """Return the share of `checks` that `text` passes; see `check_passes`."""
    return check_passes([text], checks, similarity)[0]


def check_passes(
    texts: Sequence[str],
    checks: Sequence[Check],
    similarity: Similarity | None = None,
    costs: CheckCosts | None = None,
) -> list[float | Missing]:
    """Return for each text the share of `checks` that it passes, in [0, 1].

    Args:
        texts: Whole completions.
        checks: One or more.
        similarity: Returns the cosine of two texts, for `similar`; None where there is no embedder.
        costs: What the checks have cost before.

    Returns:
        Missing, with the reason, where any check cannot be decided: a share of the others would be of another thing.
    """
    if not checks:
        return [Missing(Reason("no_checks"))] * len(texts)
    by_check = [decided(check, texts, similarity, costs) for check in checks]
    return [_share(results) for results in zip(*by_check, strict=True)]


def _share(results: Sequence[bool | Missing]) -> float | Missing:
    undecided = next((result for result in results if isinstance(result, Missing)), None)
    return undecided or sum(result is True for result in results) / len(results)
